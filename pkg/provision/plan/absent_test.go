package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Nobody is removed as absent whom the directory has under the same address,
// whatever keeps them from being provisioned.
func TestWhoeverTheDirectoryKnowsIsNotAbsent(t *testing.T) {
	t.Parallel()
	const address = "ada@acme.test"
	long := strings.Repeat("a", 80) + "@acme.test" // longer than Sentry takes
	tests := map[string]struct {
		person  directory.Person
		member  string
		removed bool
	}{
		"provisioned":                             {directory.Person{Username: "ada", Email: address, Active: true}, address, false},
		"without an e-mail, by the username":      {directory.Person{Username: "ADA@acme.test", Active: true}, address, false},
		"with an address that Sentry refuses":     {directory.Person{Username: "ada", Email: long, Active: true}, long, false},
		"a service account":                       {directory.Person{Username: "ada", Email: address, Type: "robot", Active: true}, address, false},
		"a service account, by the username":      {directory.Person{Username: address, Type: "robot", Active: true}, address, false},
		"a service account, by another address":   {directory.Person{Username: "ada", Email: "r@acme.test", Emails: []string{address}, Type: "robot", Active: true}, address, false},
		"by a further address":                    {directory.Person{Username: "ada", Email: "new@acme.test", Emails: []string{address}, Active: true}, address, false},
		"unmappable and inactive":                 {directory.Person{Username: "ada", Email: long}, long, true},
		"somebody else":                           {directory.Person{Username: "bob", Email: "bob@acme.test", Active: true}, address, true},
		"under another e-mail, which is provided": {directory.Person{Username: address, Email: "new@acme.test", Active: true}, address, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &directory.Directory{Source: "test", People: []directory.Person{tt.person}}
			want, err := desired.Want(d, desired.Selection{ExcludeTypes: []string{"robot"}})
			if err != nil {
				t.Fatal(err)
			}
			if want.Untouched[""] {
				t.Error("whoever has no address is left alone")
			}
			actual := &plan.Actual{Users: []scim.User{member("2", tt.member, "member")}}
			c := plan.Compare(want, actual, plan.Policy{Remove: plan.RemoveAbsent}, nil, memory.Known{})
			if removed := len(c.UsersRemove) == 1; removed != tt.removed {
				t.Errorf("plan %v, want removed = %v", c.Lines(), tt.removed)
			}
		})
	}
}

func TestOwnersAndWhoCouldBeOneAreNeverTouched(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"owner", "Owner", ""} {
		actual := &plan.Actual{Users: []scim.User{member("1", "a@acme.test", role), member("2", "b@acme.test", role)}}
		want := &desired.State{People: []*desired.Person{inactive("a@acme.test"), withRole(active("b@acme.test"), "member")}}
		for _, remove := range []plan.Remove{plan.RemoveInactive, plan.RemoveAbsent} {
			c := plan.Compare(want, actual, plan.Policy{Remove: remove}, nil, memory.Known{})
			if !c.Empty() || len(c.Skipped) != 2 {
				t.Errorf("role %q: plan %v, skipped %v", role, c.Lines(), c.Skipped)
			}
		}
	}
}

// Placeholders of invitations of another kind have no address: nobody knows who
// they are, and they lose nothing.
func TestRowsWithoutAnAddressAreNeverTouched(t *testing.T) {
	t.Parallel()
	for _, blank := range []string{"", " "} {
		placeholder, ada := member("9", blank, "member"), active("ada@acme.test")
		w := wish{
			want: desired.State{People: []*desired.Person{ada}, Teams: []desired.Team{wantedTeam("Web", ada)}},
			actual: plan.Actual{
				Users:  []scim.User{placeholder, member("1", "ada@acme.test", "member")},
				Groups: []scim.Group{team("7", "Web", placeholder, member("1", "ada@acme.test", "member"))},
			},
			policy: plan.Policy{Remove: plan.RemoveAbsent},
		}
		c := w.plans(t, nil, nil)
		if diff := cmp.Diff([]string{"1 row of Sentry has no address and is left alone: an invitation of another kind, whose address SCIM does not show"}, c.Notes); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
	}
}

func TestRemovedPeopleWhoMayComeBackAreNoted(t *testing.T) {
	t.Parallel()
	w := wish{
		want: desired.State{
			People:  []*desired.Person{inactive("a@acme.test"), active("new@acme.test")},
			Aliases: map[string]string{"b@acme.test": "new@acme.test"},
		},
		actual: plan.Actual{Users: []scim.User{member("1", "a@acme.test", "member"), member("2", "b@acme.test", "member"), member("3", "c@acme.test", "member")}},
		policy: plan.Policy{Remove: plan.RemoveAbsent}, record: remembered(),
	}
	const back = "log in by SSO comes back with the default role"
	want := []string{
		"1 person is removed, but still active in the directory under another e-mail: who can still " + back + ": b@acme.test (now new@acme.test)",
		"1 person is removed for not being in the directory as it was read: who can still " + back,
	}
	if diff := cmp.Diff(want, w.compare().Notes); diff != "" {
		t.Errorf("notes with a memory (-want +got):\n%s", diff)
	}
	w.record = nil
	want = append(want, "2 members are removed as absent and 1 person is invited: somebody whose address changed cannot be recognised without the memory of an earlier push (--state-dir)")
	if diff := cmp.Diff(want, w.compare().Notes); diff != "" {
		t.Errorf("notes without one (-want +got):\n%s", diff)
	}
}
