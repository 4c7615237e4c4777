package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// TestRolesInTeams has one person, ada, in one team, web.
func TestRolesInTeams(t *testing.T) {
	t.Parallel()
	const up, down = "make ada@acme.test admin of the team web", "make ada@acme.test contributor of the team web"
	gave := remembered()
	gave.Managed, gave.Admins = []string{"7"}, []memory.Admin{{Team: "7", Member: "5"}}
	ignored := memory.Known{}.Clone()
	ignored.TeamRoles[memory.TeamRoleKey("7", "5")] = memory.Fact{At: clock(), Why: "auditor"}
	tests := map[string]struct {
		rule     string // the role that a rule gives
		has      string // in the team in Sentry
		orgRole  string
		newRole  string // of the organization, by a rule
		away     bool   // ada is in Sentry, and not in the team yet
		inactive bool
		record   *memory.Record
		known    memory.Known
		lines    []string
	}{
		"an admin by a rule":                         {rule: "admin", lines: []string{up}},
		"an admin already":                           {rule: "admin", has: "admin"},
		"a contributor by a rule":                    {rule: "contributor", has: "admin", lines: []string{down}},
		"a contributor already":                      {rule: "contributor"},
		"an admin who joins":                         {rule: "admin", away: true, lines: []string{"add ada@acme.test to web", up}},
		"no rule, by hand":                           {has: "admin"},
		"no rule, by hand, and a memory":             {has: "admin", record: remembered()},
		"no rule, by a push":                         {has: "admin", record: gave, lines: []string{down}},
		"no rule, by a push, and taken back by hand": {record: gave},
		"no rule, by a push, and a manager by now":   {has: "admin", record: gave, orgRole: "manager"},
		"a rule again":                               {rule: "admin", has: "admin", record: gave},
		"a manager":                                  {rule: "admin", orgRole: "manager"},
		"an owner":                                   {rule: "admin", orgRole: "owner"},
		"a retired admin of the organization":        {rule: "admin", orgRole: "Admin"},
		"to be a manager":                            {rule: "admin", newRole: "manager", lines: []string{"change the role of ada@acme.test from member to manager"}},
		"a manager no more":                          {rule: "admin", orgRole: "manager", newRole: "member", lines: []string{"change the role of ada@acme.test from manager to member", up}},
		"billing":                                    {rule: "admin", orgRole: "billing", lines: []string{up}},
		"a role of one's own":                        {rule: "admin", orgRole: "auditor", lines: []string{up}},
		"Sentry is known to ignore it":               {rule: "admin", orgRole: "auditor", known: ignored},
		"Sentry ignored it beside another role":      {rule: "admin", known: ignored, lines: []string{up}},
		"Sentry may ignore it, and the role changes": {rule: "admin", orgRole: "auditor", newRole: "member", known: ignored, lines: []string{"change the role of ada@acme.test from auditor to member", up}},
		"who leaves":                                 {rule: "admin", has: "admin", record: gave, inactive: true, lines: []string{"remove ada@acme.test (inactive in the directory)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ada := member("5", "ada@acme.test", "member")
			if tt.orgRole != "" {
				ada.Role = tt.orgRole
			}
			person := withRole(active("ada@acme.test"), tt.newRole)
			person.Active = !tt.inactive
			web := wantedTeam("web", person)
			if tt.rule != "" {
				web.Roles = map[*desired.Person]string{person: tt.rule}
			}
			w := wish{
				want: desired.State{People: []*desired.Person{person}, Teams: []desired.Team{web}, TeamRoles: true}, policy: plan.Policy{Remove: plan.RemoveInactive},
				actual: plan.Actual{Users: []scim.User{ada}, Groups: []scim.Group{team("7", "web", ada)}, TeamRoles: map[string]map[string]string{"7": {}}},
				record: tt.record, known: tt.known,
			}
			if tt.away {
				w.actual.Groups[0].Members = nil
			}
			if tt.has != "" {
				w.actual.TeamRoles["7"]["5"] = tt.has
			}
			if c := w.plans(t, tt.lines, nil); !c.Reads().Empty() {
				t.Errorf("more is to be read: %+v", c.Reads())
			}
		})
	}
}

