package sandbox

import "net/http"

// clientConfig is GET /api/client-config/, which everybody may ask
// (web/client_config.py), in the part that tells one Sentry from another.
func (s *Sentry) clientConfig(r *http.Request) reply {
	mode, selfHosted := "SELF_HOSTED", !s.org.saas()
	if !selfHosted {
		mode = "SAAS"
	}
	return reply{status: http.StatusOK, body: map[string]any{
		"version":            map[string]any{"current": s.version(), "latest": s.version(), "build": "", "upgradeAvailable": false},
		"urlPrefix":          s.absolute(r, ""),
		"isSelfHosted":       selfHosted,
		"sentryMode":         mode,
		"singleOrganization": selfHosted && !s.config.Faults.IsOn("several-organizations"),
		"invitesEnabled":     !s.config.Faults.IsOn("invites-off"),
	}}
}

// version is the release as Sentry writes it; that of SaaS is a build of its own.
func (s *Sentry) version() string {
	switch {
	case s.config.Faults.IsOn("sentry-old"), s.config.Faults.IsOn("several-organizations"):
		return "26.1.0"
	case s.org.saas():
		return "26.10.0.dev0"
	case s.config.Release == "" || s.config.Release == ReleaseLatest:
		return "26.9.0"
	}
	return string(s.config.Release) + ".0"
}
