package authentik

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is what authentik runs again and again
// (authentik/tasks/schedules/api.py).
type Schedule struct {
	ID        string     `json:"id"`
	UID       string     `json:"uid"`
	ActorName string     `json:"actor_name"`
	Crontab   string     `json:"crontab"`
	Paused    bool       `json:"paused"`
	NextRun   *time.Time `json:"next_run"`
}

// Key returns the UUID.
func (s Schedule) Key() string { return s.ID }

// Task is one run (authentik/tasks/api.py). UID is the actor's name, mostly with
// what it is about behind a colon. State is what became of it, and AggregatedStatus
// the same until it is done, then the worst level that it logged.
type Task struct {
	MessageID        string       `json:"message_id"`
	UID              string       `json:"uid"`
	ActorName        string       `json:"actor_name"`
	State            string       `json:"state"`
	MTime            time.Time    `json:"mtime"` // of the last change of its state
	AggregatedStatus string       `json:"aggregated_status"`
	Logs             []TaskRecord `json:"logs"`
}

// Key returns the UUID.
func (t Task) Key() string { return t.MessageID }

// TaskRecord is one line that a task wrote.
type TaskRecord struct {
	Timestamp time.Time `json:"timestamp"`
	LogLevel  string    `json:"log_level"`
	Event     string    `json:"event"`
}

// Ended reports whether the task does not run any more
// (authentik/tasks/models.py TaskStatus).
func (t Task) Ended() bool {
	return slices.Contains([]string{"done", "rejected", "info", "warning", "error"}, t.Status())
}

// Status is the aggregated status in lower case. Before 2026.8 a task that logged an
// error counts as a success (#24792): it is an error here.
func (t Task) Status() string {
	status := strings.ToLower(cmp.Or(t.AggregatedStatus, t.State))
	wrong := slices.ContainsFunc(t.Logs, func(r TaskRecord) bool {
		return slices.Contains([]string{"error", "critical", "exception"}, strings.ToLower(r.LogLevel))
	})
	if wrong && slices.Contains([]string{"done", "info", "warning"}, status) {
		return "error"
	}
	return status
}

// OfSchedule selects the tasks of a schedule's runs: a run, and its pages. They
// belong to the schedule, not to what the schedule is for
// (packages/django-dramatiq-postgres ScheduleBase.send, lib/sync/outgoing/tasks.py).
func OfSchedule(id string) url.Values {
	return url.Values{
		"rel_obj_content_type__app_label": {"authentik_tasks_schedules"},
		"rel_obj_content_type__model":     {"schedule"},
		"rel_obj_id":                      {id},
	}
}

// OfSCIMProvider selects the schedules of a SCIM provider.
func OfSCIMProvider(pk int) url.Values {
	return url.Values{
		"rel_obj_content_type__app_label": {"authentik_providers_scim"},
		"rel_obj_content_type__model":     {"scimprovider"},
		"rel_obj_id":                      {strconv.Itoa(pk)},
	}
}

// SendSchedule runs the schedule with that id now.
func (c *Client) SendSchedule(ctx context.Context, id string) error {
	path, err := c.Schedules().at(id, "send/")
	if err != nil {
		return err
	}
	r := request{method: http.MethodPost, path: path, need: "authentik_tasks_schedules.send_schedule"}
	if err := c.call(ctx, r, nil); err != nil {
		return fmt.Errorf("send the schedule: %w", err)
	}
	return nil
}
