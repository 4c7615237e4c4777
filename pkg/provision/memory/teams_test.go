package memory_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

func TestWhatPushesGaveToTeamsIsKept(t *testing.T) {
	t.Parallel()
	r := memory.New("https://sentry.test", "acme")
	r.Admins = []memory.Admin{{Team: "2", Member: "9"}, {Team: "1", Member: "8"}, {Team: "2", Member: "7"}}
	r.Links = []memory.Link{{Team: "2", Project: "5"}, {Team: "1", Project: "6"}}
	path := filepath.Join(t.TempDir(), "record.json")
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := memory.Load(path, "https://sentry.test", "acme")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"7", "9"}, {"8"}, nil}, [][]string{got.AdminsOf("2"), got.AdminsOf("1"), got.AdminsOf("3")}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"5"}, {"6"}, nil}, [][]string{got.LinksOf("2"), got.LinksOf("1"), got.LinksOf("3")}); diff != "" {
		t.Error(diff)
	}
	var none *memory.Record
	if none.AdminsOf("1") != nil || none.LinksOf("1") != nil || none.CreatedTeam("1") {
		t.Error("no memory has admins, links or teams")
	}
}

func TestLossesOfTeamsAreAddedUpAndForgiven(t *testing.T) {
	t.Parallel()
	losses := memory.Losses{TeamPromoted: 1, TeamDemoted: 2, Unlinked: 3}
	if losses.Empty() {
		t.Error("the losses are empty")
	}
	r := memory.New("https://sentry.test", "acme")
	for range 2 {
		r.Take(memory.Taken{At: clock(), Losses: losses})
	}
	sum := r.Recent(clock())
	if sum.TeamPromoted != 2 || sum.TeamDemoted != 4 || sum.Unlinked != 6 {
		t.Errorf("found %+v", sum.Losses)
	}
	if r.GivenBack(clock(), false, false); r.Recent(clock()).Unlinked != 6 {
		t.Errorf("after a restore without projects: %+v", r.Recent(clock()).Losses)
	}
	r.GivenBack(clock(), false, true)
	if sum = r.Recent(clock()); sum.TeamPromoted != 2 || sum.TeamDemoted != 4 || sum.Unlinked != 0 {
		t.Errorf("after a restore without roles: %+v", sum.Losses)
	}
	r.GivenBack(clock(), true, true)
	if diff := cmp.Diff(memory.Losses{TeamPromoted: 2, Teams: map[string]int{}}, r.Recent(clock()).Losses); diff != "" {
		t.Errorf("after a restore with roles, which makes no admin a contributor: %s", diff)
	}
}
