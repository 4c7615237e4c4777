from django.db import models


class User(models.Model):
    is_active = models.BooleanField(default=True)
    is_managed = models.BooleanField(default=False)

    class Meta:
        app_label = "sentry"
