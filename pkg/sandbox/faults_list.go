package sandbox

import "github.com/sentryidp/sentryidp/pkg/sandbox/faults"

// Faults are what can be wrong at Sentry, to be switched on by name
// ([Config.Faults]).
func Faults() []faults.Fault {
	list := [][3]string{
		{"prefix-host", "Another host in system.url-prefix", "Sentry's ACS, entity ID and SCIM addresses have the host sentry.internal.test, which authentik was not given."},
		{"prefix-scheme", "Another scheme in system.url-prefix", "Sentry is told https where it is reached by http, or the reverse, as behind a proxy that ends TLS."},
		{"prefix-port", "Another port in system.url-prefix", "The prefix lacks the port under which Sentry is reached."},
		{"prefix-path", "A path in system.url-prefix", "The prefix has the path /sentry, under which nothing is served."},
		{"prefix-undotted", "A host without a dot in system.url-prefix", "http://sentry:9000 is no address for Sentry's SAML library: its metadata and its ACS answer HTTP 500."},
		{"prefix-empty", "No system.url-prefix", "Sentry has no addresses to tell: its metadata answers HTTP 500."},
		{"sentry-ahead", "Sentry's clock is ahead", "By fifteen minutes: assertions have expired before they arrive. Sentry forgives five."},
		{"sentry-behind", "Sentry's clock is behind", "By fifteen minutes: assertions are not valid yet when they arrive. Sentry forgives five."},
		{"sentry-old", "An old release", "Sentry says that it is 26.1.0, which has published weaknesses of its SAML login. Its SCIM stays as it is."},
		{"several-organizations", "An old release with several organizations", "Sentry is 26.1.0 and not limited to one organization, which makes the weaknesses critical."},
		{"invites-off", "Invitations are switched off", "SENTRY_ENABLE_INVITES is off: nobody gets an e-mail, and SCIM writes member.add to the audit log."},
		{"sentry-redirect", "Sentry redirects to another host", "Every address answers with a redirect to https://sentry.example.com."},
		{"sentry-login-wall", "A login in front of Sentry", "A proxy sends every request to a login page elsewhere."},
		{"sentry-page", "Another site in Sentry's place", "Every address answers with a web page that is not Sentry's."},
		{"sentry-down", "Sentry is down", "The proxy in front of it answers 502 Bad Gateway."},
		{"sp-metadata-error", "Sentry's SAML metadata fails", "Its own metadata answers HTTP 500, while all else works."},
		{"sp-metadata-slash", "A proxy cuts the slash", "Sentry's metadata has addresses without the slash at the end."},
		{"org-renamed", "The organization was renamed", "Its slug has changed: the old SAML and SCIM addresses lead nowhere."},
		{"scim-off", "SCIM is switched off", "Requests with the token are answered 403."},
		{"scim-token-refused", "The SCIM token is refused", "Somebody switched SCIM off and on again, or deleted the integration: 401."},
		{"scim-token-scope", "The SCIM token lacks its scopes", "It is the token of another integration: 403."},
		{"scim-missing", "The SCIM address is not found", "A proxy does not pass /scim/ on: 404 and a web page."},
		{"scim-limited", "The SCIM token is limited", "Every request is answered 429."},
		{"api-token-refused", "The API token is refused", "The second token was revoked: 401."},
		{"api-token-scope", "The API token lacks its scopes", "It has member:read alone: the auth provider and the audit log are 403."},
		{"api-token-audit", "The API token may not read the audit log", "It lacks org:write."},
		{"api-token-projects", "The API token may not link projects", "It lacks project:write."},
		{"scim-token-teams", "The SCIM token may not set roles in teams", "Sentry's own API answers 403 to it; the second token may."},
		{"team-roles-off", "Sentry has no roles in teams", "Its feature team-roles is off, as in some plans: setting a role in a team answers 200 and changes nothing."},
		{"project-vanished", "Projects vanish", "The list has every project, and linking a team to one answers 404."},
		{"project-refused", "Project links are refused", "Linking a team to a project and the reverse answer 403, with a list in detail."},
		{"no-provider", "No auth provider is set up", "Single sign-on was never set up, or was disabled. SCIM answers 403."},
		{"other-provider", "Another auth provider is set up", "The organization uses google, not SAML."},
		{"sso-optional", "SSO is not required", "Members who never linked an identity get in with a password."},
		{"sso-feature-off", "SAML is not part of the plan", "The organization lacks the feature sso-saml2."},
		{"sso-edited", "Somebody changed the SSO settings", "The audit log has sso.edit, with the certificate, from an hour ago."},
		{"sso-disabled", "Somebody disabled SSO", "There is no auth provider, and the audit log has sso.disable from an hour ago."},
		{"members-unlinked", "Nobody is linked", "No member has logged in by SSO: with SSO required they are asked to link first."},
		{"members-pending", "Invitations are pending", "A member is invited and has never logged in."},
		{"members-expired", "Invitations have expired", "A member was invited more than thirty days ago."},
		{"members-limited", "Members without a seat", "Sentry has restricted a member for want of a seat."},
		{"members-invalid", "Members with an invalid SSO identity", "A member's identity is no longer valid."},
		{"one-owner", "Only one owner", "Nobody else could let the first owner in again."},
		{"owner-pending", "The second owner is only invited", "One owner can log in; the others have not accepted."},
		{"placeholder-members", "Members without an address", "An invitation of the newer model has a row without an address in SCIM."},
	}
	all := make([]faults.Fault, 0, len(list))
	for _, f := range list {
		all = append(all, faults.Fault{ID: f[0], Side: faults.Sentry, Title: f[1], Effect: f[2]})
	}
	return all
}
