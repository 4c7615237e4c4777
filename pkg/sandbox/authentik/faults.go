package authentik

import "github.com/sentryidp/sentryidp/pkg/sandbox/faults"

// Faults are what can be wrong at authentik, to be switched on by name
// ([Config.Faults]).
func Faults() []faults.Fault {
	list := [][3]string{
		{"app-missing", "The application is gone", "Somebody deleted the application of Sentry. Its provider is there, and leads nowhere."},
		{"app-no-provider", "The application has no provider", "The SAML provider is not selected at the application."},
		{"acs-slash", "The ACS URL lacks its last slash", "Sentry answers such a POST with a redirect, which loses the response."},
		{"acs-scheme", "Another scheme in the ACS URL", "The ACS URL at authentik has https where Sentry's has http, or the reverse."},
		{"acs-host", "Another host in the ACS URL", "The ACS URL at authentik has the host under which Sentry is reached inside."},
		{"acs-slug", "Another organization in the ACS URL", "The ACS URL at authentik has the slug of another organization."},
		{"audience-slash", "The audience lacks its last slash", "Sentry compares the audience with its entity ID, to the letter."},
		{"audience-empty", "No audience", "Assertions have no AudienceRestriction, so that nothing ties them to this Sentry."},
		{"issuer-changed", "Another issuer", "The issuer was changed. A Sentry that read the metadata before refuses each login; this one reads it anew."},
		{"binding-redirect", "The response goes by redirect", "The service provider binding is Redirect, the default of the API. Sentry takes POST alone."},
		{"sls-post", "Logout goes by POST", "The SLS binding is POST. Sentry takes Redirect alone."},
		{"signing-off", "No signing certificate", "No certificate is selected at the provider: nothing is signed, and the metadata has no certificate."},
		{"sign-both", "Response and assertion are signed", "Both are switched on, and Sentry is reported to refuse such responses."},
		{"signature-sha1", "Signatures by SHA-1", "The signature algorithm is RSA-SHA1, which Sentry takes and others do not."},
		{"signature-kind", "The algorithm does not fit the key", "The signature algorithm is ECDSA, and the key is RSA: metadata and logins fail."},
		{"cert-expired", "The signing certificate has expired", "authentik signs with it all the same."},
		{"cert-soon", "The signing certificate ends soon", "It is valid for ten more days."},
		{"cert-replaced", "Another signing certificate", "Somebody selected a new certificate. A Sentry that was given the old one refuses each login; this one reads the metadata anew."},
		{"encryption", "Assertions are encrypted", "An encryption certificate is selected. Sentry has no key: HTTP 500."},
		{"verification", "Signed requests are wanted", "A verification certificate is selected. Sentry signs no requests."},
		{"mapping-email", "The e-mail address is not sent", "Its property mapping is not selected at the provider."},
		{"mapping-uid", "The user ID is not sent", "Its property mapping is not selected at the provider."},
		{"mapping-none", "No attribute is sent", "No property mapping is selected at the provider, as the API leaves it."},
		{"attribute-renamed", "The e-mail address has another name", "The property mapping sends it as email, which Sentry was not told."},
		{"attribute-twice", "A name is sent twice", "Two property mappings have the name of the e-mail address: Sentry answers HTTP 500."},
		{"validity-short", "Assertions end at once", "They are valid for one second, which the way to Sentry takes."},
		{"bindings-off", "Bindings are switched off", "None counts, so that everybody in authentik may use the application."},
		{"bindings-negated", "Bindings are negated", "Those who should get in are kept out, and the others get in."},
		{"bindings-expired", "Bindings have expired", "They had an end, which is past (from authentik 2026.8)."},
		{"access-denied", "A policy denies access", "A policy that nobody passes is bound, and the mode is all."},
		{"scim-mapping", "Another SCIM mapping", "The mapping of the SCIM provider sends usernames, which Sentry does not take."},
		{"scim-address", "Another SCIM address", "The SCIM provider sends to another organization."},
		{"scim-dry-run", "SCIM is a dry run", "The SCIM provider logs what it would send, and sends nothing."},
		{"token-invalid", "authentik's token is refused", "The API token has expired or was deleted: 403."},
		{"token-blind", "authentik's token sees no bindings", "Its user lacks a permission: 403 for policies/bindings."},
		{"authentik-ahead", "authentik's clock is ahead", "By fifteen minutes: assertions are not valid yet. Sentry forgives five."},
		{"authentik-behind", "authentik's clock is behind", "By fifteen minutes: assertions have expired. Sentry forgives five."},
		{"authentik-old", "An old release of authentik", "It says that it is 2024.12, which is not known here."},
		{"authentik-down", "authentik is down", "The proxy in front of it answers 502 Bad Gateway."},
		{"authentik-redirect", "authentik redirects to another host", "Every address answers with a redirect, which Sentry does not follow."},
		{"authentik-page", "Another site in authentik's place", "Every address answers with a web page that is not authentik's."},
		{"authentik-internal", "The proxy does not pass the host on", "authentik takes its inner name for its address: http://authentik-server:9000 in the metadata, which is no address for Sentry."},
		{"authentik-scheme", "The proxy does not pass the scheme on", "authentik's metadata has the other of http and https."},
		{"metadata-redirect", "The metadata redirects", "To the API's download, as some releases do. Sentry follows no redirect and reads nothing."},
		{"metadata-missing", "The metadata is not found", "Its address answers 404."},
		{"metadata-page", "A web page in place of the metadata", "Its address answers with a login page and status 200."},
	}
	all := make([]faults.Fault, 0, len(list))
	for _, f := range list {
		all = append(all, faults.Fault{ID: f[0], Side: faults.Authentik, Title: f[1], Effect: f[2]})
	}
	return all
}
