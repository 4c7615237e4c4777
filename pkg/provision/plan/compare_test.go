package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

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

func TestComparePlansExactlyTheDifference(t *testing.T) {
	t.Parallel()
	owner, ada, bob, gone := member("1", "owner@acme.test", "owner"), member("2", "Ada@acme.test", "member"),
		member("3", "bob@acme.test", "member"), member("4", "gone@acme.test", "member")
	robot, stranger := member("5", "robot@acme.test", "member"), member("6", "stranger@acme.test", "manager")
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
			want:   desired.State{People: []provision.Person{{Email: "ada@acme.test", Active: true}, {Email: "new@acme.test", Active: true, Role: "manager"}}},
			actual: plan.Actual{Users: everybody},
			lines:  []string{"invite new@acme.test as manager"},
		},
		"an inactive person who is no member stays away": {
			want: desired.State{People: []provision.Person{{Email: "never@acme.test"}}},
		},
		"an inactive member is removed": {
			want:   desired.State{People: []provision.Person{{Email: "gone@acme.test"}}},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveInactive,
			lines: []string{"remove gone@acme.test (inactive in the directory)"},
		},
		"never means never": {
			want:   desired.State{People: []provision.Person{{Email: "gone@acme.test"}}},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveNever,
		},
		"absent removes strangers but no owner and nobody who is only excluded": {
			want: desired.State{
				People:    []provision.Person{{Email: "ada@acme.test", Active: true}, {Email: "bob@acme.test", Active: true}},
				Untouched: map[string]bool{"robot@acme.test": true},
			},
			actual: plan.Actual{Users: everybody}, remove: plan.RemoveAbsent,
			lines: []string{
				"remove gone@acme.test (not in the directory)", "remove stranger@acme.test (not in the directory)",
			},
			skipped: []desired.Skipped{{Who: "owner@acme.test", Reason: "not in the directory, but an owner: owners are never removed"}},
		},
		"roles change where they differ, and never an owner's": {
			want: desired.State{People: []provision.Person{
				{Email: "ada@acme.test", Active: true, Role: "manager"},
				{Email: "bob@acme.test", Active: true, Role: "member"},
				{Email: "owner@acme.test", Active: true, Role: "member"},
				{Email: "stranger@acme.test", Active: true},
			}},
			actual:  plan.Actual{Users: everybody},
			lines:   []string{"change the role of Ada@acme.test from member to manager"},
			skipped: []desired.Skipped{{Who: "owner@acme.test", Reason: "is an owner: the role member is not applied, owners are never changed"}},
		},
		"teams are matched by name, then by slug, and others are left alone": {
			want:   desired.State{Teams: []provision.Team{{Name: "Data & Insights", Slug: "data-insights"}, {Name: "New", Slug: "new"}, {Name: "Web", Slug: "web"}}},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("10", "data-insights"), team("11", "Web"), team("12", "Hand-made", ada)}},
			lines:  []string{"create the team New", "rename the team data-insights to Data & Insights"},
		},
		"a team that is called otherwise takes its group's team over, and only one does": {
			want: desired.State{Teams: []provision.Team{
				{Name: "Labs", Slug: "labs", Group: "RD"}, {Name: "Research", Slug: "research", Group: "R&D"}, {Name: "Web", Slug: "web", Group: "Web"},
			}},
			actual: plan.Actual{Groups: []scim.Group{team("10", "rd"), team("11", "Web")}},
			lines:  []string{"create the team Research", "rename the team rd to Labs"},
		},
		"a team that another group has keeps its name": {
			want: desired.State{Teams: []provision.Team{
				{Name: "Eng!", Slug: "eng", Group: "Eng!"}, {Name: "Platform", Slug: "platform", Group: "eng"},
			}},
			actual: plan.Actual{Groups: []scim.Group{team("10", "Eng!")}},
			lines:  []string{"create the team Platform"},
		},
		"membership is a difference in both directions": {
			want: desired.State{
				People:    []provision.Person{{Email: "ada@acme.test", Active: true}, {Email: "bob@acme.test", Active: true}, {Email: "gone@acme.test"}, {Email: "new@acme.test", Active: true}},
				Teams:     []provision.Team{{Name: "Web", Slug: "web", Members: []string{"ada@acme.test", "gone@acme.test", "new@acme.test"}}},
				Untouched: map[string]bool{"robot@acme.test": true},
			},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("11", "Web", bob, gone, robot)}},
			remove: plan.RemoveInactive,
			lines: []string{
				"invite new@acme.test", "add ada@acme.test to Web", "add new@acme.test to Web", "take bob@acme.test out of Web",
				"remove gone@acme.test (inactive in the directory)",
			},
		},
		"somebody who is inactive but stays keeps the teams the directory names": {
			want: desired.State{
				People: []provision.Person{{Email: "gone@acme.test"}},
				Teams:  []provision.Team{{Name: "Web", Slug: "web", Members: []string{"gone@acme.test"}}},
			},
			actual: plan.Actual{Users: everybody, Groups: []scim.Group{team("11", "Web", gone)}}, remove: plan.RemoveNever,
		},
		"a team's member whom Sentry does not list is known by the address it shows": {
			want: desired.State{
				People: []provision.Person{{Email: "ada@acme.test", Active: true}},
				Teams:  []provision.Team{{Name: "Web", Slug: "web"}},
			},
			actual: plan.Actual{Users: []scim.User{ada}, Groups: []scim.Group{team("11", "Web", member("99", "deactivated@acme.test", ""))}},
			lines:  []string{"take deactivated@acme.test out of Web"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, skipped := plan.Compare(&tt.want, &tt.actual, tt.remove)
			want := append([]string{}, tt.lines...)
			if diff := cmp.Diff(want, plan.Lines()); diff != "" {
				t.Errorf("plan differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, skipped); diff != "" {
				t.Errorf("skipped differs (-want +got):\n%s", diff)
			}
			if plan.Empty() != (len(tt.lines) == 0) {
				t.Errorf("Empty() = %v with %d changes", plan.Empty(), len(tt.lines))
			}
		})
	}
}
