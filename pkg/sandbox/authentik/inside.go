package authentik

import (
	"fmt"
	"maps"
	"net/url"
)

// Objects that stand inside of others, as authentik's serializers cut them.

// partial is an object with its key and some of its fields.
func partial(o Object, fields ...string) Object {
	out := Object{pk: o[pk]}
	for _, name := range fields {
		out[name] = o[name]
	}
	return out
}

// unless is an empty list, or null where the query leaves it out.
func unless(asked url.Values, parameter string) any {
	if asked.Get(parameter) == "false" {
		return nil
	}
	return []any{}
}

// userIn is a user inside of another object (PartialUserSerializer).
func userIn(user Object) Object {
	out := partial(user, "username", "name", "is_active", "last_login", "email", "attributes")
	out["uid"] = uid(user)
	return out
}

// partialGroup are the fields of a group inside of a user or a binding
// (PartialGroupSerializer).
func partialGroup(r Release) []string {
	fields := []string{"num_pk", "name", "is_superuser", "attributes"}
	if r < Release202512 {
		fields = append(fields, "parent", "parent_name")
	}
	return fields
}

// groupIn is a group inside of another object.
func (a *Authentik) groupIn(group Object, fields ...string) Object {
	out := partial(group, fields...)
	for _, name := range fields {
		switch name {
		case "num_pk":
			out[name] = numberOf(group)
		case "group_uuid":
			out[name] = group[pk]
		case "parent", "parent_name":
			out["parent"], out["parent_name"] = a.parentOf(group)
		}
	}
	return out
}

// numberOf stands for the number that authentik works out of a group's UUID.
func numberOf(group Object) int {
	sum := 0
	for _, b := range []byte(fmt.Sprint(group[pk])) {
		sum = (sum*31 + int(b)) % 100_000_000
	}
	return sum
}

func (a *Authentik) parentOf(group Object) (key, name any) {
	above, _ := group["parents"].([]any)
	if len(above) == 0 {
		return nil, nil
	}
	return above[0], a.find(pathGroups, above[0])["name"]
}

// groupsOf are the groups that a user is directly in.
func (a *Authentik) groupsOf(user Object, fields ...string) []any {
	in, _ := user["groups"].([]any)
	list := make([]any, 0, len(in))
	for _, key := range in {
		if g := a.find(pathGroups, key); g != nil {
			list = append(list, a.groupIn(g, fields...))
		}
	}
	return list
}

// showGroup adds to a group those around it and in it
// (authentik/core/api/groups.py).
func (a *Authentik) showGroup(o, out Object, asked url.Values) {
	members := a.membersOf(fmt.Sprint(o[pk]))
	out["num_pk"], out["users"], out["users_obj"] = numberOf(o), members, nil
	if asked.Get("include_users") != "false" {
		list := make([]any, 0, len(members))
		for _, user := range members {
			list = append(list, userIn(a.find(pathUsers, user)))
		}
		out["users_obj"] = list
	}
	out["roles_obj"], out["children"], out["children_obj"] = []any{}, a.childrenOf(fmt.Sprint(o[pk])), nil
	if !a.since(Release202512) {
		out["parent"], out["parent_name"] = a.parentOf(o)
		return
	}
	out["parents_obj"], out["inherited_roles_obj"] = nil, nil
	if asked.Get("include_parents") == "true" {
		above, _ := o["parents"].([]any)
		list := make([]any, 0, len(above))
		for _, key := range above {
			list = append(list, a.groupIn(a.find(pathGroups, key), "name", "is_superuser", "attributes", "group_uuid"))
		}
		out["parents_obj"] = list
	}
}

// childrenOf are the keys of the groups right below one.
func (a *Authentik) childrenOf(group string) []string {
	if a.below == nil {
		a.below = map[string][]string{}
		for _, g := range a.state.Objects[pathGroups] {
			above, _ := g["parents"].([]any)
			for _, key := range above {
				a.below[fmt.Sprint(key)] = append(a.below[fmt.Sprint(key)], fmt.Sprint(g[pk]))
			}
		}
	}
	return append([]string{}, a.below[group]...)
}

// providerIn is a provider inside of an application (ProviderSerializer). A SCIM
// provider has no flows.
func (a *Authentik) providerIn(key any) any {
	o := a.provider(key)
	if o == nil {
		return nil
	}
	k := a.kinds[pathSCIM]
	if a.find(pathSAML, key) != nil {
		k = a.kinds[pathSAML]
	}
	out := partial(o, "name", "authentication_flow", "authorization_flow", "invalidation_flow", "property_mappings")
	maps.Copy(out, k.facts)
	a.showAssigned(o, out)
	return out
}

func (a *Authentik) showApplication(o, out Object, _ url.Values) {
	out["provider_obj"] = a.providerIn(o["provider"])
	behind, _ := o["backchannel_providers"].([]any)
	list := make([]any, 0, len(behind))
	for _, key := range behind {
		list = append(list, a.providerIn(key))
	}
	out["backchannel_providers_obj"] = list
	out["launch_url"] = o["meta_launch_url"]
	if o["meta_launch_url"] == "" {
		out["launch_url"] = nil
	}
	if a.since(Release202512) {
		out["meta_icon_url"], out["meta_icon_themed_urls"] = nil, nil
	} else {
		out["meta_icon"] = nil
	}
	if a.since(Release202608) {
		out["pbm_uuid"] = o[pk]
	}
}
