package integration_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// worker is a fake whose schedule starts tasks. Each pause of the client is a turn
// of the worker.
type worker struct {
	*fake

	turns  []func() // what happens in the pauses, one after the other
	clock  time.Time
	sent   int
	paused int
}

func newWorker(t *testing.T) *worker {
	t.Helper()
	f := newFake(t, "2026.8")
	w := &worker{fake: f, clock: now()}
	provider := f.put("providers/scim/", object{"name": "Sentry SCIM", "token": canary})
	f.put("providers/scim/", object{"name": "Another"})
	f.put("core/applications/", object{"slug": "sentry", "backchannel_providers": []any{provider["pk"]}})
	f.put("tasks/schedules/", object{"id": "s-1", "crontab": "0 * * * *", "rel_obj_id": provider["pk"]})
	w.task("old", "error", "long ago")
	f.before = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || r.URL.Path != "/api/v3/tasks/schedules/s-1/send/" {
			return false
		}
		w.sent++
		rw.WriteHeader(http.StatusNoContent)
		return true
	}
	return w
}

func (w *worker) task(uid, status, message string) {
	lines := []object{}
	if message != "" {
		lines = append(lines, object{"log_level": "warning", "event": message})
	}
	for _, o := range w.objects["tasks/tasks/"] {
		if o["uid"] == uid {
			o["aggregated_status"], o["messages"] = status, lines
			return
		}
	}
	w.put("tasks/tasks/", object{"message_id": fmt.Sprintf("m-%d", w.next), "uid": uid, "aggregated_status": status, "messages": lines})
}

func (w *worker) sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
	if w.paused < len(w.turns) {
		w.turns[w.paused]()
	}
	w.paused++
	return nil
}

func (w *worker) sync(t *testing.T, said *[]string) (*integration.SyncResult, error) {
	t.Helper()
	s := integration.Sync{
		Client: w.client(t), Application: "sentry",
		Clock: transport.Clock{Now: func() time.Time { return w.clock }, Rand: rand.Reader, Sleep: w.sleep},
		Say:   func(format string, args ...any) { *said = append(*said, fmt.Sprintf(format, args...)) },
	}
	return s.Run(t.Context())
}

func TestSyncFollowsItsTasks(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	w.turns = []func(){
		func() { w.task("all", "running", "") },
		func() { w.task("users", "queued", "") },
		func() { w.task("users", "warning", "\x1b[31m409 for ada@acme.test") },
		func() { w.task("all", "done", "") },
	}
	var said []string
	result, err := w.sync(t, &said)
	if err != nil || w.sent != 1 {
		t.Fatalf("sent %d times, %v", w.sent, err)
	}
	want := &integration.SyncResult{
		Application: "sentry", Provider: "Sentry SCIM", Schedule: "0 * * * *", Complete: true, Warnings: 1,
		Tasks: []integration.SyncTask{
			{Name: "all", Status: "done", Messages: []integration.SyncMessage{}},
			{Name: "users", Status: "warning", Messages: []integration.SyncMessage{{Level: "warning", Text: "\uFFFD[31m409 for ada@acme.test"}}},
		},
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Errorf("the result differs (-want +got):\n%s", diff)
	}
	if last := said[len(said)-1]; !strings.Contains(last, "1 of 2 ended") {
		t.Errorf("said %q", said)
	}
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.Text, result); err != nil || !strings.Contains(out.String(), "done: 2 tasks of Sentry SCIM, 1 with warnings") {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestAFailedTaskFailsTheSync(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	w.turns = []func(){func() { w.task("all", "error", "Sentry is gone") }}
	var said []string
	result, err := w.sync(t, &said)
	if fault.CodeOf(err) != fault.Failed || result.Errors != 1 {
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
		"no worker":      {func(*worker) {}, "started no task in 2m0s"},
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
