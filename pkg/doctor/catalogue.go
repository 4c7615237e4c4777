package doctor

// The codes of checks that others name as their cause.
const (
	codeResponse         = "response"
	codeSentryReach      = "sentry-reach"
	codeSentryTLS        = "sentry-tls"
	codeSentryRedirect   = "sentry-redirect"
	codeSentryIdentity   = "sentry-identity"
	codeSentryPrefix     = "sentry-prefix"
	codeSentryMetadata   = "sentry-metadata"
	codeIDPReach         = "idp-reach"
	codeIDPTLS           = "idp-tls"
	codeIDPRedirect      = "idp-redirect"
	codeIDPIdentity      = "idp-identity"
	codeApplication      = "authentik-application"
	codeAuthentikToken   = "authentik-token"
	codeAuthentikRelease = "authentik-release"
	codeAuthProvider     = "auth-provider"
	codeSentryToken      = "sentry-token"
	codeSSOFeature       = "sso-feature"
	codeSCIMToken        = "scim-token"
	codeStored           = "sentry-stored"
	codeReport           = "sentry-report"
)

// sentryAnswers are the checks whose faults leave nothing to be known of Sentry.
func sentryAnswers() []string {
	return []string{codeSentryReach, codeSentryTLS, codeSentryRedirect, codeSentryIdentity}
}

// idpAnswers are those whose faults leave nothing to be known of the identity
// provider.
func idpAnswers() []string {
	return []string{codeIDPReach, codeIDPTLS, codeIDPRedirect, codeIDPIdentity}
}

// catalogue lists the checks, causes before their consequences: the first fault
// that is found is the likeliest root of the others.
func catalogue() []check {
	var list []check
	for _, part := range [][]check{localChecks(), sentryChecks(), idpChecks(), authentikChecks(), metadataChecks(), certificateChecks(), storedChecks(), responseChecks(), tokenChecks(), lastChecks()} {
		list = append(list, part...)
	}
	return list
}
