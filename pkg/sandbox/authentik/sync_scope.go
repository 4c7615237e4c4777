package authentik

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// usersInScope are those whom a provider sends, by primary key. Since 2026.2 the
// application's bindings decide, before one group.
func (s *syncing) usersInScope() []Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	app := s.a.assigned(s.provider[pk], true)
	if app == nil {
		app = s.a.assigned(s.provider[pk], false)
	}
	var list []Object
	for _, u := range s.a.state.Objects[pathUsers] {
		service := u["type"] == "service_account" || u["type"] == "internal_service_account"
		if service && s.provider["exclude_users_service_account"] == true || !s.sends(app, u) {
			continue
		}
		list = append(list, maps.Clone(u))
	}
	slices.SortFunc(list, func(x, y Object) int { return cmp.Compare(number(x[pk]), number(y[pk])) })
	return list
}

func (s *syncing) sends(app, user Object) bool {
	if s.a.since(Release202602) {
		passing, _ := s.a.judge(app, user)
		return app != nil && passing
	}
	in, _ := user["groups"].([]any)
	return s.provider["filter_group"] == nil || slices.Contains(in, s.provider["filter_group"])
}

// groupsInScope are the groups that a provider sends: all, or since 2026.2 those
// that it names.
func (s *syncing) groupsInScope() []Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	wanted, _ := s.provider["group_filters"].([]any)
	var list []Object
	for _, g := range s.a.state.Objects[pathGroups] {
		if !s.a.since(Release202602) || len(wanted) == 0 || slices.Contains(wanted, g[pk]) {
			list = append(list, maps.Clone(g))
		}
	}
	slices.SortFunc(list, func(x, y Object) int { return cmp.Compare(fmt.Sprint(x[pk]), fmt.Sprint(y[pk])) })
	return list
}

// discover links whom and what the server has already, since 2026.2, whether it is
// in scope or not.
func (s *syncing) discover() error {
	if !s.a.since(Release202602) || s.a.since(Release202608) && s.provider["discovery_enabled"] != true {
		return nil
	}
	if err := s.pageThrough("/Users", pathSCIMUsers, s.userNamed); err != nil {
		return err
	}
	return s.pageThrough("/Groups", pathSCIMGroups, s.groupNamed)
}

// pageThrough reads a list of the server to its end.
func (s *syncing) pageThrough(path, links string, named func(Object) Object) error {
	query := ""
	for seen := 0; ; {
		page, err := s.do(http.MethodGet, path+query, nil)
		if err != nil {
			return err
		}
		resources, _ := page["Resources"].([]any)
		for _, r := range resources {
			remote, _ := r.(Object)
			s.adopt(links, remote, named)
		}
		total, _ := page["totalResults"].(float64)
		seen += len(resources)
		if len(resources) == 0 || seen >= int(total) {
			return nil
		}
		query = "?startIndex=" + strconv.Itoa(seen+1)
	}
}

// adopt links what the server has, if it is not linked, to the first of that name.
func (s *syncing) adopt(links string, remote Object, named func(Object) Object) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	linked := func(l Object) bool { return l["provider"] == s.provider[pk] && l["scim_id"] == remote["id"] }
	if slices.ContainsFunc(s.a.state.Objects[links], linked) {
		return
	}
	if local := named(remote); local != nil {
		s.connect(links, local, remote)
	}
}

// userNamed is the first whose username is the user name, or whose username or
// e-mail is one of the addresses.
func (s *syncing) userNamed(remote Object) Object {
	var addresses []any
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

func (s *syncing) groupNamed(remote Object) Object {
	for _, g := range s.a.state.Objects[pathGroups] {
		if g["name"] == remote["displayName"] {
			return g
		}
	}
	return nil
}

// cleanUp deletes who and what is linked and not in scope, since 2026.2
// (goauthentik/authentik pull request 20742).
func (s *syncing) cleanUp() error {
	if !s.a.since(Release202602) || s.provider["dry_run"] == true {
		return nil
	}
	if err := s.deleteStale(pathSCIMUsers, "/Users/", s.usersInScope()); err != nil {
		return err
	}
	return s.deleteStale(pathSCIMGroups, "/Groups/", s.groupsInScope())
}

func (s *syncing) deleteStale(links, path string, scope []Object) error {
	in := map[any]bool{}
	for _, o := range scope {
		in[o[pk]] = true
	}
	s.a.mu.Lock()
	stale := slices.DeleteFunc(slices.Clone(s.a.state.Objects[links]), func(l Object) bool {
		return l["provider"] != s.provider[pk] || in[l[linked(links)]]
	})
	s.a.mu.Unlock()
	for _, l := range stale {
		id := fmt.Sprint(l["scim_id"])
		if _, err := s.do(http.MethodDelete, path+id, nil); err != nil && !refused(err, http.StatusNotFound) {
			return err
		}
		s.forgetLink(links, l)
		s.say("info", "Deleted out-of-scope "+linked(links)+" "+id)
	}
	return nil
}

// linked is the field of a link that holds what is here.
func linked(links string) string {
	if links == pathSCIMGroups {
		return "group"
	}
	return "user"
}

// link is the link of what is here, or nil.
func (s *syncing) link(links string, local Object) Object {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	for _, l := range s.a.state.Objects[links] {
		if l["provider"] == s.provider[pk] && l[linked(links)] == local[pk] {
			return maps.Clone(l)
		}
	}
	return nil
}

func (s *syncing) connect(links string, local, remote Object) {
	_ = s.a.insert(s.a.kinds[links], Object{linked(links): local[pk], "provider": s.provider[pk], "scim_id": remote["id"], "attributes": remote}) // its key is fresh
}

// keep links what was made.
func (s *syncing) keep(links string, local, remote Object) error {
	if id, _ := remote["id"].(string); id == "" {
		return fmt.Errorf("%w: SCIM Response with missing or invalid `id`", errStop)
	}
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.connect(links, local, remote)
	return nil
}

func (s *syncing) forgetLink(links string, l Object) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.remove(s.a.kinds[links], l)
}
