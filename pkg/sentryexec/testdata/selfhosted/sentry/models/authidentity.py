from django.db import models


class AuthIdentity(models.Model):
    user = models.ForeignKey("sentry.User", on_delete=models.CASCADE)
    auth_provider = models.ForeignKey("sentry.AuthProvider", on_delete=models.CASCADE)
    ident = models.CharField(max_length=128)

    class Meta:
        app_label = "sentry"
