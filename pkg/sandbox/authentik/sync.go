package authentik

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// syncing is one task of a full sync of a SCIM provider
// (authentik/lib/sync/outgoing/tasks.py, authentik/providers/scim/clients), with
// what it does to a server such as Sentry. It runs when a schedule is sent and when
// a provider is saved; what authentik sends at once when a person or a group
// changes is not emulated.
type syncing struct {
	*target

	task Object
}

// sync runs in the background: discover what is there, send all users, send all
// groups, and delete what is linked and out of scope.
func (a *Authentik) sync(provider, task Object) {
	s := &syncing{target: &target{a: a, provider: provider}, task: task}
	if !a.enter(number(provider[pk])) {
		s.end("info", "Synchronization is already running. Skipping.")
		return
	}
	defer a.leave(number(provider[pk]))
	s.say("info", "Starting full provider sync")
	s.can = s.capable()
	err := s.discover()
	if err == nil {
		pages(s, "user", "Users", s.usersInScope(), s.user)
		pages(s, "group", "Groups", s.groupsInScope(), s.group)
		err = s.cleanUp()
	}
	if err != nil {
		s.end("warning", "Sync encountered a transient exception. Retrying: "+err.Error())
		return
	}
	s.end("", "")
}

// enter takes the lock of a provider's sync.
func (a *Authentik) enter(provider int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running[provider] {
		return false
	}
	a.running[provider] = true
	return true
}

func (a *Authentik) leave(provider int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, provider)
}

// pages sends objects page by page, each page as a task of its own. An error that
// authentik does not catch ends its page, and who comes after is not sent.
func pages(s *syncing, one, many string, rows []Object, send func(Object) error) {
	size := max(1, number(s.provider["sync_page_size"]))
	for first, n := 0, 1; first < len(rows); first, n = first+size, n+1 {
		page := &syncing{target: s.target, task: s.queue(fmt.Sprintf("%v:%s:%d", s.provider["name"], one, n))}
		page.say("info", fmt.Sprintf("Syncing page %d of %s", n, many))
		end := "done"
		for _, row := range rows[first:min(first+size, len(rows))] {
			if err := send(row); !page.goesOn(err) {
				end = "rejected"
				break
			}
		}
		page.settle(end)
	}
}

// goesOn writes what came of an object, and reports whether the page goes on.
func (s *syncing) goesOn(err error) bool {
	switch {
	case err == nil, errors.Is(err, errSkip):
		return true
	case errors.Is(err, errDryRun):
		s.say("info", "Dropping mutating request due to dry run: "+err.Error())
		return true
	case refused(err, http.StatusConflict):
		// ObjectExistsSyncException is not among those that sync_objects catches.
		s.say("error", "ObjectExistsSyncException: "+err.Error())
		return false
	case errors.Is(err, errStop):
		s.say("warning", "Stopping sync due to error: "+err.Error())
		return false
	}
	s.say("warning", "Failed to sync due to transient error: "+err.Error())
	return true
}

// queue makes the task of a page, which belongs to what the run does.
func (s *syncing) queue(about string) Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	return s.a.newTask(owner{s.task["rel_obj_app_label"], s.task["rel_obj_model"], s.task["rel_obj_id"]}, pageActor, about)
}

func (s *syncing) say(level, words string) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.say(s.task, level, words)
}

func (s *syncing) end(level, words string) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.end(s.task, level, words)
}

// settle ends a page's task, done or rejected.
func (s *syncing) settle(state string) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.end(s.task, "", "")
	if state == "rejected" {
		s.task["state"], s.task["aggregated_status"] = state, state
	}
}

// startSync runs a sync beside the API.
func (a *Authentik) startSync(provider Object) {
	t := a.newTask(ofSchedule(a.scheduleOf(provider)), syncActor, fmt.Sprint(provider["name"]))
	if a.assigned(provider[pk], true) == nil && a.assigned(provider[pk], false) == nil {
		a.end(t, "warning", "No provider found. Is it assigned to an application?")
		return
	}
	now := maps.Clone(provider) // the API may change it meanwhile
	a.syncs.Go(func() { a.sync(now, t) })
}
