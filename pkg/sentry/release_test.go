package sentry_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func TestParseRelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sentry.Release{
		"26.7.2": {Year: 26, Month: 7, Patch: 2}, "26.7": {Year: 26, Month: 7}, "21.12.0": {Year: 21, Month: 12}, "26.8.0.dev0": {Year: 26, Month: 8},
	} {
		if got, err := sentry.ParseRelease(text); got != want || err != nil {
			t.Errorf("%s: %v, error %v", text, got, err)
		}
	}
	for _, text := range []string{"", "26", "latest", "26.7.2-rc1", "26.7.2.1", "-1.2", "v26.7.2", "2026.7.2"} {
		if got, err := sentry.ParseRelease(text); err == nil || fault.CodeOf(err) != fault.Usage || got.Known() {
			t.Errorf("%s: %v, error %v", text, got, err)
		}
	}
}

func TestAdvisoriesForARelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"21.11.0": {"SAML fix of 26.7.1", "GHSA-w699-8wff-fqxw"},
		"24.12.1": {"CVE-2025-22146", "CVE-2026-27197", "CVE-2026-42354", "SAML fix of 26.7.1", "GHSA-w699-8wff-fqxw"},
		"25.1.0":  {"CVE-2026-27197", "CVE-2026-42354", "SAML fix of 26.7.1", "GHSA-w699-8wff-fqxw"},
		"26.2.0":  {"CVE-2026-42354", "SAML fix of 26.7.1", "GHSA-w699-8wff-fqxw"},
		"26.4.1":  {"SAML fix of 26.7.1", "GHSA-w699-8wff-fqxw"},
		"26.7.1":  {"GHSA-w699-8wff-fqxw"},
		"26.7.2":  nil,
		"27.1.0":  nil,
	} {
		release, err := sentry.ParseRelease(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		advisories := sentry.AdvisoriesFor(release)
		for _, a := range advisories {
			got = append(got, a.Name())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if fix := sentry.Fix(advisories); strings.HasPrefix(fix, "update Sentry to 26.7.2 or newer") != (len(want) > 0) {
			t.Errorf("%s: fix %q", text, fix)
		}
	}
	if got := sentry.AdvisoriesFor(sentry.Release{}); got != nil {
		t.Errorf("a release that is not known has %v", got)
	}
}

func TestAdvisoriesAreComplete(t *testing.T) {
	t.Parallel()
	last := sentry.Release{}
	for _, a := range sentry.Advisories() {
		if a.Wrong == "" || !a.Fixed.Known() || !last.Before(a.Fixed) || !a.From.Before(a.Fixed) {
			t.Errorf("%s is incomplete or out of order: %+v", a.Name(), a)
		}
		last = a.Fixed
	}
}

func TestParseClientConfig(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want sentry.ClientConfig
		bad  bool
	}{
		"self-hosted": {
			`{"version":{"current":"26.4.0"},"urlPrefix":"https://sentry.acme.test","isSelfHosted":true,"singleOrganization":true,"more":[1]}`,
			sentry.ClientConfig{Release: sentry.Release{Year: 26, Month: 4}, URLPrefix: "https://sentry.acme.test", SelfHosted: true, SingleOrganization: true},
			false,
		},
		"SaaS":            {`{"version":{"current":"26.10.0.dev0"},"urlPrefix":"https://sentry.io","isSelfHosted":false}`, sentry.ClientConfig{URLPrefix: "https://sentry.io"}, false},
		"no prefix":       {`{"version":{"current":"26.4.0"},"urlPrefix":"","isSelfHosted":true}`, sentry.ClientConfig{Release: sentry.Release{Year: 26, Month: 4}, SelfHosted: true}, false},
		"unknown release": {`{"version":{"current":"nightly"},"urlPrefix":"","isSelfHosted":true}`, sentry.ClientConfig{SelfHosted: true}, false},
		"no invitations":  {`{"version":{"current":"nightly"},"urlPrefix":"","isSelfHosted":true,"invitesEnabled":false}`, sentry.ClientConfig{SelfHosted: true, InvitesOff: true}, false},
		"invitations":     {`{"version":{"current":"nightly"},"urlPrefix":"","isSelfHosted":true,"invitesEnabled":true}`, sentry.ClientConfig{SelfHosted: true}, false},
		"a page":          {"<html>", sentry.ClientConfig{}, true},
		"other JSON":      {`{"detail":"no"}`, sentry.ClientConfig{}, true},
		"a list":          {`[]`, sentry.ClientConfig{}, true},
	} {
		got, err := sentry.ParseClientConfig([]byte(tt.text))
		if (err != nil) != tt.bad {
			t.Errorf("%s: error %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, p := range sentry.Presets() {
		keys = append(keys, p.Key)
		if found, ok := sentry.PresetOf(strings.ToUpper(p.Key)); !ok || found != p || p.Name == "" {
			t.Errorf("%s is found as %+v", p.Key, found)
		}
		if p.Mapping.Known() != (p.Key != "jumpcloud") {
			t.Errorf("%s: %+v", p.Key, p.Mapping)
		}
	}
	if diff := cmp.Diff([]string{"authentik", "okta", "onelogin", "auth0", "rippling", "jumpcloud", "active-directory"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if _, ok := sentry.PresetOf("entra"); ok {
		t.Error("entra is none of Sentry's providers")
	}
}
