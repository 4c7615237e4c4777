package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func clock() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

func member(id, email, role string) scim.User {
	return scim.User{ID: id, UserName: email, Role: role, Active: true}
}

func team(id, name string, members ...scim.User) scim.Group {
	g := scim.Group{ID: id, DisplayName: name}
	for _, m := range members {
		g.Members = append(g.Members, scim.Member{ID: m.ID, Display: m.UserName})
	}
	return g
}

// active is somebody of the directory; further are further addresses.
func active(email string, further ...string) *desired.Person {
	return &desired.Person{Name: email, Email: email, Emails: further, Active: true}
}

func inactive(email string, further ...string) *desired.Person {
	p := active(email, further...)
	p.Active = false
	return p
}

func withRole(p *desired.Person, role string) *desired.Person {
	p.Role = role
	return p
}

func withID(p *desired.Person, ids ...string) *desired.Person {
	p.IDs = ids
	return p
}

// wantedTeam is a team of that name with those people.
func wantedTeam(name string, members ...*desired.Person) desired.Team {
	return desired.Team{Name: name, Slug: strings.ToLower(name), Group: name, Members: members}
}

// remembered is the memory of a push that knew these people.
func remembered(persons ...memory.Person) *memory.Record {
	r := memory.New("https://sentry.test", "acme")
	r.Persons, r.People, r.PushedAt = persons, len(persons), clock().Add(-24*time.Hour)
	return r
}

func held(address string, ids ...string) memory.Known {
	known := memory.Known{}.Clone()
	known.Held[address] = memory.Fact{IDs: ids, At: clock()}
	return known
}

// wish is what is compared with Sentry, and how.
type wish struct {
	want   desired.State
	actual plan.Actual
	policy plan.Policy
	record *memory.Record
	known  memory.Known
}

func (w wish) compare() *plan.Comparison {
	return plan.Compare(&w.want, &w.actual, w.policy, w.record, w.known)
}

// plans checks the lines of a plan, who was left out and why, each by a part of
// the reason.
func (w wish) plans(t *testing.T, lines []string, skipped map[string]string) *plan.Comparison {
	t.Helper()
	c := w.compare()
	if diff := cmp.Diff(append([]string{}, lines...), c.Lines()); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
	for _, s := range c.Skipped {
		if part, told := skipped[s.Who]; !told || !strings.Contains(s.Reason, part) {
			t.Errorf("%s: %s, want %q", s.Who, s.Reason, part)
		}
	}
	for who := range skipped {
		if !strings.Contains(fmt.Sprint(c.Skipped), who) {
			t.Errorf("%s is not told: %v", who, c.Skipped)
		}
	}
	return c
}

// open lifts every objection but those that have no override.
func open() plan.Guards {
	everything := plan.Limit{Count: 1 << 30}
	return plan.Guards{
		Removals: everything, Memberships: everything, Teams: everything, Promotions: everything, Demotions: everything,
		Replaced: everything, TeamsGone: everything, Blank: everything, AllowEmpty: true, AllowShrink: true, AllowEmptyTeams: true,
	}
}

// judged is the refusal of what is planned, or nil.
func judged(g plan.Guards, c plan.Case) error {
	if c.Want == nil {
		c.Want = &desired.State{}
	}
	if c.Actual == nil {
		c.Actual = &plan.Actual{}
	}
	if c.Plan == nil {
		c.Plan = planned(plan.Plan{})
	}
	c.Now = clock()
	return g.Judge(c).Err()
}

func planned(p plan.Plan) *plan.Comparison { return &plan.Comparison{Plan: &p} }

func hints(err error) string { return strings.Join(fault.Hints(err), "\n") }

// refused checks that err is a refusal that names the override.
func refused(t *testing.T, err error, override string) {
	t.Helper()
	if fault.CodeOf(err) != fault.Refused || !strings.HasSuffix(err.Error(), "so nothing was written") {
		t.Errorf("got %v, want a refusal", err)
	}
	if !strings.Contains(hints(err), override) {
		t.Errorf("the hints %q do not name %s", hints(err), override)
	}
}
