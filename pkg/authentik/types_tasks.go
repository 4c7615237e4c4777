package authentik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
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

// Task is one run (authentik/tasks/api.py). AggregatedStatus is such as queued,
// running, info, warning or error. What it wrote is in Messages, or since 2025.12
// in Logs.
type Task struct {
	MessageID        string       `json:"message_id"`
	UID              string       `json:"uid"`
	ActorName        string       `json:"actor_name"`
	State            string       `json:"state"`
	MTime            time.Time    `json:"mtime"`
	AggregatedStatus string       `json:"aggregated_status"`
	Messages         []TaskRecord `json:"messages"`
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

// OfSCIMProvider selects the schedules and tasks of a SCIM provider.
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
