# Sets SAML and SCIM of one organization up in a self-hosted Sentry, without a
# browser. 'sentryidp sentry script' wrote it from a configuration.
#
#   sentry exec FILE ACTION [--apply]        FILE is - where the script comes by standard input
#
# Each action says what it would change, and writes nothing without --apply.
# Standard output has one line for programs: SENTRYIDP and a report in JSON.
#
# It uses Sentry's internals, which can change with each release. All that it relies
# on is listed below, and is checked before anything is written.

import argparse
import base64
import hashlib
import inspect
import json
import operator
import os
import re
import sys
import traceback

# The configuration, the actions, and what each of them relies on.
GIVEN = json.loads(
    r'@GIVEN@'
)
ACTIONS = json.loads(
    r'@ACTIONS@'
)
RELIES_ON = json.loads(
    r'@RELIES_ON@'
)
RELEASES = json.loads(r'@RELEASES@')
MARK = "SENTRYIDP "
SAML = "saml2"
# All keys that Sentry's own code reads; it fails where one is absent.
KEYS = {
    "idp": ["entity_id", "sso_url", "slo_url", "x509cert"],
    "attribute_mapping": ["identifier", "user_email", "first_name", "last_name"],
}


class Stop(Exception):
    # Ends a run with words and an exit code. What a transaction wrote is undone.
    def __init__(self, words, code=1):
        super().__init__(words)
        self.code = code


def say(words):
    print(words, file=sys.stderr)


# ---- what the script relies on


class Names:
    # Sentry's classes and services, by the names that RELIES_ON has for them. All
    # that is missing is found at once.
    def __init__(self, action):
        self.missing = []
        for name in RELIES_ON:
            if action in name["for"]:
                setattr(self, name["name"], self.find(name))

    def find(self, name):
        path = name["module"] + "." + name["name"]
        try:
            found = getattr(__import__(name["module"], fromlist=[name["name"]]), name["name"])
        except (ImportError, AttributeError):
            self.missing.append(path)
            return None
        for field in name["fields"]:
            if not has_field(found, field):
                self.missing.append(path + "." + field)
        for flag in name["flags"]:
            if not hasattr(getattr(found, "flags", None), flag):
                self.missing.append(path + ".flags." + flag)
        for call, wanted in name["calls"].items():
            if not takes(found, call, wanted):
                self.missing.append(path + "." + call + "(" + ", ".join(wanted) + ")")
        return found


def has_field(model, field):
    try:
        model._meta.get_field(field)
    except Exception:  # Django's own error, or no model at all
        return False
    return True


def takes(owner, call, wanted):
    try:
        parameters = inspect.signature(operator.attrgetter(call)(owner)).parameters
    except (AttributeError, LookupError, TypeError, ValueError):  # LookupError: no service for this silo
        return False
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    return anything or all(name in parameters for name in wanted)


def release():
    try:
        import sentry
    except ImportError:
        return "unknown"
    version = str(getattr(sentry, "VERSION", ""))
    return version if re.fullmatch(r"[0-9A-Za-z.+-]{1,40}", version) else "unknown"


def was_read(version):
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if not numbers:
        return False
    month = [int(numbers[1]), int(numbers[2])]
    return RELEASES[0] <= month <= RELEASES[1]


# ---- what Sentry has


def read(sentry, lock=False):
    mapping = sentry.OrganizationMapping.objects.filter(slug=GIVEN["org"]).first()
    if mapping is None:
        raise Stop(f"expected an organization with the slug {GIVEN['org']} but found none")
    rows = sentry.AuthProvider.objects.filter(organization_id=mapping.organization_id)
    provider = (rows.select_for_update() if lock else rows).first()
    return mapping.organization_id, provider


def part(provider, name):
    config = provider.config if isinstance(provider.config, dict) else {}
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def der(text):
    # The bytes of a certificate in PEM or bare base64; None where it is neither.
    body = re.sub(r"-----[A-Z0-9 ]+-----|\s", "", str(text or ""))
    try:
        return base64.b64decode(body, validate=True) or None
    except ValueError:
        return None


def certificate(text):
    # A fingerprint and an end, never the text: by mistake it may be a private key.
    data = der(text)
    if data is None:
        return None
    digest = hashlib.sha256(data).hexdigest().upper()
    return {"sha256": ":".join(re.findall("..", digest)), "not_after": not_after(data)}


def not_after(data):
    try:
        from cryptography import x509

        return x509.load_der_x509_certificate(data).not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    except Exception:  # an older library, or no certificate
        return None


def text(value):
    # A setting, unless it is no text, or is a key that went into the wrong field.
    return value if isinstance(value, str) and "PRIVATE KEY" not in value else None


