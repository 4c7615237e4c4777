package memory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

func clock() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// ago is what a push took that long ago, of so many members.
func ago(d time.Duration, members int, l memory.Losses) memory.Taken {
	return memory.Taken{At: clock().Add(-d), Members: members, Memberships: 2 * members, Elevated: members / 10, Losses: l}
}

func removed(n int) memory.Losses { return memory.Losses{Removed: n} }

func recordOf(taken ...memory.Taken) *memory.Record {
	r := memory.New("https://sentry.test", "acme")
	r.Taken = taken
	return r
}

func TestRecentSumsUpSevenDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	all := memory.Losses{Removed: 1, Lost: 2, Promoted: 3, Demoted: 4, Teams: map[string]int{"7": 5}}
	tests := map[string]struct {
		record *memory.Record
		want   memory.Taken
	}{
		"no record":            {nil, memory.Taken{}},
		"nothing taken":        {recordOf(), memory.Taken{}},
		"just now":             {recordOf(ago(0, 100, removed(2))), ago(0, 100, removed(2))},
		"almost seven days":    {recordOf(ago(7*day-time.Second, 100, removed(2))), ago(7*day-time.Second, 100, removed(2))},
		"exactly seven days":   {recordOf(ago(7*day, 100, removed(2))), memory.Taken{}},
		"by a clock that lied": {recordOf(ago(-time.Hour, 100, removed(2))), ago(-time.Hour, 100, removed(2))},
		"the sizes at the beginning of the window": {
			recordOf(ago(9*day, 500, removed(100)), ago(3*day, 100, removed(2)), ago(day, 98, removed(3))), ago(3*day, 100, removed(5)),
		},
		"every kind, teams by id": {
			recordOf(ago(2*day, 100, all), ago(time.Hour, 90, all), ago(0, 80, memory.Losses{Teams: map[string]int{"8": 1}})),
			ago(2*day, 100, memory.Losses{Removed: 2, Lost: 4, Promoted: 6, Demoted: 8, Teams: map[string]int{"7": 10, "8": 1}}),
		},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.record.Recent(clock()), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTakeForgetsWhatIsOld(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	r := recordOf(ago(7*day, 100, removed(1)), ago(6*day, 99, removed(2)))
	before := *r
	r.Take(ago(0, 97, removed(3)))
	if diff := cmp.Diff([]memory.Taken{ago(6*day, 99, removed(2)), ago(0, 97, removed(3))}, r.Taken); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Take(ago(0, 94, memory.Losses{Teams: map[string]int{}}))
	if len(r.Taken) != 2 {
		t.Errorf("nothing was taken, and the record has %v", r.Taken)
	}
	if len(before.Taken) != 2 || before.Taken[0].Removed != 1 {
		t.Errorf("the record before changed: %v", before.Taken)
	}
}

// What a clock that was ahead noted passes with the time of the next push.
func TestATimeToComePasses(t *testing.T) {
	t.Parallel()
	r := recordOf(ago(-1000*time.Hour, 100, removed(1)))
	r.Take(ago(0, 99, memory.Losses{}))
	if diff := cmp.Diff([]memory.Taken{ago(0, 100, removed(1))}, r.Taken); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Take(ago(-memory.Window, 99, memory.Losses{}))
	if len(r.Taken) != 0 {
		t.Errorf("after the window the record has %v", r.Taken)
	}
}

func TestForgiveCountsNoLongerWhatItNames(t *testing.T) {
	t.Parallel()
	r := recordOf(
		ago(2, 100, memory.Losses{Removed: 1, Lost: 2, Teams: map[string]int{"7": 1}}), ago(1, 100, removed(3)), ago(0, 100, memory.Losses{Lost: 4}),
	)
	before := *r
	r.Forgive(func(l *memory.Losses) { l.Removed = 0 })
	r.Forgive(func(l *memory.Losses) { l.Teams = nil })
	if diff := cmp.Diff([]memory.Taken{ago(2, 100, memory.Losses{Lost: 2}), ago(0, 100, memory.Losses{Lost: 4})}, r.Taken); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if before.Taken[0].Removed != 1 || before.Taken[0].Teams["7"] != 1 {
		t.Errorf("the record before changed: %v", before.Taken)
	}
}

func TestGivenBackCountsNoLonger(t *testing.T) {
	t.Parallel()
	all := memory.Losses{Removed: 1, Lost: 2, Promoted: 3, Demoted: 4, Teams: map[string]int{"7": 5}}
	snapshotted := clock().Add(-time.Hour)
	tests := map[string]struct {
		roles bool
		want  []memory.Taken
	}{
		"without roles": {false, []memory.Taken{ago(2*time.Hour, 9, all), ago(time.Hour, 9, memory.Losses{Promoted: 3, Demoted: 4}), ago(0, 9, memory.Losses{Promoted: 3, Demoted: 4})}},
		"with roles":    {true, []memory.Taken{ago(2*time.Hour, 9, all)}},
	}
	for name, tt := range tests {
		r := recordOf(ago(2*time.Hour, 9, all), ago(time.Hour, 9, all), ago(0, 9, all), ago(0, 9, removed(1)))
		before := *r
		r.GivenBack(snapshotted.Add(300*time.Millisecond), tt.roles, true)
		if diff := cmp.Diff(tt.want, r.Taken); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(before.Taken) != 4 || before.Taken[3].Removed != 1 {
			t.Errorf("%s: the record before changed: %v", name, before.Taken)
		}
	}
}
