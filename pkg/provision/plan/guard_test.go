package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestParseLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"10%": "10%", "2.5%": "2.5%", "0": "0", "25": "25", "0%": "0%", "100%": "100%"} {
		limit, err := plan.ParseLimit(text)
		if err != nil || limit.String() != want {
			t.Errorf("ParseLimit(%q) = %v, %v", text, limit, err)
		}
	}
	for _, text := range []string{"", "%", "-1", "101%", "-5%", "ten", "1e3", "NaN%", "10 %"} {
		if _, err := plan.ParseLimit(text); fault.CodeOf(err) != fault.Usage {
			t.Errorf("ParseLimit(%q) gave %v, want a usage error", text, err)
		}
	}
}

func TestTheGuardRefusesMoreRemovalsThanAllowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		limit             string
		members, removals int
		refused           bool
	}{
		{"10%", 100, 10, false},
		{"10%", 100, 11, true},
		{"10%", 10, 3, false}, // the floor
		{"10%", 10, 4, true},
		{"5", 1000, 5, false},
		{"5", 1000, 6, true},
		{"0", 10, 0, false},
		{"0", 10, 1, true}, // a number has no floor
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s of %d, %d removed", tt.limit, tt.members, tt.removals), func(t *testing.T) {
			t.Parallel()
			limit, err := plan.ParseLimit(tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			guard := plan.Guards{Removals: limit, Floor: 3}
			err = judged(guard, plan.Case{
				Want: &desired.State{People: []*desired.Person{active("x@acme.test")}}, Actual: &plan.Actual{Users: make([]scim.User, tt.members)},
				Plan: planned(plan.Plan{UsersRemove: make([]plan.UserRemove, tt.removals)}),
			})
			if refused := fault.CodeOf(err) == fault.Refused; refused != tt.refused {
				t.Errorf("got %v, want refused = %v", err, tt.refused)
			}
			if tt.refused && !strings.Contains(strings.Join(fault.Hints(err), " "), fmt.Sprintf("--max-removals %d", tt.removals)) {
				t.Errorf("the hint does not name the override: %v", fault.Hints(err))
			}
		})
	}
}

func TestAnEmptyDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	guard := plan.Guards{Removals: plan.Limit{Count: 0}}
	if err := judged(guard, plan.Case{}); fault.CodeOf(err) != fault.Refused || len(fault.Hints(err)) == 0 {
		t.Errorf("got %v, want a refusal with a hint", err)
	}
	guard.AllowEmpty = true
	if err := judged(guard, plan.Case{}); err != nil {
		t.Errorf("--allow-empty gave %v", err)
	}
}
