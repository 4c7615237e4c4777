package memory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

func factsOf(ages map[string]time.Duration) map[string]memory.Fact {
	facts := map[string]memory.Fact{}
	for key, age := range ages {
		facts[key] = memory.Fact{IDs: []string{key}, At: clock().Add(-age)}
	}
	return facts
}

func TestFactsEndWithTime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	ages := map[string]time.Duration{"now": 0, "a week": 7 * day, "over a week": 7*day + 1, "a month": 30 * day, "over a month": 30*day + 1, "to come": -1}
	of := func() map[string]memory.Fact { return factsOf(ages) }
	known := memory.Known{Held: of(), Waiting: of(), Refused: of(), Roles: of(), Slugs: of(), Edited: of(), ByHand: of(), Given: of(), TeamRoles: of(), Tokens: of()}
	week := factsOf(map[string]time.Duration{"now": 0, "a week": 7 * day})
	month := factsOf(map[string]time.Duration{"now": 0, "a week": 7 * day, "over a week": 7*day + 1, "a month": 30 * day})
	want := memory.Known{
		Refused: month, Roles: month, Slugs: month, Edited: month, ByHand: month, Given: month,
		Waiting: week, Held: week, TeamRoles: week, Tokens: week,
	}
	if diff := cmp.Diff(want, known.Since(clock())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(known.Held) != len(ages) || len(known.Waiting) != len(ages) {
		t.Errorf("the facts before changed: %v", known)
	}
}

func TestFactsAreAddedToACopy(t *testing.T) {
	t.Parallel()
	first := memory.Known{Held: map[string]memory.Fact{"a": {Why: "old"}, "b": {Why: "old"}}}
	second := first.Clone()
	second.Add(memory.Known{Held: map[string]memory.Fact{"b": {Why: "new"}, "c": {Why: "new"}}, ByHand: map[string]memory.Fact{"9": {}}})
	want := memory.Known{
		Held:    map[string]memory.Fact{"a": {Why: "old"}, "b": {Why: "new"}, "c": {Why: "new"}},
		Waiting: map[string]memory.Fact{}, Refused: map[string]memory.Fact{}, Roles: map[string]memory.Fact{},
		Slugs: map[string]memory.Fact{}, Edited: map[string]memory.Fact{}, ByHand: map[string]memory.Fact{"9": {}}, Given: map[string]memory.Fact{},
		TeamRoles: map[string]memory.Fact{}, Tokens: map[string]memory.Fact{},
	}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]memory.Fact{"a": {Why: "old"}, "b": {Why: "old"}}, first.Held); diff != "" {
		t.Errorf("what was cloned changed:\n%s", diff)
	}
	none := memory.Known{}
	none.Add(second)
	if diff := cmp.Diff(want, none); diff != "" {
		t.Errorf("added to nothing (-want +got):\n%s", diff)
	}
}

func TestIdsAreInTheOrderOfNumbers(t *testing.T) {
	t.Parallel()
	fact := memory.Fact{IDs: []string{"10", "9", "100", "11"}}
	if diff := cmp.Diff([]string{"9", "10", "11", "100"}, fact.Sorted()); diff != "" || fact.IDs[0] != "10" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
