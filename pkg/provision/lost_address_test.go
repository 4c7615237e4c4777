package provision_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// Somebody whose address is lost in the directory keeps everything in Sentry,
// however many nights that lasts.
func TestALostAddressCostsNobodyAnything(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{`""`, "bob.acme.test"} {
		for _, remove := range []plan.Remove{plan.RemoveInactive, plan.RemoveAbsent} {
			w := newWorld(t, sampleOf("ada@acme.test", "bob@acme.test"), nil).remembers()
			w.push.Policy.Remove = remove
			const people = "users: [{id: a, username: ada, email: ada@acme.test, groups: [web]}, {id: b, username: bob, email: %s, groups: [web]}]"
			w.run(t, fmt.Sprintf(people, "bob@acme.test"))
			members, teams := w.holds()
			for range 3 {
				report := w.run(t, fmt.Sprintf(people, lost))
				if !report.Plan.Empty() {
					t.Errorf("%s, %s: %v", lost, remove, report.Plan.Lines())
				}
			}
			membersNow, teamsNow := w.holds()
			if diff := cmp.Diff(members, membersNow) + cmp.Diff(teams, teamsNow); diff != "" {
				t.Errorf("%s, %s (-before +after):\n%s", lost, remove, diff)
			}
		}
	}
}

// A member whose address in Sentry becomes somebody else's belongs to neither,
// however many nights that lasts: it gets no role and no team of the other.
func TestAMemberWhomTwoClaimBelongsToNeitherEveryNight(t *testing.T) {
	t.Parallel()
	const bob = "users: [{id: b, username: bob, email: bob@acme.test}"
	const people = bob + ", {id: a, username: ada, email: ada@acme.test, groups: [web]}]"
	w := newWorld(t, sampleOf("bob@acme.test"), nil).remembers()
	w.run(t, bob+"]\ngroups: [{name: web, members: []}]")
	state := w.sentry.Snapshot()
	state.Members[0].Email = "Ada@acme.test"
	later := newWorld(t, state, nil).remembers()
	later.push.Record, later.push.Guards = w.push.Record, plan.Standard()
	later.push.Guards.Replaced = plan.Limit{Count: 1}
	for night := range 3 {
		report := later.run(t, people)
		if !report.Plan.Empty() || len(report.Skipped) != 2 {
			t.Fatalf("night %d: %v, left out %v", night, report.Plan.Lines(), report.Skipped)
		}
		later.push.Guards.Replaced = plan.Limit{} // counted once
	}
	later.push.Policy.AcceptSecond = true
	if report := later.run(t, people); report.Plan.Counts().UsersCreate != 1 {
		t.Errorf("accepted: %v", report.Plan.Lines())
	}
	later.push.Policy.AcceptSecond = false
	if report := later.run(t, people); !report.Plan.Empty() {
		t.Errorf("after that: %v", report.Plan.Lines())
	}
}
