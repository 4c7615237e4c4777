package authentik

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The collections that others refer to.
const (
	pathUsers        = "core/users"
	pathGroups       = "core/groups"
	pathApplications = "core/applications"
	pathBindings     = "policies/bindings"
	pathPolicies     = "policies/expression"
	pathSAML         = "providers/saml"
	pathSCIM         = "providers/scim"
	pathKeyPairs     = "crypto/certificatekeypairs"
	pathFlows        = "flows/instances"
	pathSAMLMappings = "propertymappings/provider/saml"
	pathSCIMMappings = "propertymappings/provider/scim"
	pathSchedules    = "tasks/schedules"
	pathTasks        = "tasks/tasks"
	pathSCIMUsers    = "providers/scim_users"
	pathSCIMGroups   = "providers/scim_groups"
)

// users are people and service accounts (authentik/core/api/users.py).
func users() *kind {
	return &kind{
		path: pathUsers, name: "user", numbered: true,
		fields: []field{
			{name: "username", required: true, unique: true},
			words("name"), words("email"), flag("is_active", true),
			{name: "type", shape: choice, standard: "internal", choices: []string{"internal", "external", "service_account", "internal_service_account"}},
			refs("groups", pathGroups),
			{name: "attributes", shape: anything},
			{name: "path", standard: "users"},
			{name: "is_superuser", shape: boolean, readOnly: true},
			{name: "last_login", null: true},
			{name: "roles", shape: texts, since: Release202512},
			{name: "uid", readOnly: true},
			{name: "uuid", readOnly: true, blank: true},
		},
		filters: []string{"username", "email", "name", "is_active", "type", "is_superuser", "path"},
		facts:   Object{"avatar": avatar, "date_joined": installed, "last_updated": installed, "password_change_date": installed},
		show: func(a *Authentik, o, out Object, asked url.Values) {
			out["uid"] = uid(o)
			if o["uuid"] == "" {
				out["uuid"] = fmt.Sprintf("00000000-0000-4000-8000-%012x", o[pk])
			}
			out["groups_obj"] = nil
			if asked.Get("include_groups") != "false" {
				out["groups_obj"] = a.groupsOf(o, partialGroup(a.config.Release)...)
			}
			if a.since(Release202512) {
				out["roles_obj"] = unless(asked, "include_roles")
			}
		},
	}
}

const (
	avatar    = "/static/dist/assets/images/user_default.png"
	installed = "2026-01-05T08:00:00Z" // when everything was made
)

// uid stands for the hash that authentik makes of a user.
func uid(user Object) string {
	if given, _ := user["uid"].(string); given != "" {
		return given
	}
	return fmt.Sprintf("%064x", user[pk])
}

// groups are groups (authentik/core/api/groups.py). Before 2025.12 one parent was
// told, since then a list.
func groups() *kind {
	return &kind{
		path: pathGroups, name: "Group",
		fields: []field{
			{name: "name", required: true, unique: true},
			flag("is_superuser", false),
			{name: "attributes", shape: anything},
			{name: "parents", shape: many, to: pathGroups, since: Release202512},
			{name: "roles", shape: texts},
		},
		filters: []string{"name", "is_superuser", "members_by_username"},
		show:    (*Authentik).showGroup,
	}
}

// membersOf are the keys of the users who are in a group itself.
func (a *Authentik) membersOf(group string) []int {
	if a.inGroups == nil {
		a.inGroups = map[string][]int{}
		for _, u := range a.state.Objects[pathUsers] {
			in, _ := u["groups"].([]any)
			for _, g := range in {
				key := fmt.Sprint(g)
				a.inGroups[key] = append(a.inGroups[key], u[pk].(int)) //nolint:forcetypeassert // numbered
			}
		}
	}
	return append([]int{}, a.inGroups[group]...)
}

// applications are what people use (authentik/core/api/applications.py). The list
// leaves out what the caller has no access to, unless a superuser asks for all.
func applications() *kind {
	return &kind{
		path: pathApplications, name: "Application", lookup: "slug",
		fields: []field{
			{name: "name", required: true},
			{name: "slug", required: true, unique: true},
			ref("provider", pathProviders),
			{name: "backchannel_providers", shape: many, to: pathProviders},
			flag("open_in_new_tab", false),
			{name: "meta_launch_url", shape: address, blank: true},
			{name: "meta_icon", blank: true, since: Release202512},
			words("meta_description"), words("meta_publisher"),
			{name: "policy_engine_mode", shape: choice, standard: "any", choices: []string{"any", "all"}},
			words("group"),
			{name: "meta_hide", shape: boolean, since: Release202605},
		},
		filters: []string{"name", "slug", "group", "meta_launch_url"},
		check:   checkApplication,
		show:    (*Authentik).showApplication,
		visible: func(a *Authentik, o Object, asked url.Values) bool {
			owner := a.owner()
			if asked.Get("superuser_full_list") == "true" && owner["is_superuser"] == true {
				return true
			}
			passing, _ := a.judge(o, owner)
			return passing
		},
	}
}

// checkApplication refuses a provider that another application has, and slugs
// that authentik keeps for itself.
func checkApplication(a *Authentik, sent, merged Object) map[string][]string {
	problems := map[string][]string{}
	if slug, _ := sent["slug"].(string); slug != "" {
		switch {
		case strings.Trim(slug, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "":
			problems["slug"] = []string{"Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."}
		case slices.Contains([]string{"authorize", "token", "userinfo", "end-session"}, slug):
			problems["slug"] = []string{"The slug '" + slug + "' is reserved and cannot be used for applications."}
		}
	}
	for _, other := range a.state.Objects[pathApplications] {
		if sent["provider"] != nil && other[pk] != merged[pk] && other["provider"] == sent["provider"] {
			problems["provider"] = []string{"Application with this provider already exists."}
		}
	}
	return problems
}

// owner is whom the token belongs to.
func (a *Authentik) owner() Object {
	for _, u := range a.state.Objects[pathUsers] {
		if u["username"] == a.state.Owner {
			return u
		}
	}
	return Object{pk: 0, "username": "nobody", "name": "", "email": "", "is_active": true, "type": "service_account", "groups": []any{}}
}
