package provision_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// leavers are 30 people of whom so many have left.
func leavers(left int) string {
	var b strings.Builder
	b.WriteString("users:\n")
	for i := range 30 {
		fmt.Fprintf(&b, "- {email: p%02d@acme.test, active: %v}\n", i, i >= left)
	}
	return b.String()
}

// unfinished is a push of leavers, of whom Sentry lets so many go.
func unfinished(t *testing.T, allowed int) *world {
	t.Helper()
	emails := make([]string, 30)
	for i := range emails {
		emails[i] = fmt.Sprintf("p%02d@acme.test", i)
	}
	seen := 0
	w := newWorld(t, sampleOf(emails...), func(_ int, r *http.Request) sandbox.Fault {
		if r.Method != http.MethodPatch {
			return sandbox.Fault{}
		}
		if seen++; seen > allowed && seen <= 3 {
			return sandbox.Fault{Status: http.StatusBadRequest}
		}
		return sandbox.Fault{}
	}).remembers()
	w.push.Policy.PruneTeams, w.push.Guards = false, plan.Standard()
	w.run(t, leavers(0))
	return w
}

// The next push finishes what the last one began, whose losses count once.
func TestAPushThatWasNotFinishedIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for allowed := range 3 {
		w := unfinished(t, allowed)
		if _, err := w.push.Run(t.Context(), wantOf(t, leavers(3))); !fault.IsQuiet(err) {
			t.Fatalf("%d of 3: %v", allowed, err)
		}
		w.run(t, leavers(3))
		if _, err := w.push.Run(t.Context(), wantOf(t, leavers(4))); fault.CodeOf(err) != fault.Refused {
			t.Errorf("one more than the guard allows in a week: %v", err)
		}
	}
}

// A push that was interrupted, and one that was killed, whose last note is what it
// was about to do.
func TestAPushThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for _, note := range []int{0, 1} { // before the first write, and at the end
		w := unfinished(t, 3)
		var notes []*memory.Record
		w.push.SaveRecord = func(r *memory.Record) error { notes = append(notes, r); return nil }
		ctx, cancel := context.WithCancel(t.Context())
		w.push.Progress = func(stage string, done, _ int) {
			if stage == "removals" && done == 2 {
				cancel()
			}
		}
		if _, err := w.push.Run(ctx, wantOf(t, leavers(3))); !errors.Is(err, context.Canceled) || len(notes) != 2 {
			t.Fatalf("%v, %d notes", err, len(notes))
		}
		w.push.Record = notes[note]
		w.run(t, leavers(3))
		if _, err := w.push.Run(t.Context(), wantOf(t, leavers(4))); fault.CodeOf(err) != fault.Refused {
			t.Errorf("one more than the guard allows in a week: %v", err)
		}
	}
}
