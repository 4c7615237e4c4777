package authentik

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

const (
	schemaUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// user makes a user, or replaces it as a whole: authentik never sends a PATCH of
// a user.
func (s *syncing) user(u Object) error {
	payload, err := s.payload("property_mappings", "userName", subject{user: u})
	if err != nil {
		return err
	}
	payload["schemas"] = []any{schemaUser}
	if payload["externalId"] == nil {
		payload["externalId"] = uid(u)
	}
	link := s.link(pathSCIMUsers, u)
	if link == nil {
		return s.createUser(u, payload)
	}
	err = s.updateUser(link, payload)
	if refused(err, http.StatusNotFound) {
		s.forgetLink(pathSCIMUsers, link)
		delete(payload, "id")
		return s.createUser(u, payload)
	}
	return err
}

func (s *syncing) createUser(u, payload Object) error {
	remote, err := s.do(http.MethodPost, "/Users", payload)
	if err != nil {
		remote, err = s.existing(err, "/Users", fmt.Sprintf("userName eq %q", payload["userName"]))
	}
	if err != nil {
		return err
	}
	return s.keep(pathSCIMUsers, u, remote)
}

// existing looks for what a server says that it has; one that cannot filter is not
// asked.
func (s *syncing) existing(err error, path, filter string) (Object, error) {
	if !refused(err, http.StatusConflict) || !s.can.filter {
		return nil, err
	}
	answer, lost := s.do(http.MethodGet, path+"?"+url.Values{"filter": {filter}}.Encode(), nil)
	if lost != nil {
		return nil, lost
	}
	resources, _ := answer["Resources"].([]any)
	if len(resources) == 0 {
		return nil, err
	}
	first, _ := resources[0].(Object)
	return first, nil
}

// updateUser sends the whole user, unless all of it is in the server's last
// answer. A server that does not repeat what it was sent is sent it for ever.
func (s *syncing) updateUser(link, payload Object) error {
	payload["id"] = link["scim_id"]
	if !differs(payload, link["attributes"]) {
		return nil
	}
	remote, err := s.do(http.MethodPut, fmt.Sprintf("/Users/%v", link["scim_id"]), payload)
	if err == nil {
		s.remember(pathSCIMUsers, link, remote)
	}
	return err
}

// remember keeps the server's last answer.
func (s *syncing) remember(links string, link, remote Object) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if kept := s.a.find(links, link[pk]); kept != nil {
		kept["attributes"] = remote
	}
}

// payload is what the mappings make of an object: all of them in the order of
// their names, merged, without nulls.
func (s *syncing) payload(mappings, required string, of subject) (Object, error) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	keys, _ := s.provider[mappings].([]any)
	var list []Object
	for _, key := range keys {
		if m := s.a.find(pathSCIMMappings, key); m != nil {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: No mappings configured", errStop)
	}
	slices.SortFunc(list, func(x, y Object) int { return cmp.Compare(fmt.Sprint(x["name"]), fmt.Sprint(y["name"])) })
	all := Object{}
	for _, m := range list {
		part, err := s.a.evaluate(m, of)
		if errors.Is(err, errSkip) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStop, err)
		}
		fields, _ := plainJSON(part).(Object)
		merge(all, fields)
	}
	withoutNulls(all)
	if name, _ := all[required].(string); name == "" {
		return nil, fmt.Errorf("%w: 1 validation error: %s: Field required", errStop, required)
	}
	return all, nil
}
