package authentik_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTheScopeIsWhatAuthentikDecides compares the people in scope with those whom
// the policy engine passes, for applications bound by chance.
func TestTheScopeIsWhatAuthentikDecides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		f := company()
		f.policies = map[string]func(object) bool{
			"p-yes": func(object) bool { return true },
			"p-no":  func(object) bool { return false },
			"p-odd": func(u object) bool { return fmt.Sprint(u["pk"]) == "1" || fmt.Sprint(u["pk"]) == "3" },
		}
		f.app["policy_engine_mode"] = rapid.SampledFrom([]string{"any", "all"}).Draw(r, "mode")
		f.noDefault = rapid.Bool().Draw(r, "no default")
		targets := []object{
			{"group": "g-eng"},
			{"group": "g-data"},
			{"group": "g-staff"},
			{"user": 1},
			{"user": 4},
			{"user": 99},
			{"policy": "p-yes"},
			{"policy": "p-no"},
			{"policy": "p-odd"},
		}
		for i := range rapid.IntRange(0, 4).Draw(r, "bindings") {
			b := binding(i, "order", i, "enabled", rapid.IntRange(0, 4).Draw(r, "enabled") > 0)
			maps.Copy(b, rapid.SampledFrom(targets).Draw(r, "target"))
			// What a policy returns is negated by the policy's process, before the engine.
			b["negate"] = b["policy"] == nil && rapid.Bool().Draw(r, "negate")
			f.bindings = append(f.bindings, b)
		}
		var want []string
		for _, u := range f.users {
			if f.engine(u) {
				want = append(want, fmt.Sprint(u["username"]))
			}
		}
		people, err := f.serve(t).People(t.Context(), application())
		if err != nil {
			r.Fatal(err)
		}
		if got := usernames(people); got != strings.Join(want, " ") {
			r.Errorf("in scope are %q, want %q, with %v", got, want, people.Notes)
		}
	})
}
