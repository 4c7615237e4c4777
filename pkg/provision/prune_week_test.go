package provision_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// groups are a person and so many groups of nobody.
func groups(n int) string {
	var b strings.Builder
	b.WriteString("users: [{email: a@acme.test}]\ngroups:\n- {name: kept, members: []}\n")
	for i := range n {
		fmt.Fprintf(&b, "- {name: g%d, members: []}\n", i)
	}
	return b.String()
}

// Three teams a night are no fewer than twenty in a week.
func TestTeamsDoNotGoByAndBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sampleOf("a@acme.test"), nil).remembers()
	w.run(t, groups(20))
	w.push.Guards = plan.Standard()
	w.run(t, groups(18))
	w.run(t, groups(17))
	_, err := w.push.Run(t.Context(), wantOf(t, groups(16)))
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "4 teams of 21 (3 of them in the last 7 days)") {
		t.Errorf("got %v", err)
	}
	w.push.Guards.TeamsGone = plan.Limit{Count: 4}
	w.run(t, groups(16))
	w.push.Guards = plan.Standard()
	w.run(t, groups(15)) // what the override let through counts no longer
}
