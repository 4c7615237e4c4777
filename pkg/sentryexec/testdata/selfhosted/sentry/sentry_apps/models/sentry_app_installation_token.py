from django.db import models

from sentry.fault import point


class Tokens(models.Manager):
    def get_token(self, organization_id, provider):
        point("get_token")
        row = self.filter(organization_id=organization_id, provider=provider).first()
        return row.token if row else None


class SentryAppInstallationToken(models.Model):
    """The token of the internal integration, with what Sentry finds by joins."""

    organization_id = models.BigIntegerField()
    provider = models.CharField(max_length=64)
    user_id = models.BigIntegerField()
    token = models.CharField(max_length=64)
    objects = Tokens()

    class Meta:
        app_label = "sentry"
