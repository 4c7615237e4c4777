package sentry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Release is a release of a self-hosted Sentry: year, month and patch. The zero
// Release is not known; Sentry SaaS has none.
type Release struct{ Year, Month, Patch int }

var releaseForm = pattern.New(`^(\d{1,2})\.(\d{1,2})(?:\.(\d{1,3}))?(?:\.dev\d+)?$`)

// ParseRelease reads a release such as 26.7.2; the patch may be left out. A
// nightly build of a release (26.8.0.dev0) counts as the release. Errors are
// fault.Usage.
func ParseRelease(text string) (Release, error) {
	match := releaseForm().FindStringSubmatch(text)
	if match == nil {
		return Release{}, fault.Hint(fault.Usagef("expected a release of Sentry but found %q", text), "it looks like 26.7.2")
	}
	var numbers [3]int
	for i, digits := range match[1:] {
		numbers[i], _ = strconv.Atoi(cmp.Or(digits, "0")) // at most three digits
	}
	return Release{numbers[0], numbers[1], numbers[2]}, nil
}

// String returns the release as Sentry writes it, or "" for the zero Release.
func (r Release) String() string {
	if !r.Known() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", r.Year, r.Month, r.Patch)
}

// MarshalText writes the release as String does.
func (r Release) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Known reports whether the release is known.
func (r Release) Known() bool { return r != Release{} }

// Before reports whether r is older than other.
func (r Release) Before(other Release) bool {
	return cmp.Or(cmp.Compare(r.Year, other.Year), cmp.Compare(r.Month, other.Month), cmp.Compare(r.Patch, other.Patch)) < 0
}

// ClientConfig is what Sentry tells everybody of itself at /api/client-config/,
// without a login (web/client_config.py).
type ClientConfig struct {
	Release            Release // zero for Sentry SaaS and unknown forms
	URLPrefix          string  // system.url-prefix, which SAML's addresses begin with; may be empty
	SelfHosted         bool
	SingleOrganization bool // SENTRY_SINGLE_ORGANIZATION, the default of self-hosted
	InvitesOff         bool // SENTRY_ENABLE_INVITES is told, and off
}

// ParseClientConfig reads the answer of /api/client-config/. The error says that
// it is another document.
func ParseClientConfig(data []byte) (ClientConfig, error) {
	var answer struct {
		Version struct {
			Current string `json:"current"`
		} `json:"version"`
		URLPrefix          *string `json:"urlPrefix"`
		IsSelfHosted       bool    `json:"isSelfHosted"`
		SingleOrganization bool    `json:"singleOrganization"`
		InvitesEnabled     *bool   `json:"invitesEnabled"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return ClientConfig{}, fault.New(fault.Failed, "expected Sentry's client configuration but found another document: %w", err)
	}
	if answer.URLPrefix == nil && answer.Version.Current == "" {
		return ClientConfig{}, fault.New(fault.Failed, "expected Sentry's client configuration but found other JSON")
	}
	config := ClientConfig{SelfHosted: answer.IsSelfHosted, SingleOrganization: answer.SingleOrganization}
	config.InvitesOff = answer.InvitesEnabled != nil && !*answer.InvitesEnabled
	if answer.URLPrefix != nil {
		config.URLPrefix = *answer.URLPrefix
	}
	if release, err := ParseRelease(answer.Version.Current); err == nil && answer.IsSelfHosted {
		config.Release = release
	}
	return config, nil
}
