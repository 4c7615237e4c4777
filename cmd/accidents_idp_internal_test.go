package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// idp is an authentik that holds a company. Its application lets all groups in,
// and who is in none by themselves.
type idp struct {
	held *emulated.Authentik
	url  string
}

const (
	idpUsers        = "core/users"
	idpGroups       = "core/groups"
	idpBindings     = "policies/bindings"
	idpApplications = "core/applications"
)

// guests are people of authentik who have nothing to do with Sentry: whom no
// binding lets in.
const guests = 120

// above is a group of authentik that has members through the groups below alone.
const above = "Engineering"

// stateOfIDP is an authentik that has just been filled.
func stateOfIDP(c *company) emulated.State {
	people := make([]emulated.Person, 0, len(c.people)+guests)
	var alone []string
	for _, p := range c.people {
		people = append(people, emulated.Person{Username: p.username, Name: p.name, Email: p.email, Inactive: p.inactive, Groups: p.groups})
		if len(p.groups) == 0 {
			alone = append(alone, p.username)
		}
	}
	for n := range guests {
		name := fmt.Sprintf("guest%03d", n)
		people = append(people, emulated.Person{Username: name, Name: name, Email: name + "@guests.test", Type: "external", Groups: []string{"Guests"}})
	}
	groups := append([]string{above}, c.groups()...) // a state names first what others refer to
	state := emulated.FreshState(people, append(groups, "Guests", "Unused"))
	state.Bind("sentry", groups, alone)
	for _, name := range []string{"Backend", "Frontend", "Mobile"} {
		groupOf(&state, name)["parents"] = []any{groupOf(&state, above)["pk"]}
	}
	return state
}

// schema is authentik's own, which what is sent and answered is held to.
var schema = openapi.Peer{Required: os.Getenv("SENTRYIDP_PEERS") == "required"}

// newIDP serves a state to the pushes of a site.
func newIDP(s *site, h *hub, state emulated.State) *idp {
	s.t.Helper()
	i := &idp{url: h.url}
	token := h.token()
	var err error
	if i.held, err = emulated.New(state, emulated.Config{Token: token, Now: s.now, Rand: s.chance}); err != nil {
		s.t.Fatal(err)
	}
	h.servers.Store(token, schema.Watch(s.t, string(i.held.Release()), openapi.Both, i.held))
	s.env = append(s.env, "AUTHENTIK_TOKEN="+token)
	return i
}

// follow makes authentik hold what has become of the company.
func (i *idp) follow(c *company) {
	i.held.Edit(func(held *emulated.State) {
		for _, p := range c.people {
			u := userOf(held, p.username)
			if u == nil {
				u = emulated.Object{"pk": 10_000 + len(held.Objects[idpUsers]), "username": p.username, "name": p.name, "type": "internal", "path": "users", "uid": "", "uuid": "", "is_superuser": false, "attributes": map[string]any{}}
				held.Objects[idpUsers] = append(held.Objects[idpUsers], u)
			}
			u["email"], u["is_active"], u["groups"] = p.email, !p.inactive, keysOf(held, p.groups)
		}
	})
}

// addresses are those of the users, in lower case.
func (i *idp) addresses() map[string]bool {
	found := map[string]bool{}
	i.held.Edit(func(held *emulated.State) {
		for _, u := range held.Objects[idpUsers] {
			email, _ := u["email"].(string)
			found[strings.ToLower(email)] = true
		}
	})
	return found
}

func userOf(held *emulated.State, username string) emulated.Object {
	at := slices.IndexFunc(held.Objects[idpUsers], func(u emulated.Object) bool { return u["username"] == username })
	if at < 0 {
		return nil
	}
	return held.Objects[idpUsers][at]
}

// groupOf is the group of a name.
func groupOf(held *emulated.State, name string) emulated.Object {
	at := slices.IndexFunc(held.Objects[idpGroups], func(g emulated.Object) bool { return g["name"] == name })
	return held.Objects[idpGroups][at]
}

func keysOf(held *emulated.State, groups []string) []any {
	keys := []any{}
	for _, name := range groups {
		keys = append(keys, groupOf(held, name)["pk"])
	}
	return keys
}

