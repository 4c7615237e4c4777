package authentik_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
)

type object = map[string]any

// fake is an authentik of one application. It knows nothing of the client's types.
type fake struct {
	version   string
	cap       int // the greatest page size
	users     []object
	groups    []object
	app       object
	bindings  []object
	superuser bool
	anonymous int                               // the key of AnonymousUser; 0: there is none
	policies  map[string]func(user object) bool // verdicts by the policy's UUID
	noDefault bool                              // the flag core_default_app_access is off
	mapping   func(user object) (result string, successful bool)

	// before may answer a request itself.
	before func(w http.ResponseWriter, r *http.Request) bool

	mu   sync.Mutex
	seen map[string]int // requests by method and path
}

// serve starts the fake and returns a client of it.
func (f *fake) serve(t *testing.T, options ...authentik.Option) *authentik.Client {
	t.Helper()
	f.seen = map[string]int{}
	f.countMembers()
	server := httptest.NewServer(peer.Watch(t, "2026.8", openapi.Requests, f))
	t.Cleanup(server.Close)
	client, err := authentik.New(server.URL, server.Client(), options...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// countMembers lets each group name its members, unless it does already.
func (f *fake) countMembers() {
	members := map[string][]int{}
	for _, u := range f.users {
		in, _ := u["groups"].([]string)
		for _, group := range in {
			members[group] = append(members[group], u["pk"].(int)) //nolint:forcetypeassert // person makes them
		}
	}
	for _, g := range f.groups {
		pk, _ := g["pk"].(string)
		if _, told := g["users"]; !told {
			g["users"] = append([]int{}, members[pk]...)
		}
	}
}

func (f *fake) count(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[what]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v3/")
	f.mu.Lock()
	f.seen[r.Method+" "+path]++
	f.mu.Unlock()
	if f.before != nil && f.before(w, r) {
		return
	}
	switch slug, _ := f.app["slug"].(string); path {
	case "admin/version/":
		reply(w, http.StatusOK, object{"version_current": cmp.Or(f.version, "2026.8.3")})
	case "core/users/me/":
		reply(w, http.StatusOK, object{"user": object{"username": "robot", "is_superuser": f.superuser}})
	case "core/users/":
		f.list(w, r, f.users)
	case "core/groups/":
		f.listGroups(w, r)
	case "policies/bindings/":
		f.list(w, r, f.bindings)
	case "core/applications/" + slug + "/":
		reply(w, http.StatusOK, f.app)
	case "core/applications/" + slug + "/check_access/":
		f.checkAccess(w, r)
	case "propertymappings/all/00000000-0000-4000-8000-0000000000d1/test/":
		f.testMapping(w, r)
	default:
		reply(w, http.StatusNotFound, object{"detail": "No Application matches the given query."})
	}
}

// listGroups knows the filter members_by_username by the name of AnonymousUser
// alone, which the list of users never has.
func (f *fake) listGroups(w http.ResponseWriter, r *http.Request) {
	groups := f.groups
	if r.URL.Query().Get("members_by_username") == "AnonymousUser" {
		groups = slices.DeleteFunc(slices.Clone(groups), func(g object) bool {
			members, _ := g["users"].([]int)
			return f.anonymous == 0 || !slices.Contains(members, f.anonymous)
		})
	}
	f.list(w, r, groups)
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, all []object) {
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
	if f.cap > 0 {
		size = min(size, f.cap)
	}
	pages := max(1, (len(all)+size-1)/size)
	next := number + 1
	if number >= pages {
		next = 0
	}
	start := min(len(all), (number-1)*size)
	reply(w, http.StatusOK, object{
		"pagination": object{"next": next, "previous": number - 1, "count": len(all), "current": number, "total_pages": pages},
		"results":    append([]object{}, all[start:min(len(all), start+size)]...),
	})
}

func (f *fake) user(pk string) object {
	for _, u := range f.users {
		if fmt.Sprint(u["pk"]) == pk {
			return u
		}
	}
	return nil
}

// checkAccess answers who is no superuser about themselves, as authentik does.
func (f *fake) checkAccess(w http.ResponseWriter, r *http.Request) {
	passing := true
	if f.superuser {
		passing = f.engine(f.user(r.URL.Query().Get("for_user")))
	}
	reply(w, http.StatusOK, object{"passing": passing, "messages": []string{}})
}

// engine is the policy engine, one binding after the other: the bindings to users
// and groups make one result, each policy makes another.
func (f *fake) engine(user object) bool {
	var results []bool
	all := f.app["policy_engine_mode"] == "all"
	total, passing := 0, 0
	for _, b := range f.bindings {
		if b["enabled"] == false || b["gone"] == true {
			continue
		}
		if policy, ok := b["policy"].(string); ok {
			results = append(results, f.policies[policy](user))
			continue
		}
		total++
		matches := b["user"] == user["pk"]
		if group, ok := b["group"].(string); ok {
			matches = f.isIn(user, group)
		}
		if matches != (b["negate"] == true) {
			passing++
		}
	}
	if total > 0 {
		results = append(results, all && passing == total || !all && passing > 0)
	}
	verdict := len(results) == 0 && !f.noDefault || len(results) > 0 && all
	for _, result := range results {
		if result != all {
			verdict = result
		}
	}
	return verdict
}

func (f *fake) isIn(user object, group string) bool {
	direct, _ := user["groups"].([]string)
	for _, pk := range direct {
		if f.reaches(pk, group, 0) {
			return true
		}
	}
	return false
}

func (f *fake) reaches(from, to string, depth int) bool {
	if from == to {
		return true
	}
	for _, g := range f.groups {
		parents, _ := g["parents"].([]string)
		if parent, ok := g["parent"].(string); ok {
			parents = []string{parent}
		}
		if g["pk"] != from || depth > len(f.groups) {
			continue
		}
		for _, parent := range parents {
			if f.reaches(parent, to, depth+1) {
				return true
			}
		}
	}
	return false
}

func (f *fake) testMapping(w http.ResponseWriter, r *http.Request) {
	var body struct {
		User int `json:"user"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	result, successful := f.mapping(f.user(strconv.Itoa(body.User)))
	reply(w, http.StatusOK, object{"result": result, "successful": successful})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// person is a user as authentik lists one.
func person(pk int, username string, groups ...string) object {
	return object{
		"pk": pk, "username": username, "name": strings.ToUpper(username[:1]) + username[1:] + " Example", "email": username + "@acme.test",
		"is_active": true, "type": "internal", "groups": append([]string{}, groups...), "groups_obj": nil, "uid": "hash", "attributes": object{},
	}
}

// company is three people in nested groups: staff is above eng and data.
func company() *fake {
	return &fake{
		version: "2026.5.6", superuser: true,
		users: []object{person(1, "ada", "g-eng"), person(2, "bo", "g-data"), person(3, "cleo", "g-staff"), person(4, "dino")},
		groups: []object{
			{"pk": "g-staff", "name": "staff", "parents": []string{}},
			{"pk": "g-eng", "name": "eng", "parents": []string{"g-staff"}},
			{"pk": "g-data", "name": "data", "parents": []string{"g-staff"}},
		},
		app: object{"pk": "00000000-0000-4000-8000-0000000000a1", "slug": "sentry", "name": "Sentry", "policy_engine_mode": "any", "provider": nil},
	}
}

// binding binds something to the application: a group's, user's or policy's field
// and its value.
func binding(order int, kind string, what any, more ...any) object {
	b := object{
		"pk": fmt.Sprintf("b-%d", order), "target": "00000000-0000-4000-8000-0000000000a1", "order": order, "enabled": true, "negate": false, "timeout": 30,
		"policy": nil, "group": nil, "user": nil,
	}
	b[kind] = what
	for i := 0; i+1 < len(more); i += 2 {
		b[fmt.Sprint(more[i])] = more[i+1]
	}
	return b
}
