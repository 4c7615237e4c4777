package authentik

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

const (
	modelUser  = "authentik.core.models.User"
	modelGroup = "authentik.core.models.Group"
)

// syncObject sends one user or group, waits for it, and tells what happened
// (authentik/lib/sync/outgoing/api.py sync_object). The API goes on meanwhile.
func (a *Authentik) syncObject(c *call, provider Object) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	model, id := fmt.Sprint(c.sent["sync_object_model"]), fmt.Sprint(c.sent["sync_object_id"])
	problems := Object{}
	if !slices.Contains([]string{modelUser, modelGroup}, model) {
		problems["sync_object_model"] = []string{fmt.Sprintf("%q is not a valid choice.", model)}
	}
	if c.sent["sync_object_id"] == nil {
		problems["sync_object_id"] = []string{"This field is required."}
	}
	if len(problems) > 0 {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	now := maps.Clone(provider)
	if c.sent["override_dry_run"] == true {
		now["dry_run"] = false
	}
	s := &syncing{target: &target{a: a, provider: now}, task: a.newTask(ofProvider(provider), pageActor, fmt.Sprintf("%v:%s", provider["name"], id))}
	linked := a.assigned(provider[pk], true) != nil || a.assigned(provider[pk], false) != nil
	a.mu.Unlock()
	defer a.mu.Lock()
	s.settle(s.object(model, id, linked))
	return reply{status: http.StatusOK, body: Object{"messages": s.task["logs"]}}
}

// object sends one that is in scope, and returns how its task ends.
func (s *syncing) object(model, id string, linked bool) string {
	if !linked {
		s.say("warning", "No provider found. Is it assigned to an application?")
		return "done"
	}
	s.can = s.capable()
	scope, send := s.usersInScope, s.user
	if model == modelGroup {
		scope, send = s.groupsInScope, s.group
	}
	err := errors.New("the object is not in the provider's scope")
	for _, o := range scope() {
		if fmt.Sprint(o[pk]) == id {
			err = send(o)
		}
	}
	if !s.goesOn(err) {
		return "rejected"
	}
	return "done"
}
