package authentik

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fullSync is one full sync of a SCIM provider
// (authentik/lib/sync/outgoing/tasks.py): discover what is there, send all users,
// send all groups, and delete what is linked and out of scope. It does what
// authentik does against a server such as Sentry, which has no
// ServiceProviderConfig: whole objects by PUT, and never a PATCH of a user.
type fullSync struct {
	a        *Authentik
	provider Object
	task     Object
	base     string
	token    string
}

func newSync(a *Authentik, provider, task Object) *fullSync {
	return &fullSync{a: a, provider: provider, task: task, base: strings.TrimRight(fmt.Sprint(provider["url"]), "/"), token: fmt.Sprint(provider["token"])}
}

const maxAnswer = 16 << 20

// do sends a request without holding the API up.
func (s *fullSync) do(method, path string, body any) (status int, answer Object) {
	if s.provider["dry_run"] == true && method != http.MethodGet {
		s.log("info", fmt.Sprintf("dry run: %s %s", method, path))
		return http.StatusNoContent, nil
	}
	var content bytes.Buffer
	if body != nil {
		_ = json.NewEncoder(&content).Encode(body) // what came from JSON goes to JSON
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, &content)
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/scim+json")
	req.Header.Set("Accept", "application/scim+json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := s.a.config.SCIM.Do(req)
	if err != nil {
		s.log("error", "the SCIM server cannot be reached")
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	decoder := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer))
	decoder.UseNumber()
	_ = decoder.Decode(&answer) // an answer without content is none
	return resp.StatusCode, answer
}

func (s *fullSync) log(level, words string) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.say(s.task, level, words)
}

func (s *fullSync) run() {
	s.do(http.MethodGet, "/ServiceProviderConfig", nil)
	if s.a.since(Release202605) && (!s.a.since(Release202608) || s.provider["discovery_enabled"] == true) {
		s.discover("/Users", pathSCIMUsers, "user", s.userNamed)
		s.discover("/Groups", pathSCIMGroups, "group", s.groupNamed)
	}
	users := s.usersInScope()
	for _, u := range users {
		s.user(u)
	}
	groups := s.groupsInScope()
	for _, g := range groups {
		s.group(g)
	}
	if s.a.since(Release202605) {
		s.cleanUp(pathSCIMUsers, "user", "/Users/", users)
		s.cleanUp(pathSCIMGroups, "group", "/Groups/", groups)
	}
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.end(s.task, "info", fmt.Sprintf("synced %d users and %d groups", len(users), len(groups)))
}

// discover links what the server has to what is here by name, whether it is in
// the provider's scope or not.
func (s *fullSync) discover(path, links, what string, named func(Object) Object) {
	for seen, total := 0, 1; seen < total; {
		query := ""
		if seen > 0 {
			query = "?" + url.Values{"startIndex": {strconv.Itoa(seen + 1)}}.Encode()
		}
		status, page := s.do(http.MethodGet, path+query, nil)
		resources, _ := page["Resources"].([]any)
		if status != http.StatusOK || len(resources) == 0 {
			return
		}
		count, _ := page["totalResults"].(json.Number)
		total, _ = strconv.Atoi(count.String())
		seen += len(resources)
		s.a.mu.Lock()
		for _, r := range resources {
			remote, _ := r.(Object)
			if local := named(remote); local != nil && s.link(links, what, local) == nil {
				s.connect(links, what, local, remote)
			}
		}
		s.a.mu.Unlock()
	}
}

func (s *fullSync) userNamed(remote Object) Object {
	addresses := []any{remote["userName"]}
	emails, _ := remote["emails"].([]any)
	for _, e := range emails {
		if entry, ok := e.(Object); ok {
			addresses = append(addresses, entry["value"])
		}
	}
	for _, u := range s.a.state.Objects[pathUsers] {
		if u["username"] == remote["userName"] || slices.Contains(addresses, u["username"]) || u["email"] != "" && slices.Contains(addresses, u["email"]) {
			return u
		}
	}
	return nil
}

func (s *fullSync) groupNamed(remote Object) Object {
	for _, g := range s.a.state.Objects[pathGroups] {
		if g["name"] == remote["displayName"] {
			return g
		}
	}
	return nil
}

// link is the link of a local object, or nil.
func (s *fullSync) link(links, what string, local Object) Object {
	for _, l := range s.a.state.Objects[links] {
		if l["provider"] == s.provider[pk] && l[what] == local[pk] {
			return l
		}
	}
	return nil
}

func (s *fullSync) connect(links, what string, local, remote Object) {
	_ = s.a.insert(s.a.kinds[links], Object{what: local[pk], "provider": s.provider[pk], "scim_id": remote["id"], "attributes": remote}) // its key is fresh
}

func (s *fullSync) usersInScope() []Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	app := s.a.assigned(s.provider[pk], true)
	if app == nil {
		app = s.a.assigned(s.provider[pk], false)
	}
	var list []Object
	for _, u := range s.a.state.Objects[pathUsers] {
		service := u["type"] == "service_account" || u["type"] == "internal_service_account"
		if service && s.provider["exclude_users_service_account"] == true {
			continue
		}
		passing := true
		switch {
		case s.a.since(Release202602):
			passing, _ = s.a.judge(app, u)
		case s.provider["filter_group"] != nil:
			passing = s.a.member(u, fmt.Sprint(s.provider["filter_group"]))
		}
		if passing {
			list = append(list, u)
		}
	}
	return list
}

