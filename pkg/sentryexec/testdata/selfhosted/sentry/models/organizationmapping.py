from django.db import models


class OrganizationMapping(models.Model):
    organization_id = models.BigIntegerField(unique=True)
    slug = models.SlugField(unique=True)

    class Meta:
        app_label = "sentry"


class Organization(models.Model):
    class Meta:
        app_label = "sentry"
