"""Runs the script as `sentry exec` does, against the Sentry beside this file.

Standard input has {"script", "cases": [{"seed", "runs": [{"args", ...}]}]}, standard
output for each case the results of its runs. Each case has a database of its own,
and each run a process.
"""

import inspect
import json
import os
import sys
import tempfile
import traceback

import django
from django.conf import settings

FOLDER = tempfile.mkdtemp()
DATABASE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.path.join(FOLDER, "none.db"),
    "OPTIONS": {"init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY"},  # a test waits for no disk
}
settings.configure(INSTALLED_APPS=["sentry"], DATABASES={"default": DATABASE}, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True)
django.setup()

import sentry
import sentry.auth.services.auth as services
import sentry.options
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from sentry import fault
from sentry.models import authprovider


def forked(work, out=None, err=None):
    """The exit code of work, in a process of its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        if out is not None:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
        work()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def seed(data):
    from sentry.models import AuthIdentity, AuthProvider, OrganizationMapping, OrganizationMember, User
    from sentry.models.organizationmapping import Organization

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("sentry").get_models():
            editor.create_model(model)
    Organization.objects.create(id=7)
    OrganizationMapping.objects.create(organization_id=7, slug="acme")
    for number, (role, active) in enumerate(data.get("members") or [["owner", False], ["owner", True], ["member", True]], 1):
        user = User.objects.create(id=number, is_active=active, is_managed=True)
        OrganizationMember.objects.create(organization_id=7, user_id=user.id, role=role)
    OrganizationMember.objects.create(organization_id=7, role="owner")  # an invitation
    if data.get("provider"):
        provider = AuthProvider(organization_id=7, provider=data["provider"], config=data["config"], flags=data.get("flags", 0))
        provider.save()
        for user in data.get("linked") or []:
            AuthIdentity.objects.create(auth_provider=provider, user_id=user, ident=str(user))
        if data.get("token"):
            apps.get_model("sentry", "SentryAppInstallationToken").objects.create(
                organization_id=7, provider=data["provider"] + "_scim", user_id=2, token=data["token"]
            )


def state():
    rows = {}
    for model in apps.get_app_config("sentry").get_models():
        rows[model.__name__] = list(model.objects.order_by("pk").values())
    print(json.dumps(rows, default=int, sort_keys=True))


def without(path):
    """Takes a name away: of a module, a class, a field, a flag or a parameter."""
    if path.startswith("module "):
        sys.modules[path.removeprefix("module ")] = None
    elif path.startswith("flag "):
        authprovider.FLAGS.remove(path.removeprefix("flag "))
    elif path.startswith("field "):
        model, field = path.removeprefix("field ").rsplit(".", 1)
        meta = apps.get_model("sentry", model)._meta
        get = meta.get_field

        def get_field(name):
            if name == field:
                raise FieldDoesNotExist(name)
            return get(name)

        meta.get_field = get_field
    elif path.startswith("parameter "):
        call, _, name = path.removeprefix("parameter ").partition(" ")
        owner = services.AuthService if hasattr(services.AuthService, call) else authprovider
        signature = inspect.signature(getattr(owner, call))
        rest = [p for p in signature.parameters.values() if p.name != name]

        def other(*args, **kwargs):
            raise AssertionError("called")

        other.__signature__ = signature.replace(parameters=rest)
        setattr(owner, call, other)
    elif path:
        module, name = path.rsplit(".", 1)
        delattr(sys.modules[module], name)
        if module == "sentry":
            sys.modules["sentry." + name] = None


def execute(script, run):
    fault.failing = run.get("fail", "")
    sentry.VERSION = run.get("release") or sentry.VERSION
    sentry.options.PREFIX = run.get("prefix") or sentry.options.PREFIX
    without(run.get("without", ""))
    print("a plugin says hello")
    # As `sentry exec` does: the body stands in a try statement, four blanks further
    # in, and the script's own arguments begin after "exec" and the file.
    assert "from __future__" not in script and "from sentry.runner import configure" not in script
    body = "try:\n    " + script.replace("\n", "\n    ")
    body += "\nexcept Exception:\n    import traceback\n    traceback.print_exc()\n    raise SystemExit(99)\n"
    sys.argv = ["exec", "-", *run["args"]]
    names = {"__name__": "__main__", "__file__": "<script>"}
    exec(compile(body, "<string>", "exec"), names, names)


def carry_out(script, run):
    results = {}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        results["code"] = forked(lambda: execute(script, run), out, err)
        for name, file in (("stdout", out), ("stderr", err)):
            file.seek(0)
            results[name] = file.read()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        forked(state, out, err)
        out.seek(0)
        results["state"] = json.loads(out.read())
    return results


def main():
    task = json.load(sys.stdin)
    answers = []
    for number, case in enumerate(task["cases"]):
        connection.settings_dict["NAME"] = os.path.join(FOLDER, f"{number}.db")
        assert forked(lambda: seed(case.get("seed") or {})) == 0
        answers.append([carry_out(case.get("script") or task["script"], run) for run in case["runs"]])
    json.dump(answers, sys.stdout)


main()
