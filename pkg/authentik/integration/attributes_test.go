package integration_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func TestEachPresetHasARowForEachFieldOfTheForm(t *testing.T) {
	t.Parallel()
	typed := map[string]bool{"authentik": true, "jumpcloud": true, "active-directory": true}
	for _, p := range sentry.Presets() {
		a := integration.AttributesOf(p)
		if len(a.Rows) != len(sentry.FormFields()) || a.Typed != typed[p.Key] || a.Provider == "" {
			t.Errorf("%s: %+v", p.Key, a)
		}
		for _, row := range a.Rows {
			switch {
			case row.Required && row.Attribute == "":
				t.Errorf("%s: %s is required and empty", p.Key, row.Field)
			case (row.Source == nil) != (row.Attribute == ""):
				t.Errorf("%s: %s has the source %v", p.Key, row.Field, row.Source)
			case row.Source != nil && (row.Source.SAMLName != row.Attribute || row.Source.Expression == "" || row.Source.Name == ""):
				t.Errorf("%s: %s is sent by %+v", p.Key, row.Field, row.Source)
			}
		}
	}
}

// TestTheManagedMappingsAreThoseOfAuthentik holds the guide's rows against what a
// fresh authentik has.
func TestTheManagedMappingsAreThoseOfAuthentik(t *testing.T) {
	t.Parallel()
	all, err := newCompany(t, "2026.8").client.SAMLMappings().List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range integration.AttributesOf(sentry.GuideMapping()).Rows {
		if row.Source == nil {
			continue
		}
		at := slices.IndexFunc(all, func(m authentik.PropertyMapping) bool { return m.Managed == row.Source.Managed })
		if at < 0 || all[at].Name != row.Source.Name || all[at].SAMLName != row.Attribute || all[at].Expression != row.Source.Expression {
			t.Errorf("%s: %+v is not authentik's", row.Field, row.Source)
		}
	}
}

// asked applies the integration and asks what it sends of the user.
func (c *company) asked(t *testing.T, preset, user string) *integration.Attributes {
	t.Helper()
	p, _ := sentry.PresetOf(preset)
	a := integration.AttributesOf(p)
	if err := a.Ask(t.Context(), c.client, "sentry", user); err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *company) applied(t *testing.T) {
	t.Helper()
	if _, err := c.run(settings(t)).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func verdicts(a *integration.Attributes) map[string]string {
	all := map[string]string{}
	for _, row := range a.Rows {
		if row.Sent != nil {
			all[row.Field] = row.Sent.Verdict
		}
	}
	return all
}

func TestWhatAuthentikSendsIsNotedInTheRows(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "2026.8")
	if a := c.asked(t, "authentik", "ada"); a.Preview.Checked || a.Preview.Reason == "" || a.Problems(true) != 0 {
		t.Errorf("without an application: %+v", a.Preview)
	}
	c.applied(t)
	a := c.asked(t, "authentik", "ada")
	want := map[string]string{"identifier": "sent", "email": "sent", "first_name": "sent"}
	if diff := cmp.Diff(want, verdicts(a)); diff != "" || a.Problems(true) != 0 {
		t.Errorf("the guide's names: %d problems, %s", a.Problems(true), diff)
	}
	if a.Rows[1].Sent.Value != "ada@acme.test" || a.Preview.User != "ada" || a.Preview.Provider != "Sentry SAML" {
		t.Errorf("found %+v", a.Preview)
	}
}

func TestAnotherNameIsNotSentAndTheRightOneIsSuggested(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "2026.8")
	c.applied(t)
	a := c.asked(t, "okta", "ada")
	want := map[string]string{"identifier": "not_sent", "email": "not_sent", "first_name": "not_sent", "last_name": "not_sent"}
	if diff := cmp.Diff(want, verdicts(a)); diff != "" || a.Problems(true) != 2 {
		t.Errorf("%d problems, %s", a.Problems(true), diff)
	}
	if got := a.Rows[1].Sent.Instead; got != sentry.GuideMapping().Mapping.Email {
		t.Errorf("the e-mail address is sent as %q", got)
	}
}

func TestMistakesOfTheMappingsAreFound(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "2026.8")
	c.applied(t)
	owner := c.asked(t, "authentik", "")
	if verdicts(owner)["email"] != "empty" || owner.Problems(false) != 0 || owner.Rows[1].Sent.Fix == "" {
		t.Errorf("the token's owner has no e-mail address, which is no mistake: %+v", owner.Rows[1].Sent)
	}
	c.Edit(func(s *emulated.State) {
		for _, m := range s.Objects["propertymappings/provider/saml"] {
			if m["managed"] == "goauthentik.io/providers/saml/name" {
				m["saml_name"] = sentry.GuideMapping().Mapping.Email
			}
		}
	})
	twice := c.asked(t, "authentik", "ada")
	if v := verdicts(twice); v["email"] != "sent_twice" || v["first_name"] != "not_sent" || twice.Problems(true) != 1 {
		t.Errorf("found %v, %d problems", v, twice.Problems(true))
	}
	if err := twice.Ask(t.Context(), c.client, "sentry", "nobody"); err == nil {
		t.Error("an unknown user is no error")
	}
}