def described(provider):
    # All of a provider but what could be a key.
    if provider is None:
        return None
    idp, mapping = part(provider, "idp"), part(provider, "attribute_mapping")
    return {
        "key": provider.provider,
        "entity_id": text(idp.get("entity_id")),
        "sso_url": text(idp.get("sso_url")),
        "slo_url": text(idp.get("slo_url")),
        "certificate": certificate(idp.get("x509cert")),
        "attribute_mapping": {key: text(mapping.get(key)) for key in KEYS["attribute_mapping"]},
        "absent": [group + "." + key for group, keys in KEYS.items() for key in keys if key not in part(provider, group)],
        "advanced": sorted(str(key) for key in part(provider, "advanced")),
        "sso_required": not provider.flags.allow_unlinked,
        "scim_enabled": bool(provider.flags.scim_enabled),
    }


def owners(sentry, organization):
    # The active accounts of the owners, oldest first.
    rows = sentry.OrganizationMember.objects.filter(organization_id=organization, role="owner", user_id__isnull=False)
    ids = list(rows.values_list("user_id", flat=True))
    return sentry.User.objects.filter(id__in=ids, is_active=True).order_by("id")


def linked(sentry, provider, users):
    if provider is None:
        return 0
    ids = list(users.values_list("id", flat=True))
    return sentry.AuthIdentity.objects.filter(auth_provider=provider, user_id__in=ids).count()


def identities(sentry, provider):
    return 0 if provider is None else sentry.AuthIdentity.objects.filter(auth_provider=provider).count()


def prefix(sentry):
    return str(sentry.options.get("system.url-prefix") or "").rstrip("/")


def scim_url(sentry):
    return f"{prefix(sentry)}/api/0/organizations/{GIVEN['org']}/scim/v2"


def scim_token(sentry, organization, provider):
    return sentry.SentryAppInstallationToken.objects.get_token(organization, provider.provider + "_scim")


# ---- what is to change


class Change:
    def __init__(self, words, write, fields=()):
        self.words = words
        self.write = write
        self.fields = list(fields)  # {"field", "from", "to"}


def shown(key, value):
    if key != "x509cert":
        return text(value)
    found = certificate(value)
    return found["sha256"] if found else ("unreadable" if value else value)


def same(key, have, want):
    if key == "x509cert" and der(have) is not None:
        return der(have) == der(want)
    return have == want


def differences(provider, groups):
    found = []
    for group, wanted in groups.items():
        have = part(provider, group)
        for key, value in wanted.items():
            if key not in have or not same(key, have[key], value):
                found.append({"field": group + "." + key, "from": shown(key, have.get(key)), "to": shown(key, value)})
    return found


def wanted_groups(provider):
    # A logout address that is not given keeps its value; Sentry needs the key.
    idp = dict(GIVEN["idp"])
    if idp["slo_url"] is None and provider is not None:
        idp["slo_url"] = part(provider, "idp").get("slo_url")
    return {"idp": idp, "attribute_mapping": GIVEN["attribute_mapping"]}


def merged(provider, groups):
    config = dict(provider.config) if isinstance(provider.config, dict) else {}
    for group, wanted in groups.items():
        config[group] = {**part(provider, group), **wanted}
    return config


def store(provider, groups):
    provider.config = merged(provider, groups)
    provider.save()


def expect_provider(provider):
    if provider is None:
        raise Stop("expected a SAML provider but found none: run the action 'saml' first")


def plan_saml(sentry, organization, provider):
    groups = wanted_groups(provider)
    if provider is None:
        empty = sentry.AuthProvider(provider=SAML, config={})

        def create():
            made = sentry.AuthProvider.objects.create(organization_id=organization, provider=SAML, config=merged(empty, groups))
            require(made, False)

        return [Change("create the SAML provider; SSO stays optional until the action 'sso-required'", create, differences(empty, groups))]
    if provider.provider != SAML:
        raise Stop(
            f"expected the provider {SAML} but found {provider.provider}: "
            "the action 'certificate' replaces its certificate, and 'sso-off' deletes it"
        )
    found = differences(provider, groups)
    return [Change("update the SAML provider", lambda: store(provider, groups), found)] if found else []


def plan_certificate(sentry, organization, provider):
    expect_provider(provider)
    if "x509cert" not in part(provider, "idp"):
        raise Stop(f"expected a SAML provider but found {provider.provider}, which has no certificate")
    groups = {"idp": {"x509cert": GIVEN["idp"]["x509cert"]}}
    found = differences(provider, groups)
    return [Change("replace the certificate", lambda: store(provider, groups), found)] if found else []


