package memory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

// What a push set out to take away counts as far as it came about.
func TestWhatIsPendingCountsAsFarAsItCameAbout(t *testing.T) {
	t.Parallel()
	planned := memory.Losses{Removed: 2, Lost: 3, Promoted: 1, Demoted: 2, Deleted: 2, Teams: map[string]int{"7": 2, "8": 1}}
	pending := ago(0, 100, planned)
	pending.Pending = &memory.Pending{
		Members: []string{"1", "2"}, Leaving: map[string][]string{"7": {"3", "4"}, "8": {"3"}},
		Roles: map[string]string{"5": "member", "6": "manager", "9": "manager"}, Teams: []string{"8", "10"},
	}
	members := map[string]string{"1": "member", "2": "member", "3": "member", "4": "member", "5": "member", "6": "manager", "9": "manager"}
	tests := map[string]struct {
		roles map[string]string
		teams map[string][]string
		want  memory.Losses
	}{
		"nothing":    {members, map[string][]string{"7": {"4", "3"}, "8": {"3"}, "10": {}}, memory.Losses{}},
		"everything": {map[string]string{"3": "member", "4": "member", "5": "manager", "6": "member", "9": "member"}, nil, planned},
		"a part": {
			map[string]string{"2": "member", "3": "member", "4": "member", "5": "member", "6": "manager", "9": "member"},
			map[string][]string{"7": {"3"}, "8": {"3"}},
			memory.Losses{Removed: 1, Lost: 1, Promoted: 1, Demoted: 1, Deleted: 1, Teams: map[string]int{"7": 1}},
		},
	}
	for name, tt := range tests {
		record := recordOf(ago(1, 100, removed(1)), pending)
		want := []memory.Taken{ago(1, 100, removed(1))}
		if !tt.want.Empty() {
			want = append(want, ago(0, 100, tt.want))
		}
		if diff := cmp.Diff(want, record.Settled(tt.roles, tt.teams).Taken, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(record.Taken) != 2 || record.Taken[1].Removed != 2 {
			t.Errorf("%s: the record before changed: %v", name, record.Taken)
		}
	}
	var none *memory.Record
	if none.Settled(nil, nil) != nil {
		t.Error("no record became one")
	}
}
