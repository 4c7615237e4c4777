package snapshot_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func member(id, email, role string) scim.User {
	return scim.User{ID: id, UserName: email, Role: role, Active: true}
}

func group(id, name string, members ...scim.User) scim.Group {
	g := scim.Group{ID: id, DisplayName: name}
	for _, m := range members {
		g.Members = append(g.Members, scim.Member{ID: m.ID, Display: m.UserName})
	}
	return g
}

// Names are not unique in Sentry: nobody gets into a team that they were not in.
func TestTeamsThatCannotBeToldApartAreLeftAlone(t *testing.T) {
	t.Parallel()
	ada, bob := member("1", "ada@acme.test", "member"), member("2", "bob@acme.test", "member")
	team := func(name string, members ...string) snapshot.Team { return snapshot.Team{Name: name, Members: members} }
	withID := func(id string, t snapshot.Team) snapshot.Team { t.ID = id; return t }
	here := func(name, slug string, members ...scim.User) scim.Group {
		return group(strconv.Itoa(len(slug)), name, members...)
	}
	tests := map[string]struct {
		teams []snapshot.Team
		there []scim.Group
		want  []string // of the plan
		left  string   // a part of the reason
	}{
		"two on both sides":      {[]snapshot.Team{team("Ops", "ada@acme.test"), team("Ops", "bob@acme.test")}, []scim.Group{here("Ops", "ops", ada), here("Ops", "ops-eu", bob)}, nil, "the snapshot has several teams"},
		"two in the snapshot":    {[]snapshot.Team{team("Ops", "ada@acme.test"), team("Ops", "bob@acme.test")}, nil, nil, "the snapshot has several teams"},
		"two in Sentry":          {[]snapshot.Team{team("Ops", "ada@acme.test")}, []scim.Group{here("Ops", "ops"), here("Ops", "ops-eu")}, nil, "(ids 3, 6)"},
		"two alike in Sentry":    {[]snapshot.Team{team("OPS", "ada@acme.test")}, []scim.Group{here("Ops", "ops"), here("ops", "ops-eu")}, nil, "(ids 3, 6)"},
		"two alike and one here": {[]snapshot.Team{team("OPS", "ada@acme.test"), team("ops", "bob@acme.test")}, []scim.Group{here("Ops", "ops")}, nil, `could be the team "Ops"`},
		"one by name":            {[]snapshot.Team{team("Ops", "ada@acme.test")}, []scim.Group{here("Ops", "ops-eu"), here("ops", "ops")}, []string{"add ada@acme.test to Ops"}, ""},
		"one by slug":            {[]snapshot.Team{team("OPS", "ada@acme.test")}, []scim.Group{here("Ops", "ops")}, []string{"add ada@acme.test to OPS"}, ""},
		"one by id": {
			[]snapshot.Team{withID("3", team("Ops", "ada@acme.test"))}, []scim.Group{here("Ops", "ops"), here("Ops", "ops-eu")}, []string{"add ada@acme.test to Ops"}, "",
		},
		"two by their ids": {
			[]snapshot.Team{withID("3", team("Ops", "ada@acme.test")), withID("6", team("Ops", "bob@acme.test"))},
			[]scim.Group{here("Ops", "ops"), here("Ops", "ops-eu")},
			[]string{"add ada@acme.test to Ops (id 3)", "add bob@acme.test to Ops (id 6)"},
			"",
		},
		"two, and one of them by its id": {
			[]snapshot.Team{withID("3", team("Ops", "ada@acme.test")), withID("7", team("Ops", "bob@acme.test"))},
			[]scim.Group{here("Ops", "ops")},
			[]string{"add ada@acme.test to Ops (id 3)"},
			"the snapshot has several teams",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &snapshot.Snapshot{Members: []snapshot.Member{{ID: "1", Email: "ada@acme.test", Role: "member"}, {ID: "2", Email: "bob@acme.test", Role: "member"}}, Teams: tt.teams}
			c := s.Missing(&plan.Actual{Users: []scim.User{ada, bob}, Groups: tt.there}, false, memory.Known{})
			if diff := cmp.Diff(tt.want, c.Lines(), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if told := fmt.Sprint(c.Skipped); len(c.Skipped) > 0 != (tt.left != "") || !strings.Contains(told, tt.left) {
				t.Errorf("left out %s, want %q", told, tt.left)
			}
			for team, id := range c.TeamIDs {
				if in := strings.TrimSuffix(team[strings.LastIndexByte(team, ' ')+1:], ")"); strings.HasSuffix(team, ")") && in != id {
					t.Errorf("the team %s has the id %s", team, id)
				}
			}
		})
	}
}

