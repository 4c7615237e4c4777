package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
)

type object = map[string]any

// fake is an authentik that keeps objects by path. It knows nothing of the
// client's types: what a request sets is what it tells, as far as its release
// knows the field.
type fake struct {
	mu      sync.Mutex
	release string
	objects map[string][]object
	next    int
	writes  []string // method and path
	// before may answer a request itself.
	before func(w http.ResponseWriter, r *http.Request) bool
	server *httptest.Server
}

func newFake(t *testing.T, release string) *fake {
	t.Helper()
	f := &fake{release: release, objects: map[string][]object{}, next: 100}
	for _, slug := range []string{"default-provider-authorization-implicit-consent", "default-provider-invalidation-flow"} {
		f.put("flows/instances/", object{"slug": slug})
	}
	for _, name := range []string{"uid", "email", "name", "groups"} {
		f.put("propertymappings/provider/saml/", object{"name": "authentik default " + name, "managed": "goauthentik.io/providers/saml/" + name})
	}
	f.put("propertymappings/provider/scim/", object{"name": "authentik default group", "managed": "goauthentik.io/providers/scim/group"})
	f.put("crypto/certificatekeypairs/", object{
		"name": "authentik Self-signed Certificate", "private_key_available": true, "fingerprint_sha256": "00:11",
		"key_type": "rsa", "cert_expiry": "2027-06-01T00:00:00Z",
	})
	for _, name := range []string{"sentry users", "data", "R&D \"${x}\""} {
		f.put("core/groups/", object{"name": name})
	}
	f.put("core/users/", object{"username": "ada"})
	f.server = httptest.NewServer(peer.Watch(t, release, openapi.Requests, f))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fake) client(t *testing.T) *authentik.Client {
	t.Helper()
	client, err := authentik.New(f.server.URL, f.server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// put adds an object and returns it.
func (f *fake) put(path string, o object) object {
	f.next++
	o["pk"] = any(f.next)
	if !slices.Contains([]string{"providers/saml/", "providers/scim/", "core/users/"}, path) {
		o["pk"] = fmt.Sprintf("00000000-0000-0000-0000-%012d", f.next)
	}
	f.objects[path] = append(f.objects[path], o)
	return o
}

// one returns the only object there is, other than the managed ones.
func (f *fake) one(t *testing.T, path string) object {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	own := slices.DeleteFunc(slices.Clone(f.objects[path]), func(o object) bool { return o["managed"] != nil })
	if len(own) != 1 {
		t.Fatalf("%s has %d objects, want one", path, len(own))
	}
	return own[0]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.before != nil && f.before(w, r) {
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v3/")
	if path == "admin/version/" {
		reply(w, http.StatusOK, object{"version_current": f.release + ".1"})
		return
	}
	list, key, _ := f.split(path)
	switch r.Method {
	case http.MethodGet:
		f.get(w, r, list, key)
	case http.MethodPost:
		f.post(w, r, list)
	case http.MethodPatch:
		f.patch(w, r, list, key)
	}
}

// split tells the list's path from the key below it.
func (f *fake) split(path string) (list, key string, found bool) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	depth := 2
	if parts[0] == "propertymappings" {
		depth = 3
	}
	if len(parts) > depth {
		key = parts[depth]
	}
	return strings.Join(parts[:depth], "/") + "/", key, true
}

func (f *fake) get(w http.ResponseWriter, r *http.Request, list, key string) {
	if key != "" {
		if o := f.find(list, key); o != nil {
			reply(w, http.StatusOK, f.told(list, o))
			return
		}
		reply(w, http.StatusNotFound, object{"detail": "Not found."})
		return
	}
	results := []object{}
	for _, o := range f.objects[list] {
		if matches(o, r) {
			results = append(results, f.told(list, o))
		}
	}
	reply(w, http.StatusOK, object{"pagination": object{"count": len(results), "total_pages": 1, "next": 0}, "results": results})
}

func matches(o object, r *http.Request) bool {
	for name, values := range r.URL.Query() {
		if have, known := o[name]; known && fmt.Sprint(have) != values[0] || name == "managed" && !known {
			return false
		}
	}
	return true
}

func (f *fake) find(list, key string) object {
	for _, o := range f.objects[list] {
		if fmt.Sprint(o["pk"]) == key || o["slug"] == key {
			return o
		}
	}
	return nil
}

// told leaves out what authentik does not tell, and adds what it works out.
func (f *fake) told(list string, o object) object {
	out := object{}
	for name, value := range o {
		if name != "certificate_data" && name != "key_data" {
			out[name] = value
		}
	}
	for _, app := range f.objects["core/applications/"] {
		if list == "providers/saml/" && fmt.Sprint(app["provider"]) == fmt.Sprint(o["pk"]) {
			out["assigned_application_slug"] = app["slug"]
		}
		back, _ := app["backchannel_providers"].([]any)
		if list == "providers/scim/" && slices.ContainsFunc(back, func(pk any) bool { return fmt.Sprint(pk) == fmt.Sprint(o["pk"]) }) {
			out["assigned_backchannel_application_slug"] = app["slug"]
		}
	}
	return out
}

func (f *fake) post(w http.ResponseWriter, r *http.Request, list string) {
	o := f.put(list, object{})
	if f.write(w, r, list, o) {
		reply(w, http.StatusCreated, f.told(list, o))
		return
	}
	f.objects[list] = f.objects[list][:len(f.objects[list])-1]
}

func (f *fake) patch(w http.ResponseWriter, r *http.Request, list, key string) {
	o := f.find(list, key)
	if o == nil {
		reply(w, http.StatusNotFound, object{"detail": "Not found."})
		return
	}
	if f.write(w, r, list, o) {
		reply(w, http.StatusOK, f.told(list, o))
	}
}

// write sets the fields of a request on o. A certificate's fingerprint is in its
// text here.
func (f *fake) write(w http.ResponseWriter, r *http.Request, list string, o object) bool {
	var sent object
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		reply(w, http.StatusBadRequest, object{"detail": "JSON parse error"})
		return false
	}
	if sent["signing_kp"] != nil && sent["sign_assertion"] != true && sent["sign_response"] != true {
		reply(w, http.StatusBadRequest, object{"non_field_errors": []string{"With a signing keypair selected, at least one of 'Sign assertion' and 'Sign Response' must be selected."}})
		return false
	}
	for name, value := range sent {
		if !f.unknown(name) {
			o[name] = value
		}
	}
	if list == "crypto/certificatekeypairs/" {
		o["fingerprint_sha256"], o["private_key_available"] = "aa:bb", sent["key_data"] != nil
	}
	f.writes = append(f.writes, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v3/"))
	return true
}

// unknown reports the fields that the release ignores.
func (f *fake) unknown(name string) bool {
	since := map[string]string{"issuer_override": "2026.5", "group_filters": "2026.2", "discovery_enabled": "2026.8"}
	until := map[string]string{"issuer": "2026.5", "filter_group": "2026.2"}
	return f.release < since[name] || until[name] != "" && f.release >= until[name]
}

func reply(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
