package authentik

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// group makes or updates a group. A server that does not say that it knows PATCH
// is sent the members with it, and all of it by PUT.
func (s *syncing) group(g Object) error {
	payload, err := s.payload("property_mappings_group", "displayName", subject{group: g})
	if err != nil {
		return err
	}
	payload["schemas"] = []any{schemaGroup}
	if payload["externalId"] == nil {
		payload["externalId"] = g[pk]
	}
	members := s.memberIDs(g)
	if !s.can.patch && len(members) > 0 {
		values := make([]any, 0, len(members))
		for _, id := range members {
			values = append(values, Object{"value": id})
		}
		payload["members"] = values
	}
	link := s.link(pathSCIMGroups, g)
	if link == nil {
		return s.createGroup(g, payload, members)
	}
	err = s.updateGroup(link, payload, members)
	if refused(err, http.StatusNotFound) {
		s.forgetLink(pathSCIMGroups, link)
		delete(payload, "id")
		return s.createGroup(g, payload, members)
	}
	return err
}

// memberIDs are what the server calls those members who are linked.
func (s *syncing) memberIDs(g Object) []string {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	in := map[any]bool{}
	for _, key := range s.a.membersOf(fmt.Sprint(g[pk])) {
		in[key] = true
	}
	var ids []string
	for _, l := range s.a.state.Objects[pathSCIMUsers] {
		if l["provider"] == s.provider[pk] && in[l["user"]] {
			ids = append(ids, fmt.Sprint(l["scim_id"]))
		}
	}
	return ids
}

// createGroup makes a group, and then adds its members, whom it may have sent
// already.
func (s *syncing) createGroup(g, payload Object, members []string) error {
	remote, err := s.do(http.MethodPost, "/Groups", payload)
	if err != nil {
		remote, err = s.existing(err, "/Groups", fmt.Sprintf("displayName eq %q", payload["displayName"]))
	}
	if err != nil {
		return err
	}
	if err := s.keep(pathSCIMGroups, g, remote); err != nil {
		return err
	}
	return s.patch(fmt.Sprint(remote["id"]), additions(members))
}

// updateGroup sends the group where it differs from the server's last answer: by
// PUT, and where that is refused by PATCH. The members are compared in any case.
func (s *syncing) updateGroup(link, payload Object, members []string) error {
	id := fmt.Sprint(link["scim_id"])
	payload["id"] = id
	if differs(payload, link["attributes"]) {
		remote, err := s.replace(id, payload)
		if err != nil {
			return err
		}
		if len(remote) > 0 {
			s.remember(pathSCIMGroups, link, remote)
		}
	}
	return s.compareMembers(id, members)
}

func (s *syncing) replace(id string, payload Object) (Object, error) {
	if !s.can.patch {
		remote, err := s.do(http.MethodPut, "/Groups/"+id, payload)
		if err == nil || !requestRefused(err) {
			return remote, err
		}
	}
	return s.do(http.MethodPatch, "/Groups/"+id, patchOf([]any{Object{"op": "replace", "value": payload}}))
}

// requestRefused reports a SCIMRequestException or an object that exists: any
// answer but 404 and those that pass (429, 503).
func requestRefused(err error) bool {
	e, ok := errors.AsType[*refusal](err)
	return ok && !slices.Contains([]int{0, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable}, e.status)
}

// compareMembers reads the group, adds who is missing and takes out who is too
// many. Who is missing is known only where the server lists members at all.
func (s *syncing) compareMembers(id string, should []string) error {
	group, err := s.do(http.MethodGet, "/Groups/"+id, nil)
	if err != nil {
		return err
	}
	listed, has := group["members"].([]any)
	have := make([]string, 0, len(listed))
	for _, item := range listed {
		member, _ := item.(Object)
		have = append(have, fmt.Sprint(member["value"]))
	}
	var missing []string
	if has {
		missing = slices.DeleteFunc(slices.Clone(should), func(id string) bool { return slices.Contains(have, id) })
	}
	extra := slices.DeleteFunc(have, func(id string) bool { return slices.Contains(should, id) })
	return s.patch(id, append(additions(missing), s.removals(extra)...))
}

func additions(ids []string) []any {
	operations := make([]any, 0, len(ids))
	for _, id := range ids {
		operations = append(operations, Object{"op": "add", "path": "members", "value": []any{Object{"value": id}}})
	}
	return operations
}

// removals name the member in the value, and since 2026.8 in the path
// (goauthentik/authentik pull request 25024).
func (s *syncing) removals(ids []string) []any {
	operations := make([]any, 0, len(ids))
	for _, id := range ids {
		operation := Object{"op": "remove", "path": "members", "value": []any{Object{"value": id}}}
		if s.a.since(Release202608) {
			operation = Object{"op": "remove", "path": fmt.Sprintf("members[value eq %q]", id)}
		}
		operations = append(operations, operation)
	}
	return operations
}

// patch sends operations, as many at once as the server takes.
func (s *syncing) patch(id string, operations []any) error {
	size := s.can.maxOperations
	if size < 1 {
		size = max(1, len(operations))
	}
	for chunk := range slices.Chunk(operations, size) {
		if _, err := s.do(http.MethodPatch, "/Groups/"+id, patchOf(chunk)); err != nil {
			return err
		}
	}
	return nil
}

// patchOf is a PATCH (RFC 7644 section 3.5.2).
func patchOf(operations []any) Object {
	return Object{"schemas": []any{schemaPatch}, "Operations": operations}
}