// past is an organization as it was.
func past() *snapshot.Snapshot {
	ada, bob, own := member("1", "ada@acme.test", "manager"), member("2", "bob@acme.test", "member"), member("3", "own@acme.test", "owner")
	return snapshot.Take("https://sentry.test", "acme", time.Date(2026, 11, 23, 3, 0, 0, 5, time.UTC), &plan.Actual{
		Users:  []scim.User{bob, ada, own, member("4", "", "member")},
		Groups: []scim.Group{group("8", "Web", ada, bob, own), group("7", "Data", bob)},
	})
}

func TestASnapshotIsWhatSentryHolds(t *testing.T) {
	t.Parallel()
	want := &snapshot.Snapshot{
		Format: 1, TakenAt: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), SentryURL: "https://sentry.test", Org: "acme",
		Members: []snapshot.Member{{ID: "4", Role: "member"}, {ID: "1", Email: "ada@acme.test", Role: "manager"}, {ID: "2", Email: "bob@acme.test", Role: "member"}, {ID: "3", Email: "own@acme.test", Role: "owner"}},
		Teams:   []snapshot.Team{{ID: "7", Name: "Data", Members: []string{"bob@acme.test"}}, {ID: "8", Name: "Web", Members: []string{"ada@acme.test", "bob@acme.test", "own@acme.test"}}},
	}
	if diff := cmp.Diff(want, past()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	ada, bob, own := member("1", "ada@acme.test", "manager"), member("2", "bob@acme.test", "member"), member("3", "own@acme.test", "owner")
	placeholder := member("4", "", "member")
	known := memory.Known{}.Clone()
	known.Refused["ada@acme.test"], known.Held["bob@acme.test"], known.Waiting["own@acme.test"] = memory.Fact{Why: "not from here"}, memory.Fact{}, memory.Fact{}
	whole := []scim.Group{group("8", "Web", ada, bob, own), group("7", "Data", bob)}
	tests := map[string]struct {
		there   plan.Actual
		roles   bool
		known   memory.Known
		lines   []string
		skipped []string
		notes   int
	}{
		"nothing": {there: plan.Actual{Users: []scim.User{ada, bob, own, placeholder}, Groups: whole}, skipped: []string{"member 4"}},
		"everything": {
			lines: []string{
				"invite ada@acme.test as manager", "invite bob@acme.test as member", "create the team Data", "create the team Web",
				"add bob@acme.test to Data", "add ada@acme.test to Web", "add bob@acme.test to Web",
			},
			skipped: []string{"member 4", "own@acme.test", "own@acme.test"}, notes: 2,
		},
		"everything, of whom Sentry takes nobody": {
			known: known, lines: []string{"create the team Data", "create the team Web"},
			skipped: []string{"ada@acme.test", "ada@acme.test", "bob@acme.test", "bob@acme.test", "member 4", "own@acme.test", "own@acme.test"}, notes: 1,
		},
		"memberships alone": {
			there: plan.Actual{Users: []scim.User{ada, bob, own}, Groups: []scim.Group{group("8", "Web", own), group("7", "Data")}},
			lines: []string{"add bob@acme.test to Data", "add ada@acme.test to Web", "add bob@acme.test to Web"}, skipped: []string{"member 4"},
		},
		"people who have other addresses now": {
			there: plan.Actual{
				Users:  []scim.User{member("1", "ada@new.test", "manager"), member("2", "bob@new.test", "member"), own},
				Groups: []scim.Group{group("8", "Web", own), group("7", "Data", member("2", "bob@new.test", "member"))},
			},
			lines: []string{"add ada@acme.test to Web", "add bob@acme.test to Web"}, skipped: []string{"member 4"},
		},
		"people who were invited again": {
			there: plan.Actual{Users: []scim.User{member("11", "Ada@acme.test", "manager"), member("12", "bob@acme.test", "member"), own}, Groups: []scim.Group{group("7", "Data")}},
			lines: []string{"create the team Web", "add bob@acme.test to Data", "add ada@acme.test to Web", "add bob@acme.test to Web", "add own@acme.test to Web"}, skipped: []string{"member 4"}, notes: 1,
		},
		"names of teams": {
			there: plan.Actual{Users: []scim.User{ada, bob, own}, Groups: []scim.Group{group("8", "Frontend", ada, bob, own), group("7", "DATA", bob)}},
			lines: []string{"rename the team DATA to Data", "rename the team Frontend to Web"}, skipped: []string{"member 4"},
		},
		"a name that another team has now": {
			there:   plan.Actual{Users: []scim.User{ada, bob, own}, Groups: []scim.Group{group("8", "Frontend", ada, bob, own), group("9", "web"), group("7", "Data", bob)}},
			skipped: []string{"member 4", "team Frontend"},
		},
		"roles, which are not asked for": {
			there: plan.Actual{Users: []scim.User{member("1", "ada@acme.test", "member"), bob, own}, Groups: whole}, skipped: []string{"member 4"}, notes: 1,
		},
		"roles": {
			there: plan.Actual{Users: []scim.User{member("1", "ada@acme.test", "member"), member("2", "bob@acme.test", "admin"), own}, Groups: whole}, roles: true,
			lines: []string{"change the role of ada@acme.test from member to manager", "change the role of bob@acme.test from admin to member"}, skipped: []string{"member 4"},
		},
		"roles of owners": {
			there:   plan.Actual{Users: []scim.User{member("1", "ada@acme.test", "owner"), bob, member("3", "own@acme.test", "member")}, Groups: whole},
			roles:   true,
			skipped: []string{"ada@acme.test", "member 4", "own@acme.test"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := past().Missing(&tt.there, tt.roles, tt.known)
			if diff := cmp.Diff(tt.lines, c.Lines(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, who(c.Skipped)); diff != "" || len(c.Notes) != tt.notes {
				t.Errorf("notes %q, skipped %v (-want +got):\n%s", c.Notes, c.Skipped, diff)
			}
			if len(c.UsersRemove)+len(c.MembersRemove)+len(c.TeamsDelete) > 0 {
				t.Errorf("something is taken away: %v", c.Lines())
			}
		})
	}
}

func who(skipped []desired.Skipped) []string {
	var names []string
	for _, s := range skipped {
		names = append(names, s.Who)
	}
	return names
}

// The ids of another Sentry are those of other people and teams here.
func TestIdsOfAnotherOrganizationMeanNothing(t *testing.T) {
	t.Parallel()
	eve, web := member("1", "eve@beta.test", "member"), member("2", "bob@acme.test", "member")
	here := &plan.Actual{Users: []scim.User{eve, web}, Groups: []scim.Group{group("8", "Sales", eve), group("20", "Web")}}
	for name, s := range map[string]*snapshot.Snapshot{"another Sentry": past().In("https://other.test", "acme"), "another organization": past().In("https://sentry.test", "beta")} {
		want := []string{
			"invite ada@acme.test as manager", "create the team Data", "add bob@acme.test to Data", "add ada@acme.test to Web", "add bob@acme.test to Web",
		}
		c := s.Missing(here, true, memory.Known{})
		if diff := cmp.Diff(want, c.Lines()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, m := range c.MembersAdd {
			if m.MemberID == "1" || c.TeamIDs[m.Team] == "8" {
				t.Errorf("%s: %+v", name, m)
			}
		}
	}
	if s := past(); s.In("https://sentry.test", "acme") != s {
		t.Error("a snapshot changes in its own organization")
	}
}
