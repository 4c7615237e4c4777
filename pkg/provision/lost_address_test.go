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
