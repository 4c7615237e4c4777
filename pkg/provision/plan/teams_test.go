package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestATeamThatNoPushHasManagedIsAdopted(t *testing.T) {
	t.Parallel()
	ada, bob := member("5", "ada@acme.test", "member"), member("6", "bob@acme.test", "member")
	managing := func(ids ...string) *memory.Record {
		r := remembered()
		r.Managed = ids
		return r
	}
	losing := []plan.TeamAdopt{{ID: "7", Name: "web", Members: 2, Loses: 1}}
	tests := map[string]struct {
		record *memory.Record
		in     []string // addresses of the group
		want   []plan.TeamAdopt
	}{
		"managed before":                       {managing("7"), []string{"ada@acme.test"}, nil},
		"not managed before":                   {managing("8"), []string{"ada@acme.test"}, losing},
		"not managed before, and loses nobody": {managing("8"), []string{"ada@acme.test", "bob@acme.test"}, []plan.TeamAdopt{{ID: "7", Name: "web", Members: 2}}},
		"without a memory":                     {nil, []string{"ada@acme.test"}, losing},
		"without a memory, and loses nobody":   {nil, []string{"ada@acme.test", "bob@acme.test"}, nil},
		"a memory of no push":                  {memory.New("https://sentry.test", "acme"), []string{"ada@acme.test", "bob@acme.test"}, nil},
		"a memory that knows no teams":         {managing(), []string{"ada@acme.test", "bob@acme.test"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people := []*desired.Person{active("ada@acme.test"), active("bob@acme.test")}
			w := wish{
				want:   desired.State{People: people, Teams: []desired.Team{wantedTeam("Web", people[:len(tt.in)]...)}},
				actual: plan.Actual{Users: []scim.User{ada, bob}, Groups: []scim.Group{team("7", "web", ada, bob), team("9", "Other", bob)}},
				record: tt.record,
			}
			if diff := cmp.Diff(tt.want, w.compare().TeamsAdopt, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("adopted (-want +got):\n%s", diff)
			}
		})
	}
}

// SCIM shows no slugs: what a look-up told of them decides which team is meant,
// and whether it can be renamed.
func TestTeamsWhoseSlugsWereEdited(t *testing.T) {
	t.Parallel()
	slugs := func(slug string, ids ...string) memory.Known {
		known := memory.Known{}.Clone()
		known.Slugs[slug] = memory.Fact{IDs: ids}
		return known
	}
	edited := func(known memory.Known, ids ...string) memory.Known {
		for _, id := range ids {
			known.Edited[id] = memory.Fact{Why: "name"}
		}
		return known
	}
	ada := member("5", "ada@acme.test", "member")
	tests := map[string]struct {
		known  memory.Known
		there  []scim.Group
		rename bool
		lines  []string
		note   string
	}{
		"nobody was asked": {there: []scim.Group{team("7", "Old", ada)}, lines: []string{"create the team Web"}},
		"found by the slug": {
			known: slugs("web", "7"), there: []scim.Group{team("7", "Old", ada)}, note: `the team "Old" was found by its slug "web", which was edited in Sentry and stays`,
			lines: []string{"remove ada@acme.test from Web", "rename the team Old to Web"},
		},
		"found by the slug, and known to be edited": {
			known: edited(slugs("web", "7"), "7"), there: []scim.Group{team("7", "Old", ada)}, note: "was found by its slug",
			lines: []string{"remove ada@acme.test from Web", "rename the team Old to Web"},
		},
		"the slug is free": {known: slugs("web"), there: []scim.Group{team("7", "Old", ada)}, lines: []string{"create the team Web"}},
		"who had the slug is gone": {
			known: slugs("web", "8"), there: []scim.Group{team("7", "Old", ada)}, lines: []string{"create the team Web"},
		},
		"the name goes before the slug": {
			known: slugs("web", "7"), there: []scim.Group{team("7", "Old", ada), team("8", "Web", ada)}, lines: []string{"remove ada@acme.test from Web"},
		},
		"another wanted team has the name": {
			known: slugs("web", "7"), there: []scim.Group{team("7", "Ops", ada)}, lines: []string{"remove ada@acme.test from Ops", "create the team Web"},
		},
		"another writing": {there: []scim.Group{team("7", "WEB")}, lines: []string{"rename the team WEB to Web"}},
		"another writing, and an edited slug": {
			known: edited(memory.Known{}.Clone(), "7"), there: []scim.Group{team("7", "WEB", ada)}, lines: []string{"remove ada@acme.test from Web"},
			note: `the team "WEB" keeps its name and its slug, which was edited in Sentry: renaming the team to "Web" would reset the slug (--rename-slugs does it)`,
		},
		"another writing, and an edited slug that may be reset": {
			known: edited(memory.Known{}.Clone(), "7"), there: []scim.Group{team("7", "WEB")}, rename: true, lines: []string{"rename the team WEB to Web"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wish{
				want:   desired.State{People: []*desired.Person{active("ada@acme.test")}, Teams: []desired.Team{wantedTeam("Ops"), wantedTeam("Web")}},
				actual: plan.Actual{Users: []scim.User{ada}, Groups: tt.there}, policy: plan.Policy{RenameSlugs: tt.rename}, known: tt.known,
			}
			if len(tt.there) > 0 && tt.there[0].DisplayName != "Ops" {
				w.actual.Groups = append(w.actual.Groups, team("99", "Ops"))
			}
			c := w.plans(t, tt.lines, nil)
			if notes := strings.Join(c.Notes, "\n"); (notes != "") != (tt.note != "") || !strings.Contains(notes, tt.note) {
				t.Errorf("notes %q, want %q", c.Notes, tt.note)
			}
		})
	}
}

// Members whom Sentry does not list, and people who are not provisioned, keep
// their place.
func TestWhoKeepsTheirPlaceInATeam(t *testing.T) {
	t.Parallel()
	ada := active("ada@acme.test")
	gone, robot := member("8", "Ada@acme.test", ""), member("9", "robot@acme.test", "member") // an account that was deactivated is not listed
	wish{
		want: desired.State{
			People: []*desired.Person{ada}, Teams: []desired.Team{wantedTeam("Web", ada)}, Untouched: map[string]bool{"robot@acme.test": true},
		},
		actual: plan.Actual{Users: []scim.User{robot}, Groups: []scim.Group{team("7", "Web", gone, robot, member("10", "other@acme.test", ""))}},
	}.plans(t, []string{"remove other@acme.test from Web", "invite ada@acme.test", "add ada@acme.test to Web"}, nil)
}
