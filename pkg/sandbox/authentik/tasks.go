package authentik

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// schedules are what is run again and again (authentik/tasks/schedules/api.py).
func schedules() *kind {
	return &kind{
		path: pathSchedules, name: "Schedule", id: "id", readOnly: true,
		fields: append(related(),
			field{name: "identifier", null: true, readOnly: true},
			field{name: "uid", readOnly: true},
			field{name: "actor_name", readOnly: true},
			field{name: "crontab"},
			flag("paused", false),
			field{name: "description", null: true, readOnly: true},
			field{name: "next_run", readOnly: true, standard: installed},
		),
		filters: relatedFilters("actor_name", "paused"),
		check:   checkCrontab,
		show: func(a *Authentik, o, out Object, _ url.Values) {
			out["last_task_status"] = nil
			if t := a.lastOf(o); t != nil {
				out["last_task_status"] = t["aggregated_status"]
			}
		},
	}
}

// checkCrontab wants five fields of what a crontab may hold.
func checkCrontab(_ *Authentik, sent, _ Object) map[string][]string {
	text, given := sent["crontab"].(string)
	if given && (len(strings.Fields(text)) != 5 || strings.Trim(text, "0123456789*/,- ") != "") {
		return map[string][]string{"crontab": {text + " is not a valid crontab"}}
	}
	return nil
}

// tasks are single runs (authentik/tasks/api.py), those that changed last first.
func tasks() *kind {
	return &kind{
		path: pathTasks, name: "Task", id: "message_id", readOnly: true, order: "-mtime",
		fields: append(related(),
			field{name: "uid", readOnly: true},
			field{name: "actor_name", readOnly: true},
			field{name: "queue_name", readOnly: true, standard: "default"},
			field{name: "state", readOnly: true, standard: "done"},
			field{name: "aggregated_status", readOnly: true, standard: "done"},
			field{name: "mtime", readOnly: true, standard: installed},
			field{name: "retries", readOnly: true, standard: 0},
			field{name: "eta", null: true, readOnly: true},
			field{name: "description", null: true, readOnly: true},
		),
		filters: relatedFilters("actor_name", "queue_name", "state", "aggregated_status"),
		show: func(_ *Authentik, o, out Object, _ url.Values) {
			for _, name := range []string{"logs", "previous_logs"} {
				if o[name] == nil {
					out[name] = []any{}
				}
			}
		},
	}
}

// related are the fields that say what a schedule or a task belongs to.
func related() []field {
	return []field{{name: "rel_obj_app_label", readOnly: true}, {name: "rel_obj_model", readOnly: true}, {name: "rel_obj_id", null: true, readOnly: true}}
}

func relatedFilters(more ...string) []string {
	return append(more, "rel_obj_content_type__app_label", "rel_obj_content_type__model", "rel_obj_id")
}

// owner is what a task belongs to.
type owner struct{ app, model, id any }

// ofProvider owns the schedule of a provider, and the tasks that a change of an
// object starts.
func ofProvider(provider Object) owner {
	return owner{"authentik_providers_scim", "scimprovider", fmt.Sprint(provider[pk])}
}

// ofSchedule owns the tasks of a schedule's runs (ScheduleBase.send in
// packages/django-dramatiq-postgres; the pages inherit it, lib/sync/outgoing/tasks.py).
func ofSchedule(schedule Object) owner {
	return owner{"authentik_tasks_schedules", "schedule", fmt.Sprint(schedule["id"])}
}

func (o owner) mark(run Object) {
	run["rel_obj_app_label"], run["rel_obj_model"], run["rel_obj_id"] = o.app, o.model, o.id
}

func (o owner) has(run Object) bool {
	return run["rel_obj_app_label"] == o.app && run["rel_obj_model"] == o.model && run["rel_obj_id"] == o.id
}

func link(path, what, to string) *kind {
	return &kind{
		path: path, name: what, id: "id",
		fields:  []field{{name: "scim_id", required: true}, ref(what, to).must(), ref("provider", pathSCIM).must(), {name: "attributes", shape: anything, readOnly: true}},
		filters: []string{"provider__id", what + "__id"},
		show: func(a *Authentik, o, out Object, _ url.Values) {
			if what == "user" {
				out["user_obj"] = userIn(a.find(to, o[what]))
				return
			}
			out["group_obj"] = a.groupIn(a.find(to, o[what]), partialGroup(a.config.Release)...)
		},
	}
}

