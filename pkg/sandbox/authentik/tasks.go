package authentik

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// schedules are what is run again and again (authentik/tasks/schedules/api.py).
func schedules() *kind {
	return &kind{
		path: pathSchedules, name: "Schedule", id: "id", readOnly: true,
		fields: []field{
			{name: "uid", readOnly: true},
			{name: "actor_name", readOnly: true},
			{name: "crontab"},
			flag("paused", false),
			{name: "rel_obj_id", readOnly: true},
		},
		filters: []string{"rel_obj_id", "actor_name"},
		check:   checkCrontab,
		show:    related,
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

// tasks are single runs (authentik/tasks/api.py).
func tasks() *kind {
	return &kind{
		path: pathTasks, name: "Task", id: "message_id", readOnly: true,
		fields:  []field{{name: "uid", readOnly: true}, {name: "actor_name", readOnly: true}, {name: "rel_obj_id", readOnly: true}},
		filters: []string{"rel_obj_id", "actor_name", "state", "aggregated_status"},
		show: func(a *Authentik, o, out Object) {
			related(a, o, out)
			if a.since(Release202602) {
				out["logs"], out["previous_logs"] = out["messages"], []any{}
				delete(out, "messages")
			}
		},
	}
}

func related(_ *Authentik, _, out Object) {
	out["rel_obj_app_label"], out["rel_obj_model"] = "authentik_providers_scim", "scimprovider"
}

func link(path, what, to string) *kind {
	return &kind{
		path: path, name: what,
		fields:  []field{{name: "scim_id", required: true}, ref(what, to).must(), ref("provider", pathSCIM).must(), {name: "attributes", shape: anything}},
		filters: []string{"provider", what},
	}
}

// scimUsers and scimGroups are the links between objects here and there.
func scimUsers() *kind  { return link(pathSCIMUsers, "user", pathUsers) }
func scimGroups() *kind { return link(pathSCIMGroups, "group", pathGroups) }

const syncActor = "authentik.providers.scim.tasks.scim_sync"

// schedule gives a SCIM provider that is saved a schedule, and starts a sync, as
// authentik does: one that no application has does nothing.
func (a *Authentik) schedule(provider Object, created bool) {
	if created {
		s := a.kinds[pathSchedules].fresh()
		s["uid"], s["actor_name"], s["crontab"], s["rel_obj_id"] = provider["name"], syncActor, "38 * * * *", fmt.Sprint(provider[pk])
		s["next_run"] = a.config.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		_ = a.insert(a.kinds[pathSchedules], s) // its key is fresh
	}
	delete(a.targets, number(provider[pk]))
	a.startSync(provider)
}

func (a *Authentik) sendSchedule(s Object) reply {
	provider := a.find(pathSCIM, s["rel_obj_id"])
	if provider == nil {
		return notFound()
	}
	a.startSync(provider)
	return reply{status: http.StatusOK, body: Object{}}
}

func (a *Authentik) newTask(provider Object, uid string) Object {
	t := Object{
		"uid": uid, "actor_name": syncActor, "rel_obj_id": fmt.Sprint(provider[pk]), "state": "running", "aggregated_status": "running",
		"messages": []any{}, "logs": []any{}, "mtime": a.stamp(), "queue_name": "default",
	}
	_ = a.insert(a.kinds[pathTasks], t) // its key is fresh
	return t
}

func (a *Authentik) stamp() string { return a.config.Now().UTC().Format(time.RFC3339Nano) }

// end settles a task, with a last word.
func (a *Authentik) end(t Object, level, words string) {
	a.say(t, level, words)
	t["state"], t["aggregated_status"], t["mtime"] = "done", worst(t), a.stamp()
}

func (a *Authentik) say(t Object, level, words string) {
	if words == "" {
		return
	}
	written, _ := t["messages"].([]any)
	t["messages"] = append(written, Object{"timestamp": a.stamp(), "log_level": level, "logger": syncActor, "event": words, "attributes": Object{}})
	t["mtime"] = a.stamp()
}

func worst(t Object) string {
	level := "info"
	written, _ := t["messages"].([]any)
	for _, m := range written {
		line, _ := m.(Object)
		switch line["log_level"] {
		case "error":
			return "error"
		case "warning":
			level = "warning"
		}
	}
	return level
}

func (a *Authentik) syncStatus(provider Object) reply {
	out := Object{"is_running": false}
	for _, t := range a.state.Objects[pathTasks] {
		if t["rel_obj_id"] != fmt.Sprint(provider[pk]) {
			continue
		}
		if t["state"] == "running" {
			out["is_running"] = true
			continue
		}
		out["last_sync_status"], out["last_successful_sync"] = t["aggregated_status"], t["mtime"]
	}
	return reply{status: http.StatusOK, body: out}
}
