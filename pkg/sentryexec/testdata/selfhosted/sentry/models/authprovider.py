from django.db import models, transaction

from sentry.fault import point

FLAGS = ["allow_unlinked", "scim_enabled"]


class Flags:
    """A number whose bits have names, as Sentry's bit field hands it out."""

    def __init__(self, value):
        self.__dict__["value"] = int(value)

    def __getattr__(self, name):
        if name not in FLAGS:
            raise AttributeError(name)
        return bool(self.value & (1 << FLAGS.index(name)))

    def __setattr__(self, name, value):
        if name not in FLAGS:
            raise AttributeError(name)
        bit = 1 << FLAGS.index(name)
        self.__dict__["value"] = self.value | bit if value else self.value & ~bit

    def __int__(self):
        return self.value


class Access:
    """The attribute of the field, of the class and of its instances."""

    def __init__(self, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return Flags(0)
        return instance.__dict__.setdefault(self.name, Flags(0))

    def __set__(self, instance, value):
        instance.__dict__[self.name] = Flags(int(value))


class FlagsField(models.BigIntegerField):
    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, name, Access(name))

    def get_prep_value(self, value):
        return int(value)


class Replica(models.Model):
    """What the other half of Sentry knows of a provider. Only save() keeps it."""

    organization_id = models.BigIntegerField(unique=True)
    config = models.JSONField()
    flags = models.BigIntegerField()

    class Meta:
        app_label = "sentry"


class AuthProvider(models.Model):
    organization_id = models.BigIntegerField(unique=True)
    provider = models.CharField(max_length=128)
    config = models.JSONField(default=dict)
    flags = FlagsField(default=0)

    class Meta:
        app_label = "sentry"

    def save(self, *args, **kwargs):
        with transaction.atomic():
            point("save")
            super().save(*args, **kwargs)
            kept = {"config": self.config, "flags": int(self.flags)}
            Replica.objects.update_or_create(organization_id=self.organization_id, defaults=kept)
            point("saved")
            transaction.on_commit(lambda: point("replicate"))

    def delete(self, *args, **kwargs):
        Replica.objects.filter(organization_id=self.organization_id).delete()
        return super().delete(*args, **kwargs)

    def enable_scim(self, user):
        from sentry.sentry_apps.models.sentry_app_installation_token import SentryAppInstallationToken

        point("enable_scim")
        tokens = SentryAppInstallationToken.objects
        if tokens.get_token(self.organization_id, self.provider + "_scim"):
            return  # Sentry writes that to its log alone
        tokens.create(organization_id=self.organization_id, provider=self.provider + "_scim", user_id=user.id, token=f"canary-token-{tokens.count()}")
        self.flags.scim_enabled = True

    def disable_scim(self):
        from sentry.sentry_apps.models.sentry_app_installation_token import SentryAppInstallationToken

        SentryAppInstallationToken.objects.filter(organization_id=self.organization_id).delete()
        self.flags.scim_enabled = False