def plan_scim(sentry, organization, provider):
    expect_provider(provider)
    if provider.flags.scim_enabled:
        if not scim_token(sentry, organization, provider):
            raise Stop("SCIM is on and has no token, as its integration was deleted: switch SCIM off and on in Settings > Auth")
        return []
    user = owners(sentry, organization).first()
    if user is None:
        raise Stop("expected an owner with an active account, who SCIM is switched on for, but found none")

    def enable():
        sentry.auth_service.change_scim(
            user_id=user.id, provider_id=provider.id, enabled=True, allow_unlinked=bool(provider.flags.allow_unlinked)
        )

    return [Change(f"switch SCIM on, for the owner with the user ID {user.id}", enable)]


def require(provider, required):
    provider.flags.allow_unlinked = not required
    provider.save()


def plan_optional(sentry, organization, provider):
    expect_provider(provider)
    if provider.flags.allow_unlinked:
        return []
    return [Change("make SSO optional: members can log in with a password too", lambda: require(provider, False))]


def plan_required(sentry, organization, provider):
    expect_provider(provider)
    if not provider.flags.allow_unlinked:
        return []
    if not linked(sentry, provider, owners(sentry, organization)):
        raise Stop("no owner has logged in by SSO yet, and without one everybody could be locked out: log in by SSO first")
    return [Change("require SSO of all members", lambda: require(provider, True))]


def plan_off(sentry, organization, provider):
    if provider is None:
        return []
    count = identities(sentry, provider)
    words = f"delete the provider {provider.provider} and the links of {count} accounts to it"
    if provider.flags.scim_enabled:
        words += ", and switch SCIM off, which deletes its token"
    if part(provider, "advanced"):
        words += "; its advanced settings are in no report"
    return [Change(words, lambda: sentry.auth_service.disable_provider(provider_id=provider.id))]


PLANS = {
    "saml": plan_saml,
    "certificate": plan_certificate,
    "scim": plan_scim,
    "sso-optional": plan_optional,
    "sso-required": plan_required,
    "sso-off": plan_off,
}


# ---- the token


class TokenFile:
    # Where the SCIM token goes: a file that nobody else can read, or standard
    # output, which then has nothing else of this script.
    def __init__(self, path):
        self.path = path
        self.made = False
        self.text = None

    def write(self, token):
        if self.path == "-":
            self.text = token
            return
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            self.expect(token)
            return
        except OSError as error:
            raise Stop(f"the token file cannot be written: {error.strerror}")
        self.made = True
        with os.fdopen(file, "w") as out:
            out.write(token + "\n")

    def expect(self, token):
        with open(self.path) as file:
            if file.read(10000).strip() != token:
                raise Stop("the token file exists and has another content: name a new file")

    def drop(self):
        self.text = None
        if self.made:
            os.unlink(self.path)


# ---- one run


