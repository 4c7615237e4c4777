package plan_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func (w wish) questions() plan.Questions { return w.compare().Questions(w.record, w.known) }

func TestAddressesAreAskedForWhereAMemberCouldHaveThem(t *testing.T) {
	t.Parallel()
	ada, stranger := member("5", "ada@acme.test", "member"), member("6", "stranger@acme.test", "member")
	coming := []*desired.Person{active("ada@acme.test"), active("New@acme.test"), inactive("never@acme.test")}
	tests := map[string]struct {
		record *memory.Record
		accept bool
		known  memory.Known
		there  []scim.User
		want   []string
	}{
		"a stranger":               {there: []scim.User{ada, stranger}, want: []string{"New@acme.test"}},
		"a memory of no push":      {record: memory.New("https://sentry.test", "acme"), there: []scim.User{ada, stranger}, want: []string{"New@acme.test"}},
		"an owner who is one":      {there: []scim.User{ada, member("1", "own@acme.test", "owner")}, want: []string{"New@acme.test"}},
		"no stranger":              {there: []scim.User{ada}},
		"an empty Sentry":          {want: nil},
		"a memory":                 {record: remembered(), there: []scim.User{ada, stranger}},
		"a memory, and accepting":  {record: remembered(), accept: true, there: []scim.User{ada, stranger}, want: []string{"New@acme.test"}},
		"a placeholder is nobody":  {there: []scim.User{ada, member("9", "", "member")}},
		"asked before":             {known: held("new@acme.test", "4"), there: []scim.User{ada, stranger}},
		"somebody not provisioned": {there: []scim.User{ada, member("7", "robot@acme.test", "member")}},
	}
	for name, tt := range tests {
		q := wish{
			want:   desired.State{People: coming, Untouched: map[string]bool{"robot@acme.test": true}},
			actual: plan.Actual{Users: tt.there}, record: tt.record, known: tt.known, policy: plan.Policy{AcceptSecond: tt.accept},
		}.questions()
		if len(tt.there) == 0 { // then everybody is to be invited, and nobody could be another
			tt.want = nil
		}
		if diff := cmp.Diff(tt.want, q.Addresses, cmpopts.EquateEmpty()); diff != "" || q.Empty() != (len(tt.want) == 0) {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSlugsAndNamesAreAskedForWhereOneCouldHaveBeenEdited(t *testing.T) {
	t.Parallel()
	asked := memory.Known{}.Clone()
	asked.Slugs["web"], asked.Edited["7"] = memory.Fact{}, memory.Fact{}
	held := memory.Known{}.Clone()
	held.Slugs["web"] = memory.Fact{IDs: []string{"8"}}
	other := team("9", "Other")
	tests := map[string]struct {
		known  memory.Known
		policy plan.Policy
		record *memory.Record
		there  []scim.Group
		want   plan.Questions
	}{
		"a team to create":                {there: []scim.Group{team("6", "Ops"), other}, want: plan.Questions{Slugs: []string{"web"}}},
		"a team to create, with a memory": {record: remembered(), there: []scim.Group{team("6", "Ops"), other}, want: plan.Questions{Slugs: []string{"web"}}},
		"no team that it could be":        {there: []scim.Group{team("6", "Ops")}},
		"no team to create":               {there: []scim.Group{team("6", "Ops"), team("7", "Web"), other}},
		"asked before":                    {known: asked, there: []scim.Group{team("6", "Ops"), other}},
		"a team to rename":                {there: []scim.Group{team("6", "Ops"), team("7", "WEB")}, want: plan.Questions{Renames: map[string]string{"7": "WEB"}}},
		"a slug that may be reset":        {policy: plan.Policy{RenameSlugs: true}, there: []scim.Group{team("6", "Ops"), team("7", "WEB")}},
		"a slug that is known":            {known: held, there: []scim.Group{team("6", "Ops"), team("8", "Old")}},
		"a rename that is not made":       {known: asked, there: []scim.Group{team("6", "Ops"), team("7", "WEB")}},
	}
	for name, tt := range tests {
		q := wish{
			want:   desired.State{Teams: []desired.Team{wantedTeam("Ops"), wantedTeam("Web")}},
			actual: plan.Actual{Groups: tt.there}, policy: tt.policy, record: tt.record, known: tt.known,
		}.questions()
		if diff := cmp.Diff(tt.want, q, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAtMostTwoHundredQuestionsOfAKind(t *testing.T) {
	t.Parallel()
	w := wish{actual: plan.Actual{Users: []scim.User{member("1", "stranger@acme.test", "member")}, Groups: []scim.Group{team("1", "Other")}}}
	for i := range 250 {
		name := fmt.Sprintf("New %03d", i)
		w.want.People = append(w.want.People, active(fmt.Sprintf("p%03d@acme.test", i)))
		w.want.Teams = append(w.want.Teams, desired.Team{Name: name, Slug: fmt.Sprintf("new-%03d", i)})
		known := fmt.Sprintf("Here %03d", i)
		w.want.Teams = append(w.want.Teams, desired.Team{Name: known, Slug: fmt.Sprintf("here-%03d", i)})
		w.actual.Groups = append(w.actual.Groups, team(strconv.Itoa(100+i), fmt.Sprintf("HERE %03d", i)))
	}
	slices.SortFunc(w.want.Teams, func(a, b desired.Team) int { return len(a.Name) - len(b.Name) })
	q := w.questions()
	if len(q.Addresses) != 200 || len(q.Slugs) != 200 || len(q.Renames) != 200 {
		t.Errorf("%d addresses, %d slugs, %d names, expected 200 of each", len(q.Addresses), len(q.Slugs), len(q.Renames))
	}
}
