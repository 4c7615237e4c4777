package provision_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func sampleWant(t *testing.T) *desired.State {
	t.Helper()
	d, err := directory.Parse(sandbox.SamplePeople(), "sample", directory.YAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := desired.Want(d, desired.Selection{ExcludeTypes: []string{"service_account"}})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func TestADryRunForetellsTheSizeThatAPushReaches(t *testing.T) {
	t.Parallel()
	wants := map[string]*desired.State{"sample": sampleWant(t)}
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		wants["random "+string(rune('a'+seed))] = randomWant(random)
	}
	for name, want := range wants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.SampleState(), nil)
			w.push.Policy.Remove = plan.RemoveAbsent
			w.push.Guards = open()
			w.push.DryRun = true
			planned, err := w.push.Run(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			w.push.DryRun = false
			pushed, err := w.push.Run(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(planned.After, pushed.After); diff != "" {
				t.Errorf("sizes differ (-foretold +reached):\n%s", diff)
			}
			if diff := cmp.Diff(planned.Before, pushed.Before); diff != "" {
				t.Errorf("a dry run changed sizes:\n%s", diff)
			}
		})
	}
}

func TestTheProgressOfAPushNamesEveryStage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.SampleState(), nil)
	w.push.Workers = 4
	var mu sync.Mutex
	var stages []string
	most, last := map[string]int{}, map[string]int{}
	w.push.Progress = func(stage string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
		most[stage], last[stage] = max(most[stage], done), total
	}
	if _, err := w.push.Run(t.Context(), sampleWant(t)); err != nil {
		t.Fatal(err)
	}
	want := "reading members, reading teams, people, teams, members of teams, removals, verifying members, verifying teams"
	if got := strings.Join(stages, ", "); got != want {
		t.Errorf("got the stages\n%s\nwant\n%s", got, want)
	}
	if diff := cmp.Diff(last, most); diff != "" {
		t.Errorf("stages did not reach their end (-total +done):\n%s", diff)
	}
}