class Run:
    def __init__(self, options):
        self.action = options.action
        self.options = options
        self.doing = "check Sentry"
        self.token = TokenFile(options.token_file) if options.token_file else None
        self.report = {
            "sentryidp_report": 1,
            "action": self.action,
            "org": GIVEN["org"],
            "release": None,
            "release_read": None,
            "missing": [],
            "applied": False,
            "changes": [],
            "before": None,
            "provider": None,
            "scim": None,
            "people": None,
            "url_prefix": None,
            "sentry_url": GIVEN["sentry_url"],
            "differences": [],
            "error": None,
        }

    def start(self):
        sentry = Names(self.action)
        version = release()
        self.report["release"] = version
        self.report["release_read"] = was_read(version)
        self.report["missing"] = sentry.missing
        if sentry.missing:
            raise Stop(f"Sentry {version} is not what this script was made for. It lacks: " + ", ".join(sentry.missing))
        if self.report["release_read"]:
            return sentry
        first, last = (".".join(map(str, month)) for month in RELEASES)
        words = f"this Sentry is {version}, and the script was made from what {first} to {last} have"
        if self.options.apply and self.options.accept_release != version:
            raise Stop(words + f". All names that it relies on are there. To write all the same, add --accept-release {version}")
        say("warning: " + words)
        return sentry

    def note(self, sentry, organization, provider):
        self.report["provider"] = described(provider)
        if not hasattr(sentry, "options"):
            return
        self.report["url_prefix"] = prefix(sentry)
        if prefix(sentry) != GIVEN["sentry_url"]:
            say(f"warning: system.url-prefix of Sentry is {prefix(sentry)}, and sentry.url is {GIVEN['sentry_url']}")
        if self.action in ("status", "scim"):
            token = scim_token(sentry, organization, provider) if provider else None
            enabled = bool(provider and provider.flags.scim_enabled)
            self.report["scim"] = {"enabled": enabled, "base_url": scim_url(sentry), "has_token": bool(token)}

    def status(self, sentry):
        organization, provider = read(sentry)
        self.note(sentry, organization, provider)
        users = owners(sentry, organization)
        self.report["people"] = {
            "identities": identities(sentry, provider),
            "owners": users.count(),
            "owners_linked": linked(sentry, provider, users),
        }
        if provider is not None and GIVEN["idp"]:
            self.report["differences"] = differences(provider, wanted_groups(provider))

    def plan(self, sentry, organization, provider):
        return PLANS[self.action](sentry, organization, provider)

    def preview(self, sentry):
        organization, provider = read(sentry)
        changes = self.plan(sentry, organization, provider)
        self.note(sentry, organization, provider)
        self.tell("would", changes)

    def tell(self, verb, changes):
        self.report["changes"] = [{"words": c.words, "fields": c.fields} for c in changes]
        for change in changes:
            say(f"{verb} {change.words}")
            for field in change.fields:
                say(f"  {field['field']}: {json.dumps(field['from'])} -> {json.dumps(field['to'])}")

    def apply(self, sentry):
        from django.db import router, transaction

        try:
            with transaction.atomic(using=router.db_for_write(sentry.AuthProvider)):
                self.write(sentry)
                self.doing = "commit"
        except BaseException:
            if self.token:
                self.token.drop()
            raise
        self.report["applied"] = bool(self.report["changes"])

    def write(self, sentry):
        organization, provider = read(sentry, lock=True)
        self.report["before"] = described(provider)
        changes = self.plan(sentry, organization, provider)
        self.tell("change:", changes)
        for change in changes:
            self.doing = change.words
            change.write()
        self.doing = "verify"
        organization, provider = read(sentry)
        if changes and self.plan(sentry, organization, provider):
            raise Stop("Sentry did not take the change, and its log says why")
        self.note(sentry, organization, provider)
        if self.token:
            self.doing = "write the token"
            self.token.write(scim_token(sentry, organization, provider))

    def end(self):
        if self.report["error"]:
            say("error: " + self.report["error"])
        elif self.action == "status":
            pass
        elif not self.report["changes"]:
            say("nothing to change")
        elif self.report["applied"]:
            say("applied")
        else:
            say("nothing was written: add --apply")
        given = self.token.text if self.token else None
        print(MARK + json.dumps(self.report, sort_keys=True), file=sys.stderr if given else sys.stdout)
        if given:
            print(given)
        sys.stdout.flush()

    def carry_out(self):
        sentry = self.start()
        if self.action == "status":
            self.status(sentry)
        elif self.options.apply:
            self.apply(sentry)
        else:
            self.preview(sentry)


def stopped_at(error):
    # Where an error came from. Its words are left out: a database quotes rows, and
    # a row can hold a key.
    frames = traceback.extract_tb(error.__traceback__)
    return ", ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in frames[-3:])


def run(options):
    this = Run(options)
    code = 0
    try:
        this.carry_out()
    except Stop as stop:
        code = stop.code
        this.report["error"] = f"{stop}; nothing was written"
    except Exception as error:
        code = 1
        what = f"to {this.doing} failed: {type(error).__name__} at {stopped_at(error)}"
        undone = "the action 'status' shows what stands" if this.doing == "commit" else "nothing was written"
        this.report["error"] = f"{what}; {undone}"
    this.end()
    return code


class Parser(argparse.ArgumentParser):
    def error(self, message):
        say("error: " + message)
        say("hint: run the script without an action for its help")
        raise SystemExit(64)


def parser():
    parsing = Parser(prog="sentry exec FILE", add_help=False, allow_abbrev=False)
    parsing.add_argument("action", choices=[action for action, _ in ACTIONS], metavar="ACTION")
    parsing.add_argument("--apply", action="store_true")
    parsing.add_argument("--accept-release", default="", metavar="RELEASE")
    parsing.add_argument("--token-file", default="", metavar="FILE")
    return parsing


def usage():
    say("usage: sentry exec FILE ACTION [--apply] [--accept-release RELEASE] [--token-file FILE]")
    for action, words in ACTIONS:
        say(f"  {action:13} {words}")
    say("--apply writes; without it, an action says what it would change.")
    say("--accept-release RELEASE writes to a release that the script was not made from.")
    say("--token-file FILE is for scim: a new file in the container, or - for standard output.")


def main(arguments):
    if not arguments or arguments == ["help"]:
        usage()
        return 0
    parsing = parser()
    options = parsing.parse_args(arguments)
    if options.token_file and not (options.action == "scim" and options.apply):
        parsing.error("--token-file is for the action scim with --apply")
    if options.action == "status" and options.apply:
        parsing.error("--apply is for actions that write, and status does not")
    return run(options)


sys.exit(main(sys.argv[2:]))
