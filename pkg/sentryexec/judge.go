package sentryexec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Problem is something that a report shows to be wrong.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Judgement is a report with what is wrong.
type Judgement struct {
	Report     *Report           `json:"report"`
	Problems   []Problem         `json:"problems"`
	Advisories []sentry.Advisory `json:"advisories"` // on the SAML login of the release
}

// Judge says what is wrong at the time now. Certificates that end within warnDays
// days are.
func Judge(r *Report, now time.Time, warnDays int) *Judgement {
	j := &Judgement{Report: r, Problems: []Problem{}, Advisories: []sentry.Advisory{}}
	if release, err := sentry.ParseRelease(r.Release); err == nil {
		j.Advisories = append(j.Advisories, sentry.AdvisoriesFor(release)...)
	}
	if r.Error != "" {
		fix := "'sentryidp sentry script --help' says what the actions need"
		if len(r.Missing) > 0 {
			fix = "set SSO up on Sentry's own page, Settings > Auth: this release differs from what the script was made from"
		}
		j.add("failed", fix, "the action %s failed: %s", r.Action, r.Error)
		return j
	}
	if r.URLPrefix != "" && r.URLPrefix != r.SentryURL {
		j.add("url-prefix", "set sentry.url to the first, or system.url-prefix in Sentry's config.yml to the second",
			"Sentry's system.url-prefix is %s, and sentry.url is %s: the identity provider must have the first", r.URLPrefix, r.SentryURL)
	}
	if r.Provider == nil {
		if r.Action == Status {
			j.add("no-provider", "run the action saml", "the organization has no SSO provider")
		}
		return j
	}
	if r.Provider.foreign() {
		j.add("other-provider", "run the action sso-off, then saml: all members log in by the new provider",
			"the SSO provider is %s, which has no SAML settings", r.Provider.Key)
		return j
	}
	j.provider(*r.Provider, now, warnDays)
	j.access(r)
	return j
}

// foreign reports whether the provider is of another kind than SAML: it has none
// of the eight settings.
func (p *Provider) foreign() bool {
	return p.Key != "saml2" && p.Certificate == nil && len(p.Absent) == len(idpKeys())+len(mappingKeys())
}

func (j *Judgement) add(code, fix, format string, args ...any) {
	j.Problems = append(j.Problems, Problem{Code: code, Message: fmt.Sprintf(format, args...), Fix: fix})
}

func (j *Judgement) provider(p Provider, now time.Time, warnDays int) {
	const replace = "run the action certificate of a script with the present one"
	if len(p.Absent) > 0 {
		j.add("incomplete", "run the action saml", "the provider lacks %s, and every login fails", strings.Join(p.Absent, ", "))
	}
	if empty := p.empty(); len(empty) > 0 {
		j.add("empty", "run the action saml", "the provider has no value for %s, and every login fails", strings.Join(empty, ", "))
	}
	switch c := p.Certificate; {
	case c == nil:
		j.add("no-certificate", replace, "the provider has no certificate that can be read, and every login fails")
	case c.NotAfter.IsZero():
	case !now.Before(c.NotAfter):
		j.add("certificate-ended", replace, "the certificate ended on %s", c.NotAfter.UTC().Format(time.RFC3339))
	case now.AddDate(0, 0, warnDays).After(c.NotAfter):
		j.add("certificate-ends", replace, "the certificate ends on %s", c.NotAfter.UTC().Format(time.RFC3339))
	}
}

// empty names the settings that are there and have no value, of those without which
// no login works: Sentry's library needs both addresses, and its own code an
// identifier and an e-mail address (auth/providers/saml2/provider.py build_identity).
func (p *Provider) empty() []string {
	var names []string
	for _, setting := range []struct {
		name  string
		value *string
	}{
		{"idp.entity_id", p.EntityID},
		{"idp.sso_url", p.SSOURL},
		{"attribute_mapping.identifier", p.Mapping["identifier"]},
		{"attribute_mapping.user_email", p.Mapping["user_email"]},
	} {
		if (setting.value == nil || *setting.value == "") && !slices.Contains(p.Absent, setting.name) {
			names = append(names, setting.name)
		}
	}
	return names
}

func (j *Judgement) access(r *Report) {
	for _, d := range r.Differences {
		j.add("differs", "run the action saml, or correct the configuration and write the script again",
			"%s is %s, and the script has %s", d.Field, value(d.From), value(d.To))
	}
	if r.SCIM != nil && r.SCIM.Enabled && !r.SCIM.HasToken {
		j.add("scim-token", "switch SCIM off and on in Settings > Auth", "SCIM is on and has no token: its integration was deleted")
	}
	if r.Provider.SSORequired && r.People != nil && r.People.OwnersLinked == 0 {
		j.add("owners", "run the action sso-optional, and let an owner log in by SSO",
			"SSO is required and no owner's account is linked to the provider: nobody may be able to administer the organization")
	}
}

// value is how texts write a setting.
func value(text *string) string {
	if text == nil {
		return "not set"
	}
	return fmt.Sprintf("%q", *text)
}