func (s *fullSync) groupsInScope() []Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	wanted, _ := s.provider["group_filters"].([]any)
	if !s.a.since(Release202602) && s.provider["filter_group"] != nil {
		wanted = []any{s.provider["filter_group"]}
	}
	var list []Object
	for _, g := range s.a.state.Objects[pathGroups] {
		if len(wanted) == 0 || slices.Contains(wanted, g[pk]) {
			list = append(list, g)
		}
	}
	return list
}

// mapped is what the provider's mappings make of a user.
func (s *fullSync) mapped(user Object) (Object, error) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	keys, _ := s.provider["property_mappings"].([]any)
	out := Object{"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"}, "externalId": uid(user)}
	for _, key := range keys {
		part, err := evaluate(s.a.find(pathSCIMMappings, key), user)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, part)
	}
	return out, nil
}

// user creates or replaces a user. Sentry takes nothing but the role from a PUT,
// so that one with active: false leaves the member where it is.
func (s *fullSync) user(u Object) {
	body, err := s.mapped(u)
	if err != nil {
		if err != errSkip { //nolint:errorlint // it is never wrapped
			s.log("error", err.Error())
		}
		return
	}
	s.a.mu.Lock()
	link := s.link(pathSCIMUsers, "user", u)
	s.a.mu.Unlock()
	if link == nil {
		status, remote := s.do(http.MethodPost, "/Users", body)
		s.keep(status, "user", pathSCIMUsers, u, remote)
		return
	}
	status, _ := s.do(http.MethodPut, "/Users/"+fmt.Sprint(link["scim_id"]), body)
	if status == http.StatusNotFound {
		s.a.mu.Lock()
		s.a.remove(s.a.kinds[pathSCIMUsers], link)
		s.a.mu.Unlock()
		status, remote := s.do(http.MethodPost, "/Users", body)
		s.keep(status, "user", pathSCIMUsers, u, remote)
	}
}

func (s *fullSync) keep(status int, what, links string, local, remote Object) {
	if status >= 300 || remote["id"] == nil {
		s.log("error", fmt.Sprintf("Failed to sync %s %v: %d", what, local["name"], status))
		return
	}
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.connect(links, what, local, remote)
}

// group creates or replaces a group and then adds who is missing, and takes out
// who is too many, by one PATCH.
func (s *fullSync) group(g Object) {
	body := Object{"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": g["name"], "externalId": g[pk]}
	s.a.mu.Lock()
	link := s.link(pathSCIMGroups, "group", g)
	s.a.mu.Unlock()
	if link == nil {
		status, remote := s.do(http.MethodPost, "/Groups", body)
		s.keep(status, "group", pathSCIMGroups, g, remote)
	} else if status, _ := s.do(http.MethodPut, "/Groups/"+fmt.Sprint(link["scim_id"]), body); status >= 300 {
		s.do(http.MethodPatch, "/Groups/"+fmt.Sprint(link["scim_id"]), patchOf([]any{Object{"op": "replace", "value": body}}))
	}
	s.members(g)
}

func (s *fullSync) members(g Object) {
	s.a.mu.Lock()
	link := s.link(pathSCIMGroups, "group", g)
	wanted := map[string]bool{}
	for _, key := range s.a.membersOf(fmt.Sprint(g[pk])) {
		if l := s.link(pathSCIMUsers, "user", s.a.find(pathUsers, key)); l != nil {
			wanted[fmt.Sprint(l["scim_id"])] = true
		}
	}
	s.a.mu.Unlock()
	if link == nil {
		return
	}
	path := "/Groups/" + fmt.Sprint(link["scim_id"])
	_, remote := s.do(http.MethodGet, path, nil)
	there, listed := remote["members"].([]any)
	if !listed {
		return
	}
	var operations []any
	has := map[string]bool{}
	for _, m := range there {
		member, _ := m.(Object)
		id := fmt.Sprint(member["value"])
		has[id] = true
		if !wanted[id] {
			operations = append(operations, s.removal(id))
		}
	}
	for id := range wanted {
		if !has[id] {
			operations = append(operations, Object{"op": "add", "path": "members", "value": []any{Object{"value": id}}})
		}
	}
	if len(operations) > 0 {
		s.do(http.MethodPatch, path, patchOf(operations))
	}
}

// patchOf is a PATCH (RFC 7644 section 3.5.2).
func patchOf(operations []any) Object {
	return Object{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": operations}
}

// removal is the operation for one member: with a filter since 2026.8, before
// that with a value, of which Sentry takes the first.
func (s *fullSync) removal(id string) Object {
	if s.a.since(Release202608) {
		return Object{"op": "remove", "path": fmt.Sprintf("members[value eq %q]", id)}
	}
	return Object{"op": "remove", "path": "members", "value": []any{Object{"value": id}}}
}

// cleanUp deletes what is linked and not in scope.
func (s *fullSync) cleanUp(links, what, path string, scope []Object) {
	s.a.mu.Lock()
	var stale []Object
	for _, l := range s.a.state.Objects[links] {
		if l["provider"] == s.provider[pk] && !slices.ContainsFunc(scope, func(o Object) bool { return o[pk] == l[what] }) {
			stale = append(stale, l)
		}
	}
	s.a.mu.Unlock()
	for _, l := range stale {
		s.do(http.MethodDelete, path+fmt.Sprint(l["scim_id"]), nil)
		s.a.mu.Lock()
		s.a.remove(s.a.kinds[links], l)
		s.a.mu.Unlock()
	}
}
