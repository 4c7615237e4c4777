from django.db import models


class OrganizationMember(models.Model):
    organization = models.ForeignKey("sentry.Organization", on_delete=models.CASCADE)
    user_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32, default="member")

    class Meta:
        app_label = "sentry"
