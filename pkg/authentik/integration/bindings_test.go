package integration_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// ends lets the only binding of an application end at a time.
func (c *company) ends(at time.Time) {
	c.own("policies/bindings", func(o emulated.Object) { o["expiring"], o["expires"] = true, at.UTC().Format(time.RFC3339) })
}

// TestBindingsThatEndAreShown: their end cannot be changed, so one that is to come
// is left alone, and one that has passed is no binding.
func TestBindingsThatEndAreShown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     time.Duration
		code   string
		writes []string
	}{
		"it will end":  {time.Hour, "binding-ends", nil},
		"it has ended": {-time.Hour, "binding-void", []string{"POST /api/v3/policies/bindings/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, "2026.8"), settings(t)
			s.BindGroups = []string{"data"}
			if _, err := c.run(s).Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.ends(time.Now().Add(test.in))
			before := len(c.writes())
			for range 2 {
				report, err := c.run(s).Apply(t.Context())
				if err != nil || !report.Verified {
					t.Fatalf("%v\n%s", err, shown(t, report))
				}
				if text := shown(t, report); !strings.Contains(text, "the binding of the group data to the application sentry") || report.Warnings[0].Code != test.code {
					t.Errorf("expected the warning %s but found\n%s", test.code, text)
				}
			}
			if wrote := c.writes()[before:]; !slices.Equal(wrote, test.writes) {
				t.Errorf("wrote %q, expected %q", wrote, test.writes)
			}
		})
	}
}

// TestTheLastBindingThatEndsOpensTheApplication tells a binding whose end takes
// access from one whose end gives it to everybody.
func TestTheLastBindingThatEndsOpensTheApplication(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*integration.Settings)
		opens  bool
	}{
		"the only one":       {func(*integration.Settings) {}, true},
		"another is to come": {func(s *integration.Settings) { s.BindGroups = []string{"data", "sentry users"} }, false},
	} {
		c, s := newCompany(t, "2026.8"), settings(t)
		s.BindGroups = []string{"data"}
		if _, err := c.run(s).Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.ends(time.Now().Add(time.Hour))
		test.change(&s)
		report, err := c.run(s).Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if text := shown(t, report); strings.Contains(text, "everybody in authentik may use the application") != test.opens {
			t.Errorf("%s: the plan is\n%s", name, text)
		}
	}
}

// TestAnEndedBindingBindsNobody: an application that has no other is open to all.
func TestAnEndedBindingBindsNobody(t *testing.T) {
	t.Parallel()
	c, s := newCompany(t, "2026.8"), settings(t)
	s.BindGroups = []string{"data"}
	if _, err := c.run(s).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.ends(time.Now().Add(-time.Hour))
	s.BindGroups = nil
	report, err := c.run(s).Plan(t.Context())
	if err != nil || report.Warnings[0].Code != "no-bindings" || report.Warnings[1].Code != "binding-void" {
		t.Errorf("%v\n%s", err, shown(t, report))
	}
}

// TestANegatedBindingIsWarnedOf: with the mode any it lets everybody else in.
func TestANegatedBindingIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode  string
		named bool
		warns bool
	}{
		"any mode":                  {mode: "any", warns: true},
		"a condition beside others": {mode: "all"},
		"the plan puts it right":    {mode: "any", named: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, "2026.8"), settings(t)
			s.BindGroups = []string{"data"}
			if _, err := c.run(s).Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.own("policies/bindings", func(o emulated.Object) { o["negate"] = true })
			c.own("core/applications", func(o emulated.Object) { o["policy_engine_mode"] = test.mode })
			if !test.named {
				s.BindGroups = nil
			}
			report, err := c.run(s).Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			warns := slices.ContainsFunc(report.Warnings, func(w integration.Warning) bool { return w.Code == "binding-negated" })
			if warns != test.warns {
				t.Errorf("expected %v but found\n%s", test.warns, shown(t, report))
			}
		})
	}
}