// TestRolesOfPeopleWhoAreNew are planned without an id, and dropped with them.
func TestRolesOfPeopleWhoAreNew(t *testing.T) {
	t.Parallel()
	ada, boss := active("ada@acme.test"), withRole(active("boss@acme.test"), "manager")
	web := wantedTeam("web", ada, boss)
	web.Roles = map[*desired.Person]string{ada: "admin", boss: "admin"}
	w := wish{want: desired.State{People: []*desired.Person{ada, boss}, Teams: []desired.Team{web}, TeamRoles: true}}
	c := w.plans(t, []string{
		"invite ada@acme.test", "invite boss@acme.test as manager", "create the team web", "add ada@acme.test to web", "add boss@acme.test to web",
		"make ada@acme.test admin of the team web",
	}, nil)
	if c.TakesAway() || c.TeamRoles[0].MemberID != "" || !c.TeamRoles[0].Joins {
		t.Errorf("found %+v", c.TeamRoles)
	}
	if rest := c.Without(map[string]bool{"ada@acme.test": true}); len(rest.TeamRoles) != 0 || len(rest.MembersAdd) != 1 {
		t.Errorf("left over: %q", rest.Lines())
	}
}

// TestListsAreReadWhereRulesNeedThem: of teams with a rule or with an admin whom a push
// made, and that have members; projects where a team names some.
func TestListsAreReadWhereRulesNeedThem(t *testing.T) {
	t.Parallel()
	ada := member("5", "ada@acme.test", "member")
	person := active("ada@acme.test")
	gave := remembered()
	gave.Admins, gave.Links = []memory.Admin{{Team: "7", Member: "5"}}, []memory.Link{{Team: "7", Project: "1"}}
	off := memory.Known{}.Clone()
	off.TeamRoles[memory.NoTeamRoles] = memory.Fact{Why: "it was off", At: clock()}
	tests := map[string]struct {
		rules, empty, unlink bool
		role                 string
		projects             []string
		record               *memory.Record
		known                memory.Known
		want                 plan.Reads
	}{
		"nothing set":               {record: gave},
		"rules for other teams":     {rules: true},
		"a rule":                    {rules: true, role: "admin", want: plan.Reads{Teams: []string{"7"}}},
		"a rule for an empty team":  {rules: true, role: "admin", empty: true},
		"a push gave a role":        {rules: true, record: gave, want: plan.Reads{Teams: []string{"7"}}},
		"the feature is off":        {rules: true, role: "admin", record: gave, known: off},
		"projects":                  {projects: []string{"web-*"}, want: plan.Reads{Projects: true}},
		"links that may be removed": {unlink: true, record: gave, want: plan.Reads{Projects: true}},
		"no links that were made":   {unlink: true, record: remembered()},
		"no memory of links":        {unlink: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := wantedTeam("web", person)
			web.Projects = tt.projects
			if tt.role != "" {
				web.Roles = map[*desired.Person]string{person: tt.role}
			}
			w := wish{
				want:   desired.State{People: []*desired.Person{person}, Teams: []desired.Team{web}, TeamRoles: tt.rules},
				actual: plan.Actual{Users: []scim.User{ada}, Groups: []scim.Group{team("7", "web", ada)}},
				record: tt.record, known: tt.known, policy: plan.Policy{UnlinkProjects: tt.unlink},
			}
			if tt.empty {
				w.actual.Groups[0].Members = nil
			}
			c := w.compare()
			if diff := cmp.Diff(tt.want, c.Reads()); diff != "" {
				t.Error(diff)
			}
			if len(c.TeamRoles)+len(c.ProjectsAdd)+len(c.ProjectsRemove) > 0 && !tt.empty {
				t.Errorf("planned before it was read: %q", c.Lines())
			}
		})
	}
}

