from sentry.models.authidentity import AuthIdentity
from sentry.models.authprovider import AuthProvider
from sentry.models.organizationmapping import OrganizationMapping
from sentry.models.organizationmember import OrganizationMember
from sentry.sentry_apps.models.sentry_app_installation_token import SentryAppInstallationToken
from sentry.users.models.user import User

__all__ = ["AuthIdentity", "AuthProvider", "OrganizationMapping", "OrganizationMember", "SentryAppInstallationToken", "User"]