// eachUser changes the people of the company in authentik, in order; n counts
// them.
func eachUser(held *emulated.State, change func(n int, u emulated.Object)) {
	n := 0
	for _, u := range held.Objects[idpUsers] {
		if u["type"] == "internal" {
			change(n, u)
			n++
		}
	}
}

// without is the list without what drop holds of.
func without(held *emulated.State, path string, drop func(o emulated.Object) bool) {
	held.Objects[path] = slices.DeleteFunc(slices.Clone(held.Objects[path]), drop)
}

// leaveGroup takes a share of a group's people out of it: every nth stays, none
// for 0.
func leaveGroup(held *emulated.State, name string, stays int) {
	key := groupOf(held, name)["pk"]
	n := 0
	eachUser(held, func(_ int, u emulated.Object) {
		in, _ := u["groups"].([]any)
		if !slices.Contains(in, key) {
			return
		}
		if n++; stays == 0 || n%stays != 0 {
			u["groups"] = slices.DeleteFunc(slices.Clone(in), func(g any) bool { return g == key })
		}
	})
}

// hide takes the right to view every nth user from the token, which is no
// superuser's any more.
func hide(held *emulated.State, nth int) {
	userOf(held, emulated.Owner)["is_superuser"] = false
	seen := []any{}
	eachUser(held, func(n int, u emulated.Object) {
		if n%nth != 0 {
			seen = append(seen, u["pk"])
		}
	})
	held.Visible = map[string][]any{idpUsers: seen}
}

