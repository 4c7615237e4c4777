from django.db import transaction

from sentry.fault import point
from sentry.models.authprovider import AuthProvider
from sentry.models.organizationmember import OrganizationMember
from sentry.users.models.user import User


class AuthService:
    def change_scim(self, *, user_id, provider_id, enabled, allow_unlinked):
        provider = AuthProvider.objects.filter(id=provider_id).first()
        user = User.objects.filter(id=user_id).first()
        if provider is None or user is None:
            return
        with transaction.atomic():
            provider.flags.allow_unlinked = allow_unlinked
            if provider.flags.scim_enabled != enabled:
                provider.enable_scim(user) if enabled else provider.disable_scim()
            provider.save()

    def disable_provider(self, *, provider_id):
        with transaction.atomic():
            provider = AuthProvider.objects.filter(id=provider_id).first()
            if provider is None:
                return
            members = OrganizationMember.objects.filter(organization_id=provider.organization_id)
            User.objects.filter(id__in=members.values_list("user_id", flat=True)).update(is_managed=False)
            point("disable")
            if provider.flags.scim_enabled:
                provider.disable_scim()
            provider.delete()
            point("disabled")


auth_service = AuthService()
