package provision_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// sampleOf is an organization with these members.
func sampleOf(emails ...string) sandbox.State {
	state := sandbox.DefaultState("acme")
	for i, email := range emails {
		state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(100 + i), Email: email, Linked: true})
	}
	return state
}

// remembers makes the push keep its record, and prune.
func (w *world) remembers() *world {
	w.push.Record, w.push.Policy.PruneTeams, w.push.Guards = memory.New("http://localhost", "acme"), true, open()
	w.push.SaveRecord = func(*memory.Record) error { return nil }
	return w
}

func (w *world) run(t *testing.T, yaml string) *output.Report {
	t.Helper()
	report, err := w.push.Run(t.Context(), wantOf(t, yaml))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (w *world) teamNames() []string {
	_, teams := w.holds()
	names := []string{}
	for name := range teams {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

const both = "users: [{email: a@acme.test, groups: [made, kept]}]"

func TestOnlyTeamsThatAPushCreatedArePruned(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Teams = []sandbox.Team{{ID: "7", Name: "kept", Slug: "kept", Members: []string{}}, {ID: "8", Name: "hand-made", Slug: "hand-made", Members: []string{}}}
	w := newWorld(t, state, nil).remembers()
	w.run(t, both)
	report := w.run(t, "users: [{email: a@acme.test}]")
	if diff := cmp.Diff([]string{"delete the team made (the directory no longer has the group made)"}, report.Plan.Lines()); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
	if report.Applied.TeamsDelete != 1 || !report.Verified || w.saved != 1 {
		t.Errorf("applied %+v, verified %v, %d snapshots", report.Applied, report.Verified, w.saved)
	}
	if diff := cmp.Diff([]string{"hand-made", "kept"}, w.teamNames()); diff != "" {
		t.Errorf("teams differ (-want +got):\n%s", diff)
	}
	if len(w.push.Record.Created) != 0 {
		t.Errorf("the record still has %v", w.push.Record.Created)
	}
}

func TestWhatKeepsATeamFromBeingPruned(t *testing.T) {
	t.Parallel()
	const gone = "users: [{email: a@acme.test}]"
	tests := map[string]struct {
		then   string
		change func(*world)
	}{
		"the group is there":             {"users: [{email: a@acme.test, groups: [made]}]", nil},
		"the group is written otherwise": {"{users: [{email: a@acme.test}], groups: [{name: MADE}]}", nil},
		"pruning is not asked for":       {gone, func(w *world) { w.push.Policy.PruneTeams = false }},
		"nothing is remembered":          {gone, func(w *world) { w.push.Record = nil }},
		"the team was renamed since":     {gone, func(w *world) { w.push.Record.Created[0].Name = "another" }},
		"the id is another team's":       {gone, func(w *world) { w.push.Record.Created[0].ID = "99999" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.DefaultState("acme"), nil).remembers()
			w.run(t, "users: [{email: a@acme.test, groups: [made]}]")
			if tt.change != nil {
				tt.change(w)
			}
			if report := w.run(t, tt.then); len(report.Plan.TeamsDelete) > 0 {
				t.Errorf("plan: %v", report.Plan.Lines())
			}
		})
	}
}

func TestATeamStaysWhoseGroupIsThereButNotSelected(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"made", "Made!"} {
		w := newWorld(t, sandbox.DefaultState("acme"), nil).remembers()
		w.run(t, "users: [{email: a@acme.test, groups: [made]}]")
		d, err := directory.Parse([]byte("users: [{email: a@acme.test, groups: [kept, "+strconv.Quote(group)+"]}]"), "test", directory.YAML)
		if err != nil {
			t.Fatal(err)
		}
		want, err := desired.Want(d, desired.Selection{Groups: []string{"kept"}})
		if err != nil {
			t.Fatal(err)
		}
		if report, err := w.push.Run(t.Context(), want); err != nil || len(report.Plan.TeamsDelete) > 0 {
			t.Errorf("%s: %v, plan %v", group, err, report.Plan.Lines())
		}
	}
}

func TestARenamedTeamIsStillRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), nil).remembers()
	w.run(t, "users: [{email: a@acme.test, groups: [Data]}]")
	w.run(t, "users: [{email: a@acme.test, groups: [data]}]")
	if record := w.push.Record.Created; len(record) != 1 || record[0].Name != "data" {
		t.Errorf("the record has %+v", record)
	}
}

func TestATeamOfAPushThatFailedIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Users") {
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"no"}`}
		}
		return sandbox.Fault{}
	}).remembers()
	if _, err := w.push.Run(t.Context(), wantOf(t, both)); err == nil {
		t.Fatal("the push did not fail")
	}
	if len(w.push.Record.Created) != 2 || len(w.push.Record.Persons) != 0 {
		t.Errorf("the record is %+v, want both teams and nobody", w.push.Record)
	}
}

func TestARecordThatCannotBeKeptIsNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), nil).remembers()
	w.push.SaveRecord = func(*memory.Record) error { return errors.New("disk full") }
	report := w.run(t, both)
	if !report.Verified || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "disk full") {
		t.Errorf("verified %v, notes %v", report.Verified, report.Notes)
	}
}

// draw picks some of the words, in their order.
func draw(random *rand.Rand, words ...string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(string) bool { return random.IntN(2) == 0 })
}

// randomDirectory has three people in some groups.
func randomDirectory(random *rand.Rand) *directory.Directory {
	var yaml strings.Builder
	yaml.WriteString("groups:\n")
	for _, name := range draw(random, "eng", "Eng!", "R&D", "data", "Über Ops", "команда", "web") {
		fmt.Fprintf(&yaml, "- {name: %q, members: [%s]}\n", name, strings.Join(draw(random, "a@acme.test", "b@acme.test", "c@acme.test"), ", "))
	}
	yaml.WriteString("users: [{email: a@acme.test}, {email: b@acme.test}, {email: c@acme.test}]\n")
	d, err := directory.Parse([]byte(yaml.String()), "random", directory.YAML)
	if err != nil {
		panic(err)
	}
	return d
}

func randomWant(random *rand.Rand) *desired.State {
	for {
		d := randomDirectory(random)
		var sel desired.Selection
		for _, g := range d.Groups {
			if random.IntN(3) == 0 {
				team := []string{"eng", "Data", "Platform", "web", "rd", "Ops"}[random.IntN(6)]
				sel.TeamNames = append(sel.TeamNames, desired.TeamName{Group: g.Name, Team: team})
			}
		}
		if want, err := desired.Want(d, sel); err == nil { // names that collide are refused
			return want
		}
	}
}

func randomTeams(random *rand.Rand) []sandbox.Team {
	var teams []sandbox.Team
	slugs := map[string]bool{}
	for i, name := range draw(random, "eng", "ENG", "R&D", "Data", "data", "uber ops", "web", "hand-made", "Platform") {
		if slug := sentry.TeamSlug(name); !slugs[slug] {
			slugs[slug] = true
			teams = append(teams, sandbox.Team{ID: strconv.Itoa(10 + i), Name: name, Slug: slug, Members: []string{}})
		}
	}
	return teams
}

// For random directories and teams: a push makes the teams what is wanted, a
// second one has nothing to do, and no team that no push created is ever deleted.
func TestPushesOfRandomTeamsConvergeAndDeleteNothingOfOthers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 3))
		state := sandbox.DefaultState("acme")
		state.Teams = randomTeams(random)
		w := newWorld(t, state, nil).remembers()
		for range 3 {
			want := randomWant(random)
			w.pushes(t, seed, want)
		}
		left := map[string]bool{}
		for _, team := range w.sentry.Snapshot().Teams {
			left[team.ID] = team.Status == "" || team.Status == "active"
		}
		for _, team := range state.Teams {
			if !left[team.ID] {
				t.Errorf("seed %d: the team %q, which no push created, is gone", seed, team.Name)
			}
		}
	}
}

// pushes pushes want twice.
func (w *world) pushes(t *testing.T, seed uint64, want *desired.State) {
	t.Helper()
	report, err := w.push.Run(t.Context(), want)
	if err != nil || !report.Verified {
		t.Fatalf("seed %d: %v, plan %v, failed %v", seed, err, report.Plan.Lines(), report.Failed)
	}
	_, teams := w.holds()
	for _, team := range want.Teams {
		if diff := cmp.Diff(addresses(team), teams[team.Name]); diff != "" {
			t.Errorf("seed %d: the team %s differs (-want +got):\n%s", seed, team.Name, diff)
		}
	}
	if again, err := w.push.Run(t.Context(), want); err != nil || !again.Plan.Empty() {
		t.Fatalf("seed %d: the second push: %v, %v", seed, err, again.Plan.Lines())
	}
}
