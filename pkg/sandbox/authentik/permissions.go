package authentik

import (
	"fmt"
	"net/http"
	"slices"
)

// anonymous is the user who stands for everybody without a login. The API never
// lists it, not even for a superuser (authentik/core/api/users.py get_queryset,
// core/models.py exclude_anonymous); in groups it counts like any user.
const anonymous = "AnonymousUser"

// granted returns the keys that the token's user has permissions on, and whether
// these limit what the user may view: a superuser and a holder of the global
// permission may view all (authentik/rbac/filters.py ObjectFilter).
func (a *Authentik) granted(k *kind) (keys []any, limited bool) {
	keys, limited = a.state.Visible[k.path]
	return keys, limited && a.owner()["is_superuser"] != true
}

// viewer returns what decides whether the token's user may view an object.
func (a *Authentik) viewer(k *kind) func(Object) bool {
	keys, limited := a.granted(k)
	granted := make(map[string]bool, len(keys))
	for _, key := range keys {
		granted[fmt.Sprint(key)] = true
	}
	return func(o Object) bool {
		if k.path == pathUsers && o["username"] == anonymous {
			return false
		}
		return !limited || granted[fmt.Sprint(o[k.key()])]
	}
}

// viewable returns the objects of a collection that the token's user may view.
func (a *Authentik) viewable(k *kind) []Object {
	rows, known := a.views[k.path]
	if !known {
		sees := a.viewer(k)
		rows = slices.DeleteFunc(slices.Clone(a.state.Objects[k.path]), func(o Object) bool { return !sees(o) })
		a.views[k.path] = rows
	}
	return rows
}

// barred is the answer to who has neither the global permission nor one on any
// object, nil for others. Outposts, which are internal service accounts, get an
// empty list.
func (a *Authentik) barred(k *kind) *reply {
	_, limited := a.granted(k)
	if !limited || len(a.viewable(k)) > 0 || a.owner()["type"] == "internal_service_account" {
		return nil
	}
	answer := detail(http.StatusForbidden, "You do not have permission to perform this action.")
	return &answer
}

// forget drops what was worked out of objects that have changed.
func (a *Authentik) forget() {
	a.inGroups, a.below = nil, nil
	clear(a.views)
}
