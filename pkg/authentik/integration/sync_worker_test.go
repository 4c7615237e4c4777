package integration_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

const (
	scheduleID = "00000000-0000-4000-8000-0000000005c4"
	runActor   = "authentik.providers.scim.tasks.scim_sync"
	pageActor  = "authentik.providers.scim.tasks.scim_sync_objects"
)

// worker is a fake whose schedule starts tasks, in lists that move as they do in
// authentik: what changed last comes first. Each pause of the client is a turn of
// the worker.
type worker struct {
	*fake

	tasks  []object
	turns  []func() // what happens in the pauses, one after the other
	clock  time.Time
	sent   int
	paused int
	asked  int // requests for tasks
}

func newWorker(t *testing.T) *worker {
	t.Helper()
	f := newFake(t, "2026.8")
	w := &worker{fake: f, clock: now()}
	provider := f.put("providers/scim/", object{"name": "Sentry SCIM"})
	f.put("providers/scim/", object{"name": "Another"})
	f.put("core/applications/", object{"slug": "sentry", "backchannel_providers": []any{provider["pk"]}})
	f.put("tasks/schedules/", object{"id": scheduleID, "actor_name": runActor, "crontab": "0 * * * *", "rel_obj_id": provider["pk"]})
	w.run("old", "error", "long ago")
	w.page("old", 1, "error", "long ago")
	w.change("signal", object{"actor_name": "authentik.providers.scim.tasks.scim_sync_direct", "rel_obj_model": "scimprovider", "rel_obj_id": fmt.Sprint(provider["pk"])}, "running", "")
	w.clock = w.clock.Add(time.Minute)
	f.before = w.answer
	return w
}

func (w *worker) answer(rw http.ResponseWriter, r *http.Request) bool {
	path, _ := strings.CutPrefix(r.URL.Path, "/api/v3/tasks/")
	switch {
	case r.Method == http.MethodPost && path == "schedules/"+scheduleID+"/send/":
		w.sent++
		rw.WriteHeader(http.StatusNoContent)
	case path == "tasks/":
		w.asked++
		w.list(rw, r)
	case strings.HasPrefix(path, "tasks/"):
		w.asked++
		key := strings.TrimSuffix(strings.TrimPrefix(path, "tasks/"), "/")
		for _, o := range w.tasks {
			if o["message_id"] == key {
				reply(rw, http.StatusOK, o)
				return true
			}
		}
		reply(rw, http.StatusNotFound, object{"detail": "Not found."})
	default:
		return false
	}
	return true
}

func (w *worker) list(rw http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	selected := slices.DeleteFunc(slices.Clone(w.tasks), func(o object) bool {
		for filter, field := range map[string]string{
			"rel_obj_content_type__app_label": "rel_obj_app_label", "rel_obj_content_type__model": "rel_obj_model",
			"rel_obj_id": "rel_obj_id", "actor_name": "actor_name", "state": "state",
		} {
			if query.Has(filter) && query.Get(filter) != o[field] {
				return true
			}
		}
		return false
	})
	slices.SortStableFunc(selected, func(a, b object) int { return strings.Compare(fmt.Sprint(b["mtime"]), fmt.Sprint(a["mtime"])) })
	size, _ := strconv.Atoi(query.Get("page_size"))
	page, _ := strconv.Atoi(query.Get("page"))
	first, last := min((page-1)*size, len(selected)), min(page*size, len(selected))
	next := 0
	if last < len(selected) {
		next = page + 1
	}
	reply(rw, http.StatusOK, object{
		"pagination": object{"count": len(selected), "total_pages": (len(selected) + size - 1) / size, "next": next}, "results": selected[first:last],
	})
}

// run and page set the state of a run's own task, and of a page of it.
func (w *worker) run(name, status, line string) {
	w.change(name, object{"actor_name": runActor, "rel_obj_app_label": "authentik_tasks_schedules", "rel_obj_model": "schedule", "rel_obj_id": scheduleID}, status, line)
}

func (w *worker) page(name string, n int, status, line string) {
	w.change(fmt.Sprintf("%s:user:%d", name, n), object{"actor_name": pageActor, "rel_obj_app_label": "authentik_tasks_schedules", "rel_obj_model": "schedule", "rel_obj_id": scheduleID}, status, line)
}

func (w *worker) change(name string, of object, status, line string) {
	uid := fmt.Sprint(of["actor_name"], ":", name)
	at := slices.IndexFunc(w.tasks, func(o object) bool { return o["uid"] == uid })
	if at < 0 {
		at = len(w.tasks)
		of["uid"], of["message_id"], of["logs"] = uid, fmt.Sprintf("00000000-0000-4000-8000-%012d", at+1), []object{}
		w.tasks = append(w.tasks, of)
	}
	o, stamp := w.tasks[at], w.clock.UTC().Format("2006-01-02T15:04:05.000000Z")
	o["mtime"], o["state"], o["aggregated_status"] = stamp, status, status
	if !slices.Contains([]string{"queued", "running"}, status) {
		o["state"] = "done"
	}
	if line != "" {
		level := "warning"
		if status == "info" || status == "running" {
			level = "info"
		}
		logs, _ := o["logs"].([]object)
		o["logs"] = append(logs, object{"timestamp": stamp, "log_level": level, "event": line})
	}
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
