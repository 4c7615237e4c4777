package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestComparePlansExactlyTheDifference(t *testing.T) {
	t.Parallel()
	owner, ada, bob, gone := member("1", "owner@acme.test", "owner"), member("2", "Ada@acme.test", "member"),
		member("3", "bob@acme.test", "member"), member("4", "gone@acme.test", "member")
	robot, stranger := member("5", "robot@acme.test", "member"), member("6", "stranger@acme.test", "manager")
	a, still, n := active("ada@acme.test"), inactive("gone@acme.test"), active("new@acme.test")
	everybody := []scim.User{owner, ada, bob, gone, robot, stranger}

	tests := map[string]struct {
		want    desired.State
		actual  plan.Actual
		remove  plan.Remove
		lines   []string
		skipped []desired.Skipped
	}{
		"nothing on both sides": {},
		"new people are invited, case does not matter": {
			want:   desired.State{People: []*desired.Person{active("ada@acme.test"), withRole(active("new@acme.test"), "manager")}},
			actual: plan.Actual{Users: everybody},
			lines:  []string{"invite new@acme.test as manager"},
		},
		"an inactive person who is no member stays away": {
			want: desired.State{People: []*desired.Person{inactive("never@acme.test")}},
		},
		"an inactive member is removed": {
			want:   desired.State{People: []*desired.Person{inactive("gone@acme.test")}},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveInactive,
			lines: []string{"remove gone@acme.test (inactive in the directory)"},
		},
		"never means never": {
			want:   desired.State{People: []*desired.Person{inactive("gone@acme.test")}},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveNever,
		},
		"absent removes strangers but no owner and nobody who is only excluded": {
			want: desired.State{
				People:    []*desired.Person{active("ada@acme.test"), active("bob@acme.test")},
				Untouched: map[string]bool{"robot@acme.test": true},
			},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveAbsent,
			lines: []string{
				"remove gone@acme.test (not in the directory)", "remove stranger@acme.test (not in the directory)",
			},
			skipped: []desired.Skipped{{Who: "owner@acme.test", Reason: "not in the directory, but an owner: owners are never removed"}},
		},
		"roles change where they differ, and never an owner's": {
			want: desired.State{People: []*desired.Person{
				withRole(active("ada@acme.test"), "manager"),
				withRole(active("bob@acme.test"), "member"),
				withRole(active("owner@acme.test"), "member"),
				active("stranger@acme.test"),
			}},
			actual:  plan.Actual{Users: everybody},
			lines:   []string{"change the role of Ada@acme.test from member to manager"},
			skipped: []desired.Skipped{{Who: "owner@acme.test", Reason: "is an owner: the role member is not applied, owners are never changed"}},
		},
		"teams are matched by name, then by slug, and others are left alone": {
			want:   desired.State{Teams: []desired.Team{{Name: "Data & Insights", Slug: "data-insights"}, {Name: "New", Slug: "new"}, {Name: "Web", Slug: "web"}}},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("10", "data-insights"), team("11", "Web"), team("12", "Hand-made", ada)}},
			lines:  []string{"rename the team data-insights to Data & Insights", "create the team New"},
		},
		"a team that is called otherwise takes its group's team over, and only one does": {
			want: desired.State{Teams: []desired.Team{
				{Name: "Labs", Slug: "labs", Group: "RD"}, {Name: "Research", Slug: "research", Group: "R&D"}, {Name: "Web", Slug: "web", Group: "Web"},
			}},
			actual: plan.Actual{Groups: []scim.Group{team("10", "rd"), team("11", "Web")}},
			lines:  []string{"rename the team rd to Labs", "create the team Research"},
		},
		"a team that another group has keeps its name": {
			want: desired.State{Teams: []desired.Team{
				{Name: "Eng!", Slug: "eng", Group: "Eng!"}, {Name: "Platform", Slug: "platform", Group: "eng"},
			}},
			actual: plan.Actual{Groups: []scim.Group{team("10", "Eng!")}},
			lines:  []string{"create the team Platform"},
		},
		"membership is a difference in both directions": {
			want: desired.State{
				People:    []*desired.Person{a, active("bob@acme.test"), still, n},
				Teams:     []desired.Team{{Name: "Web", Slug: "web", Members: []*desired.Person{a, still, n}}},
				Untouched: map[string]bool{"robot@acme.test": true},
			},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("11", "Web", bob, gone, robot)}},
			remove: plan.RemoveInactive,
			lines: []string{
				"remove gone@acme.test (inactive in the directory)", "remove bob@acme.test from Web",
				"invite new@acme.test", "add Ada@acme.test to Web", "add new@acme.test to Web",
			},
		},
		"somebody who is inactive but stays keeps the teams the directory names": {
			want: desired.State{
				People: []*desired.Person{still},
				Teams:  []desired.Team{{Name: "Web", Slug: "web", Members: []*desired.Person{still}}},
			},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("11", "Web", gone)}}, remove: plan.RemoveNever,
		},
		"a team's member whom Sentry does not list is known by the address it shows": {
			want: desired.State{
				People: []*desired.Person{active("ada@acme.test")},
				Teams:  []desired.Team{{Name: "Web", Slug: "web"}},
			},
			actual: plan.Actual{Users: []scim.User{ada}, Groups: []scim.Group{team("11", "Web", member("99", "deactivated@acme.test", ""))}},
			lines:  []string{"remove deactivated@acme.test from Web"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := plan.Compare(&tt.want, &tt.actual, plan.Policy{Remove: tt.remove}, nil, memory.Known{})
			want := append([]string{}, tt.lines...)
			if diff := cmp.Diff(want, c.Lines()); diff != "" {
				t.Errorf("plan differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, c.Skipped); diff != "" {
				t.Errorf("skipped differs (-want +got):\n%s", diff)
			}
			if c.Empty() != (len(tt.lines) == 0) {
				t.Errorf("Empty() = %v with %d changes", c.Empty(), len(tt.lines))
			}
		})
	}
}