// scimUsers and scimGroups are the links between objects here and there.
func scimUsers() *kind  { return link(pathSCIMUsers, "user", pathUsers) }
func scimGroups() *kind { return link(pathSCIMGroups, "group", pathGroups) }

// The actors of a sync: a run, and a page of it.
const (
	syncActor  = "authentik.providers.scim.tasks.scim_sync"
	pageActor  = "authentik.providers.scim.tasks.scim_sync_objects"
	crontabFor = "38 * * * *"
)

// schedule gives a SCIM provider that is saved a schedule, and starts a sync, as
// authentik does: one that no application has does nothing.
func (a *Authentik) schedule(provider Object, _ bool) {
	if a.scheduleOf(provider) == nil {
		s := a.kinds[pathSchedules].fresh()
		s["uid"], s["actor_name"], s["crontab"] = fmt.Sprintf("%s:%v", syncActor, provider[pk]), syncActor, crontabFor
		s["next_run"] = a.config.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		ofProvider(provider).mark(s)
		_ = a.insert(a.kinds[pathSchedules], s) // its key is fresh
	}
	delete(a.targets, number(provider[pk]))
	a.startSync(provider)
}

// scheduleOf is the schedule of a provider, or nil.
func (a *Authentik) scheduleOf(provider Object) Object {
	for _, s := range a.state.Objects[pathSchedules] {
		if ofProvider(provider).has(s) {
			return s
		}
	}
	return nil
}

func (a *Authentik) sendSchedule(s Object) reply {
	provider := a.find(pathSCIM, s["rel_obj_id"])
	if provider == nil {
		return notFound()
	}
	a.startSync(provider)
	return reply{status: http.StatusNoContent}
}

// newTask makes a task, whose UID is its actor and what is said of it.
func (a *Authentik) newTask(of owner, actor, about string) Object {
	t := a.kinds[pathTasks].fresh()
	t["uid"], t["actor_name"], t["state"], t["aggregated_status"], t["mtime"] = actor+":"+about, actor, "running", "running", a.stamp()
	t["logs"], t["previous_logs"] = []any{}, []any{}
	of.mark(t)
	_ = a.insert(a.kinds[pathTasks], t) // its key is fresh
	return t
}

func (a *Authentik) stamp() string { return a.config.Now().UTC().Format(time.RFC3339Nano) }

// end settles a task, with a last word.
func (a *Authentik) end(t Object, level, words string) {
	a.say(t, level, words)
	t["state"], t["aggregated_status"], t["mtime"] = "done", a.worst(t), a.stamp()
}

func (a *Authentik) say(t Object, level, words string) {
	if words == "" {
		return
	}
	written, _ := t["logs"].([]any)
	t["logs"] = append(written, Object{"timestamp": a.stamp(), "log_level": level, "logger": syncActor, "event": words, "attributes": Object{}})
	t["mtime"] = a.stamp()
}

// worst is the level of the worst line. Before 2026.8 what a task logged as an error
// left it a success (#24792).
func (a *Authentik) worst(t Object) string {
	written, _ := t["logs"].([]any)
	if len(written) == 0 {
		return "done"
	}
	level := "info"
	for _, m := range written {
		line, _ := m.(Object)
		switch {
		case line["log_level"] == "error" && a.since(Release202608):
			return "error"
		case line["log_level"] == "warning":
			level = "warning"
		}
	}
	return level
}

// lastOf is the newest task of a schedule that has ended, or nil.
func (a *Authentik) lastOf(schedule Object) Object {
	for _, t := range slices.Backward(a.state.Objects[pathTasks]) {
		if ofSchedule(schedule).has(t) && t["state"] != "running" {
			return t
		}
	}
	return nil
}

func (a *Authentik) syncStatus(provider Object) reply {
	out := Object{"is_running": a.running[number(provider[pk])]}
	schedule := a.scheduleOf(provider)
	if schedule == nil {
		return reply{status: http.StatusOK, body: out}
	}
	if t := a.lastOf(schedule); t != nil {
		out["last_sync_status"], out["last_successful_sync"] = t["aggregated_status"], t["mtime"]
	}
	return reply{status: http.StatusOK, body: out}
}
