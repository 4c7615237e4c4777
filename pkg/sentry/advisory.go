package sentry

import (
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Advisory is a published weakness of Sentry's SAML login.
type Advisory struct {
	ID       string   `json:"id"`                    // CVE or GHSA number; "" where none was published
	Also     []string `json:"also"`                  // other numbers of the same advisory
	Severity string   `json:"severity"`              // as published; "" where it is not known
	From     Release  `json:"from"`                  // first release that has it; zero: unknown, every earlier one is suspected
	Fixed    Release  `json:"fixed"`                 // first release without it
	Several  bool     `json:"several_organizations"` // only where Sentry has several organizations
	Wrong    string   `json:"wrong"`                 // what an attacker can do, and on which condition
}

// Advisories returns Sentry's own advisories on SAML, oldest first (GitHub
// security advisories of getsentry/sentry, and the notes of self-hosted
// releases). An update to the newest Fixed answers all of them.
func Advisories() []Advisory {
	first := Release{21, 12, 0}
	const linked = "who may set up SSO in another organization of the same Sentry can take over the account of a user whose e-mail address they know"
	return []Advisory{
		{
			ID: "CVE-2025-22146", Also: []string{"GHSA-7pq6-v88g-wf3w"}, From: first, Fixed: Release{25, 1, 0},
			Several: true, Wrong: linked,
		},
		{
			ID: "CVE-2026-27197", Also: []string{"GHSA-ggmg-cqg6-j45g"}, Severity: "critical", From: first, Fixed: Release{26, 2, 0},
			Several: true, Wrong: linked,
		},
		{
			ID: "CVE-2026-42354", Also: []string{"GHSA-rcmw-7mc7-3rj7"}, Severity: "critical", From: first, Fixed: Release{26, 4, 1},
			Several: true, Wrong: linked,
		},
		{Also: []string{}, Severity: "critical", Fixed: Release{26, 7, 1}, Wrong: "a critical weakness of the SAML login, whose text is not published in full"},
		{ID: "GHSA-w699-8wff-fqxw", Also: []string{}, Fixed: Release{26, 7, 2}, Wrong: "a weakness of the SAML login, whose text is not published in full"},
	}
}

// AdvisoriesFor returns the advisories that a release is affected by, oldest
// first; none for a release that is not known.
func AdvisoriesFor(r Release) []Advisory {
	var affecting []Advisory
	for _, a := range Advisories() {
		if r.Known() && !r.Before(a.From) && r.Before(a.Fixed) {
			affecting = append(affecting, a)
		}
	}
	return affecting
}

// BrokenSAML says what of SAML does not work in a release, whatever the settings;
// empty: nothing is known.
func BrokenSAML(r Release) string {
	if r == (Release{25, 2, 0}) {
		return "the last step of the SAML set-up ends in an error (getsentry/sentry issue 86655)"
	}
	return ""
}

// Name is how texts refer to the advisory.
func (a Advisory) Name() string {
	if a.ID == "" {
		return "SAML fix of " + a.Fixed.String()
	}
	return a.ID
}

// RenderAdvisories writes what is known against a release, and what to do; or
// nothing, where nothing is.
func RenderAdvisories(w io.Writer, s ui.Styles, advisories []Advisory) error {
	for _, a := range advisories {
		if _, err := fmt.Fprintf(w, "%s %s, fixed in %s: %s\n", s.Warn("advisory:"), a.Name(), a.Fixed, a.Wrong); err != nil {
			return err
		}
	}
	if len(advisories) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "  %s %s\n", s.Dim("fix:"), Fix(advisories))
	return err
}

// Fix is what to do about the advisories: one update answers all of them. It is
// empty where there are none.
func Fix(advisories []Advisory) string {
	if len(advisories) == 0 {
		return ""
	}
	newest, several := Release{}, false
	for _, a := range advisories {
		if several = several || a.Several; newest.Before(a.Fixed) {
			newest = a.Fixed
		}
	}
	fix := []string{"update Sentry to " + newest.String() + " or newer"}
	if several {
		fix = append(fix, "urgently where SENTRY_SINGLE_ORGANIZATION is False; until then, let users switch on two-factor authentication")
	}
	return strings.Join(fix, ", ")
}