func TestProjectsOfTeams(t *testing.T) {
	t.Parallel()
	all := []plan.Project{{ID: "1", Slug: "api"}, {ID: "2", Slug: "web-api", Teams: []string{"7"}}, {ID: "3", Slug: "web-shop"}, {ID: "4", Slug: "old", Teams: []string{"7"}}}
	made := remembered()
	made.Links = []memory.Link{{Team: "7", Project: "2"}, {Team: "7", Project: "4"}, {Team: "8", Project: "1"}, {Team: "7", Project: "99"}}
	tests := map[string]struct {
		named   []string
		unlink  bool
		record  *memory.Record
		lines   []string
		skipped map[string]string
	}{
		"a slug":                      {named: []string{"api"}, lines: []string{"link the project api to the team web"}},
		"a link that is there":        {named: []string{"web-api"}},
		"a pattern":                   {named: []string{"web-*"}, lines: []string{"link the project web-shop to the team web"}},
		"a slug and a pattern":        {named: []string{"web-*", "web-shop"}, lines: []string{"link the project web-shop to the team web"}},
		"none of that slug":           {named: []string{"api", "nothing"}, lines: []string{"link the project api to the team web"}, skipped: map[string]string{"project nothing": "does not exist"}},
		"none of that pattern":        {named: []string{"x-*"}, skipped: map[string]string{"project x-*": "matches no project"}},
		"case counts":                 {named: []string{"API"}, skipped: map[string]string{"project API": "does not exist"}},
		"a link that a push made":     {named: []string{"web-api"}, record: made},
		"which may be removed":        {named: []string{"web-api"}, record: made, unlink: true, lines: []string{"unlink the project old from the team web"}},
		"by hand, and may be removed": {named: []string{"api"}, record: remembered(), unlink: true, lines: []string{"link the project api to the team web"}},
		"a project that was renamed": {
			named: []string{"web-api", "former"}, record: made, unlink: true,
			skipped: map[string]string{"project former": "does not exist", "project old": "keeps its link to the team web: former could be its name of before"},
		},
		"nothing is named any more": {record: made, unlink: true, lines: []string{"unlink the project old from the team web", "unlink the project web-api from the team web"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := wantedTeam("web")
			web.Projects = tt.named
			w := wish{
				want: desired.State{Teams: []desired.Team{web}}, record: tt.record, policy: plan.Policy{UnlinkProjects: tt.unlink},
				actual: plan.Actual{Groups: []scim.Group{team("7", "web"), team("8", "other")}, Projects: all},
			}
			c := w.plans(t, tt.lines, tt.skipped)
			if c.TakesAway() != (len(c.ProjectsRemove) > 0) {
				t.Errorf("takes away: %v", c.TakesAway())
			}
		})
	}
}

// TestAReadingIsKeptWhereThePlanChangesNothing so that it is not asked for twice.
func TestAReadingIsKeptWhereThePlanChangesNothing(t *testing.T) {
	t.Parallel()
	earlier := &plan.Actual{TeamRoles: map[string]map[string]string{"1": {"5": "admin"}, "2": {}, "3": {}, "4": {}}, Projects: []plan.Project{{ID: "1"}}}
	p := plan.New()
	p.TeamIDs = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	p.MembersAdd, p.MembersRemove = []plan.Membership{{Team: "b"}}, []plan.Membership{{Team: "c"}}
	p.TeamRoles = []plan.TeamRole{{Team: "d"}}
	again := &plan.Actual{}
	again.Keep(earlier, p)
	if diff := cmp.Diff(&plan.Actual{TeamRoles: map[string]map[string]string{"1": {"5": "admin"}}, Projects: earlier.Projects}, again); diff != "" {
		t.Error(diff)
	}
	p.ProjectsAdd = []plan.ProjectLink{{Team: "a"}}
	again = &plan.Actual{}
	if again.Keep(earlier, p); again.Projects != nil {
		t.Error("projects are kept although a link changes")
	}
}