func idpAccidents() []accident {
	return []accident{
		{name: "authentik: nothing happens", verdict: harmless, idp: func(*emulated.State, int) {}},
		{name: "authentik: a group is emptied", idp: func(held *emulated.State, _ int) { leaveGroup(held, "Support", 0) }},
		{name: "authentik: a group loses nine in ten", idp: func(held *emulated.State, _ int) { leaveGroup(held, "Support", 10) }},
		{name: "authentik: the group of managers is emptied", idp: func(held *emulated.State, _ int) { leaveGroup(held, "Leads", 0) }},
		{name: "authentik: the group of managers shrinks to one", idp: func(held *emulated.State, _ int) { leaveGroup(held, "Leads", 30) }},
		{name: "authentik: everybody leaves all groups", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(_ int, u emulated.Object) { u["groups"] = []any{} })
		}},
		{name: "authentik: all bindings are removed", idp: func(held *emulated.State, _ int) {
			without(held, idpBindings, func(emulated.Object) bool { return true })
		}},
		{name: "authentik: only the binding of one group is left", idp: func(held *emulated.State, _ int) {
			without(held, idpBindings, func(o emulated.Object) bool { return o["group"] != groupOf(held, "Docs")["pk"] })
		}},
		{name: "authentik: the bindings of two large groups are removed", idp: func(held *emulated.State, _ int) {
			without(held, idpBindings, func(o emulated.Object) bool {
				return o["group"] == groupOf(held, "Backend")["pk"] || o["group"] == groupOf(held, "Support")["pk"]
			})
		}},
		{name: "authentik: all bindings must hold instead of any", idp: func(held *emulated.State, _ int) {
			held.Objects[idpApplications][0]["policy_engine_mode"] = "all"
		}},
		{name: "authentik: the bindings are disabled", idp: func(held *emulated.State, _ int) {
			for _, b := range held.Objects[idpBindings] {
				b["enabled"] = false
			}
		}},
		{name: "authentik: the bindings are negated", idp: func(held *emulated.State, _ int) {
			for _, b := range held.Objects[idpBindings] {
				b["negate"] = true
			}
		}},
		{name: "authentik: the application lets in a group of guests instead", idp: func(held *emulated.State, _ int) {
			without(held, idpBindings, func(o emulated.Object) bool { return o["order"] != 0 })
			held.Objects[idpBindings][0]["group"] = groupOf(held, "Guests")["pk"]
		}},
		{name: "authentik: a group of groups has none any more", idp: func(held *emulated.State, _ int) {
			for _, g := range held.Objects[idpGroups] {
				g["parents"] = []any{}
			}
		}},
		{name: "authentik: a group of groups has two fewer", idp: func(held *emulated.State, _ int) {
			groupOf(held, "Frontend")["parents"], groupOf(held, "Mobile")["parents"] = []any{}, []any{}
		}},
		{name: "authentik: groups of groups are not flattened", args: []string{"--flatten-groups=false"}, idp: func(*emulated.State, int) {}},
		{name: "authentik: every group is above every other", idp: func(held *emulated.State, _ int) {
			all := keysOf(held, []string{"Backend", "Support", "Leads", "Sales"})
			for _, g := range held.Objects[idpGroups] {
				g["parents"] = slices.Clone(all)
			}
		}},
		{name: "authentik: half of the users are deleted", idp: func(held *emulated.State, _ int) {
			n := 0
			without(held, idpUsers, func(o emulated.Object) bool { n++; return o["type"] == "internal" && n%2 == 0 })
		}},
		{name: "authentik: half of the users are deactivated", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(n int, u emulated.Object) { u["is_active"] = n%2 == 0 })
		}},
		{name: "authentik: half of the users become service accounts", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(n int, u emulated.Object) {
				if n%2 == 0 {
					u["type"] = "service_account"
				}
			})
		}},
		{name: "authentik: the mail domain changes", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(_ int, u emulated.Object) { u["email"] = fmt.Sprint(u["username"], "@acme.example") })
		}},
		{name: "authentik: half of the addresses are blank", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(n int, u emulated.Object) {
				if n%2 == 0 {
					u["email"] = ""
				}
			})
		}},
		{name: "authentik: another directory with the same groups is restored over it", idp: func(held *emulated.State, _ int) {
			eachUser(held, func(_ int, u emulated.Object) {
				u["username"] = "x" + fmt.Sprint(u["username"])
				u["email"] = "x" + fmt.Sprint(u["email"])
			})
		}},
		{name: "authentik: a group gets the name of the team made by hand", idp: func(held *emulated.State, _ int) {
			groupOf(held, "Research")["name"] = handMade
		}},
		{name: "authentik: all groups are renamed", idp: func(held *emulated.State, _ int) {
			for _, g := range held.Objects[idpGroups] {
				g["name"] = fmt.Sprint("acme ", g["name"])
			}
		}},
		{name: "authentik: the names of two groups are exchanged", idp: func(held *emulated.State, _ int) {
			a, b := groupOf(held, "Leads"), groupOf(held, "Backend")
			a["name"], b["name"] = b["name"], a["name"]
		}},
		{name: "authentik: everybody becomes a lead", idp: func(held *emulated.State, _ int) {
			key := groupOf(held, "Leads")["pk"]
			eachUser(held, func(_ int, u emulated.Object) {
				in, _ := u["groups"].([]any)
				if !slices.Contains(in, key) {
					u["groups"] = append(slices.Clone(in), key)
				}
			})
		}},
		{name: "authentik: nine per cent fewer users each night", nights: 6, verdict: refused, idp: func(held *emulated.State, _ int) {
			n := 0
			without(held, idpUsers, func(o emulated.Object) bool {
				if o["type"] != "internal" {
					return false
				}
				n++
				return n%11 == 3
			})
		}},
		{name: "authentik: the token may not view half of the users", verdict: refused, idp: func(held *emulated.State, _ int) { hide(held, 2) }},
		{name: "authentik: the token may not view one user in twenty", verdict: refused, idp: func(held *emulated.State, _ int) { hide(held, 20) }},
		{name: "authentik: the token may view one user", verdict: refused, idp: func(held *emulated.State, _ int) {
			hide(held, 1)
			held.Visible[idpUsers] = []any{userOf(held, "p0001")["pk"]}
		}},
		{name: "authentik: the order of users and groups changes", verdict: harmless, idp: func(held *emulated.State, _ int) {
			slices.Reverse(held.Objects[idpUsers])
			slices.Reverse(held.Objects[idpGroups])
		}},
	}
}

// startable is what an authentik holds as a state to start from.
func (i *idp) startable() emulated.State {
	state := i.held.Snapshot()
	for _, u := range state.Objects[idpUsers] {
		delete(u, "uid") // which is made of the key
	}
	return state
}

// clonedIDP is a copy that shares nothing.
func clonedIDP(t *testing.T, state emulated.State) emulated.State {
	t.Helper()
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	clone, err := emulated.ParseState(text)
	if err != nil {
		t.Fatal(err)
	}
	return clone
}
