package integration_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestSyncFollowsItsTasks(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	w.turns = []func(){
		func() { w.run("Sentry SCIM", "running", "Starting full provider sync") },
		func() { w.page("Sentry SCIM", 1, "queued", "") },
		func() { w.page("Sentry SCIM", 1, "warning", "\x1b[31m409 for ada@acme.test") },
		func() { w.run("Sentry SCIM", "info", "") },
		func() { w.run("next", "running", "Starting full provider sync") },
	}
	var said []string
	result, err := w.sync(t, &said)
	if err != nil || w.sent != 1 {
		t.Fatalf("sent %d times, %v", w.sent, err)
	}
	want := &integration.SyncResult{
		Application: "sentry", Provider: "Sentry SCIM", Schedule: "0 * * * *", Complete: true, Warnings: 1,
		Tasks: []integration.SyncTask{
			{Name: "Sentry SCIM", Status: "info", Messages: []integration.SyncMessage{{Level: "info", Text: "Starting full provider sync"}}},
			{Name: "Sentry SCIM:user:1", Status: "warning", Messages: []integration.SyncMessage{{Level: "warning", Text: "\uFFFD[31m409 for ada@acme.test"}}},
		},
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Errorf("the result differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"authentik tasks: 0 of 2 ended", "authentik tasks: 1 of 2 ended", "authentik tasks: 2 of 2 ended"}, said); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.Text, result); err != nil || !strings.Contains(out.String(), "done: 2 tasks of Sentry SCIM, 1 with warnings") {
		t.Errorf("%v\n%s", err, &out)
	}
}

// TestALongSync goes on for hours, over thousands of tasks that change their places in
// every list, with a server that is away for a while.
func TestALongSync(t *testing.T) {
	t.Parallel()
	const pages = 2500
	w := newWorker(t)
	w.turns = append(w.turns, func() { w.run("Sentry SCIM", "running", "Starting full provider sync") })
	for n := range pages / 5 {
		w.turns = append(w.turns, func() {
			for i := range 5 {
				w.page("Sentry SCIM", n*5+i+1, "running", "Syncing page")
				w.page("Sentry SCIM", max(1, n*5+i-2), "info", "")
			}
			w.page("Sentry SCIM", 7, "warning", "")
			if n == pages/10 { // the worker goes on, and its API does not answer
				w.before = func(rw http.ResponseWriter, _ *http.Request) bool {
					w.before = w.answer
					http.Error(rw, "away", http.StatusBadGateway)
					return true
				}
			}
		})
	}
	w.turns = append(w.turns, func() {
		for n := range pages {
			w.page("Sentry SCIM", n+1, "info", "")
		}
		w.run("Sentry SCIM", "done", "")
	})
	began := w.clock
	var said []string
	result, err := w.sync(t, &said)
	if err != nil || !result.Complete || len(result.Tasks) != pages+1 || result.Errors > 0 {
		t.Fatalf("%v: %d tasks, %d errors", err, len(result.Tasks), result.Errors)
	}
	if took := w.clock.Sub(began); took < 3*time.Hour || w.asked > 4*len(w.turns) {
		t.Errorf("it took %s and %d requests", took, w.asked)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "does not answer; retrying") || !strings.Contains(all, " of 2501 ended") {
		t.Errorf("said %d lines, the last %q", len(said), said[len(said)-1])
	}
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.Text, result); err != nil || strings.Count(out.String(), "\n") > 10 {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestAFailedTaskFailsTheSync(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*worker){
		"the run":  func(w *worker) { w.run("all", "error", "Sentry is gone") },
		"rejected": func(w *worker) { w.page("all", 1, "rejected", ""); w.run("all", "info", "") },
		// Before 2026.8 what was logged as an error counts as a success.
		"an error in a success": func(w *worker) {
			w.page("all", 1, "info", "refused")
			logs, _ := w.tasks[len(w.tasks)-1]["logs"].([]object)
			logs[0]["log_level"] = "error"
			w.run("all", "info", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorker(t)
			w.turns = []func(){func() { w.run("all", "running", "Starting") }, func() { end(w) }}
			var said []string
			result, err := w.sync(t, &said)
			if fault.CodeOf(err) != fault.Failed || result.Errors != 1 {
				t.Errorf("%v, %+v", err, result)
			}
		})
	}
}

func TestASyncThatAuthentikSkips(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	w.run("under way", "running", "Starting")
	w.turns = []func(){func() { w.run("ours", "info", "Synchronization is already running. Skipping.") }}
	var said []string
	result, err := w.sync(t, &said)
	if fault.CodeOf(err) != fault.Failed || result.Complete || !strings.Contains(err.Error(), "skipped this run") {
		t.Errorf("%v, %+v", err, result)
	}
}

func TestASyncThatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	w.turns = []func(){func() { w.run("ours", "running", "Starting") }, func() { w.tasks = w.tasks[:3] }}
	var said []string
	result, err := w.sync(t, &said)
	if !errors.Is(err, authentik.ErrNotFound) || result.Complete || len(result.Tasks) != 1 {
		t.Errorf("%v, %+v", err, result)
	}
}

func TestASyncThatCannotStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*worker)
		words  string
	}{
		"no application": {func(w *worker) { w.objects["core/applications/"] = nil }, "404"},
		"no provider":    {func(w *worker) { w.objects["core/applications/"][0]["backchannel_providers"] = []any{} }, "no SCIM provider"},
		"no schedule":    {func(w *worker) { w.objects["tasks/schedules/"] = nil }, "no schedule"},
		"no worker":      {func(*worker) {}, "started no task within 2m0s"},
		"two providers": {func(w *worker) {
			w.objects["core/applications/"][0]["backchannel_providers"] = []any{w.objects["providers/scim/"][0]["pk"], w.objects["providers/scim/"][1]["pk"]}
		}, "2 SCIM providers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorker(t)
			test.change(w)
			var said []string
			_, err := w.sync(t, &said)
			if err == nil || !strings.Contains(err.Error(), test.words) || len(fault.Hints(err)) == 0 {
				t.Errorf("got %v with the hints %q, want %q", err, fault.Hints(err), test.words)
			}
		})
	}
}
