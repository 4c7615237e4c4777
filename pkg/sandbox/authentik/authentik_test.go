package authentik_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// peer is the schema of the real one, which the answers are held to.
var peer = openapi.Peer{Required: os.Getenv("SENTRYIDP_PEERS") == "required"}

func fresh() authentik.State {
	s := authentik.FreshState([]authentik.Person{
		{Username: "ada", Name: "Ada Example", Email: "ada@acme.test", Groups: []string{"staff"}},
		{Username: "bo", Name: "Bo", Email: "bo@acme.test", Inactive: true, Groups: []string{"staff"}},
		{Username: "kiosk", Name: "Kiosk"},
		{Username: "out", Name: "Out Side", Email: "out@acme.test"},
	}, []string{"staff"})
	s.Bind("sentry", []string{"staff"}, nil)
	return s
}

func serve(t *testing.T, release authentik.Release, state authentik.State) *authentik.Authentik {
	t.Helper()
	a, err := authentik.New(state, authentik.Config{
		Release: release, Token: "right", BaseURL: "https://authentik.example", Now: time.Now, Rand: rand.Reader, SCIM: &http.Client{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask sends a request and returns the status and the body, decoded.
func ask(t *testing.T, a http.Handler, method, path, body string) (int, map[string]any) {
	t.Helper()
	return askWith(t, a, "Bearer right", method, path, body)
}

func askWith(t *testing.T, a http.Handler, authorization, method, path, body string) (int, map[string]any) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	answer := httptest.NewRecorder()
	if of, known := a.(interface{ Release() authentik.Release }); known {
		a = peer.Watch(t, string(of.Release()), openapi.Answers, a)
	}
	a.ServeHTTP(answer, req)
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if len(text) > 0 && strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return answer.Code, got
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const flows = `"authorization_flow":"FLOW","invalidation_flow":"FLOW"`
	state := fresh()
	state.Denied = []string{"flows/instances"}
	a := serve(t, authentik.ReleaseLatest, state)
	flow := a.Snapshot().Objects["flows/instances"][0]["pk"].(string) //nolint:forcetypeassert // a UUID
	tests := map[string]struct {
		authorization, method, path, body string
		status                            int
		want                              string // JSON; empty: not looked at
	}{
		"no token":           {"", "GET", "core/users/", "", 403, `{"detail":"Authentication credentials were not provided."}`},
		"wrong token":        {"Bearer wrong", "GET", "core/users/", "", 403, `{"detail":"Token invalid/expired"}`},
		"open":               {"", "GET", "root/config/", "", 200, ""},
		"no permission":      {"Bearer right", "GET", "flows/instances/", "", 403, `{"detail":"You do not have permission to perform this action."}`},
		"no such page":       {"Bearer right", "GET", "core/users/?page=9", "", 404, `{"detail":"Invalid page."}`},
		"no such user":       {"Bearer right", "GET", "core/users/99/", "", 404, `{"detail":"Not found."}`},
		"no slash":           {"Bearer right", "GET", "core/users", "", 404, ""},
		"no JSON":            {"Bearer right", "POST", "core/groups/", "{", 400, ""},
		"a list":             {"Bearer right", "POST", "core/groups/", "[]", 400, `{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}`},
		"nothing":            {"Bearer right", "POST", "core/groups/", "{}", 400, `{"name":["This field is required."]}`},
		"taken":              {"Bearer right", "POST", "core/groups/", `{"name":"staff"}`, 400, `{"name":["Group with this name already exists."]}`},
		"wrong types":        {"Bearer right", "POST", "core/users/", `{"username":{},"is_active":"perhaps","groups":"staff","type":"robot"}`, 400, `{"groups":["Expected a list of items but got type \"str\"."],"is_active":["Must be a valid boolean."],"type":["\"robot\" is not a valid choice."],"username":["Not a valid string."]}`},
		"blank":              {"Bearer right", "POST", "core/groups/", `{"name":" "}`, 400, `{"name":["This field may not be blank."]}`},
		"null":               {"Bearer right", "POST", "core/groups/", `{"name":null}`, 400, `{"name":["This field may not be null."]}`},
		"unknown key":        {"Bearer right", "POST", "core/users/", `{"username":"x","groups":["nope"]}`, 400, `{"groups":["Invalid pk \"nope\" - object does not exist."]}`},
		"method":             {"Bearer right", "DELETE", "core/users/", "", 405, `{"detail":"Method \"DELETE\" not allowed."}`},
		"managed of nobody":  {"Bearer right", "GET", "propertymappings/provider/saml/?managed=x", "", 400, `{"managed":["Select a valid choice. x is not one of the available choices."]}`},
		"no URL":             {"Bearer right", "POST", "providers/saml/", `{"name":"x",` + flows + `,"acs_url":"sentry"}`, 400, `{"acs_url":["Enter a valid URL."]}`},
		"binding to nothing": {"Bearer right", "POST", "policies/bindings/", `{"target":"00000000-0000-4000-8000-000000000a01","order":1}`, 400, `{"non_field_errors":["One of 'group', 'policy', 'user' must be set."]}`},
		"reserved slug":      {"Bearer right", "POST", "core/applications/", `{"name":"x","slug":"token"}`, 400, ""},
		"no certificate":     {"Bearer right", "POST", "crypto/certificatekeypairs/", `{"name":"x","certificate_data":"x"}`, 400, `{"certificate_data":["Unable to load certificate."]}`},
		"broken expression":  {"Bearer right", "POST", "propertymappings/provider/scim/", `{"name":"x","expression":"return {"}`, 400, ""},
	}
	for name, tt := range tests {
		status, got := askWith(t, a, tt.authorization, tt.method, "/api/v3/"+tt.path, strings.ReplaceAll(tt.body, "FLOW", flow))
		if status != tt.status {
			t.Errorf("%s: %d %v, want %d", name, status, got, tt.status)
		}
		if tt.want == "" {
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// TestASigningPairNeedsAFlag holds the trap of the SAML provider: what is kept
// does not count, only what the request says.
func TestASigningPairNeedsAFlag(t *testing.T) {
	t.Parallel()
	for _, release := range authentik.Releases() {
		a := serve(t, release, fresh())
		_, pairs := ask(t, a, "GET", "/api/v3/crypto/certificatekeypairs/", "")
		pair := first(t, pairs)["pk"].(string)                            //nolint:forcetypeassert // a UUID
		flow := a.Snapshot().Objects["flows/instances"][0]["pk"].(string) //nolint:forcetypeassert // a UUID
		body := `{"name":"Sentry","authorization_flow":"` + flow + `","invalidation_flow":"` + flow + `","acs_url":"https://sentry.example/","signing_kp":"` + pair + `"`
		if status, got := ask(t, a, "POST", "/api/v3/providers/saml/", body+"}"); status != 400 || got["non_field_errors"] == nil {
			t.Errorf("%s: without a flag: %d %v", release, status, got)
		}
		status, got := ask(t, a, "POST", "/api/v3/providers/saml/", body+`,"sign_assertion":true,"issuer":"old","issuer_override":"new"}`)
		if status != 201 || got["sp_binding"] != "redirect" || got["url_sso_redirect"] != "-" {
			t.Errorf("%s: %d %v", release, status, got)
		}
		old, isOld := got["issuer"]
		now, isNew := got["issuer_override"]
		if isOld == isNew || isOld && old != "old" || isNew && now != "new" || isNew != (release >= authentik.Release202605) {
			t.Errorf("%s: issuer %v, issuer_override %v", release, old, now)
		}
	}
}

func first(t *testing.T, list map[string]any) map[string]any {
	t.Helper()
	results, _ := list["results"].([]any)
	if len(results) == 0 {
		t.Fatalf("an empty list: %v", list)
	}
	o, _ := results[0].(map[string]any)
	return o
}

func TestPagesAreCapped(t *testing.T) {
	t.Parallel()
	var people []authentik.Person
	for _, r := range strings.Repeat("abcdefghij", 25) {
		people = append(people, authentik.Person{Username: string(r) + time.Duration(len(people)).String()})
	}
	a := serve(t, authentik.ReleaseLatest, authentik.FreshState(people, nil))
	for query, want := range map[string]map[string]any{
		"":                      {"next": 2.0, "previous": 0.0, "count": 251.0, "current": 1.0, "total_pages": 13.0, "start_index": 1.0, "end_index": 20.0},
		"?page_size=1000":       {"next": 2.0, "previous": 0.0, "count": 251.0, "current": 1.0, "total_pages": 3.0, "start_index": 1.0, "end_index": 100.0},
		"?page_size=100&page=3": {"next": 0.0, "previous": 2.0, "count": 251.0, "current": 3.0, "total_pages": 3.0, "start_index": 201.0, "end_index": 251.0},
	} {
		_, got := ask(t, a, "GET", "/api/v3/core/users/"+query, "")
		if diff := cmp.Diff(any(want), got["pagination"]); diff != "" {
			t.Errorf("%s:\n%s", query, diff)
		}
	}
}

func TestMappingsAreTried(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	mapping := func(name, expression string) any {
		_, made := ask(t, a, "POST", "/api/v3/propertymappings/provider/scim/", body(t, map[string]any{"name": name, "expression": expression}))
		return made["pk"]
	}
	managed := func(path string) any {
		_, list := ask(t, a, "GET", "/api/v3/propertymappings/provider/"+path, "")
		return first(t, list)["pk"]
	}
	mine, odd := mapping("mine", "# a comment\n"+integration.Expression()), mapping("odd", "return 1")
	group := a.Snapshot().Objects["core/groups"][0]["pk"].(string) //nolint:forcetypeassert // a UUID
	for _, tt := range []struct {
		mapping    any
		sent       string
		successful bool
		want       string
	}{
		{mine, `{"user":2}`, true, `{"active":true,"emails":[{"primary":true,"type":"work","value":"ada@acme.test"}],"name":{"familyName":"Example","formatted":"Ada Example","givenName":"Ada"},"userName":"ada@acme.test"}`},
		{mine, `{"user":3}`, true, `{"active":false,"emails":[{"primary":true,"type":"work","value":"bo@acme.test"}],"name":{"familyName":" ","formatted":"Bo ","givenName":"Bo"},"userName":"bo@acme.test"}`},
		{mine, `{"user":4}`, false, "SkipObject"},
		{mine, `{"user":null}`, false, "SkipObject"},
		{odd, `{"user":2}`, false, "the emulated authentik does not run Python, and does not know this expression"},
		{managed("saml/?managed=goauthentik.io/providers/saml/uid"), `{"user":2}`, true, "2"},
		{managed("saml/?managed=goauthentik.io/providers/saml/upn"), `{"user":2}`, true, `"ada@acme.test"`},
		{managed("saml/?managed=goauthentik.io/providers/saml/groups"), `{"user":2}`, true, `["staff"]`},
		{managed("scim/?managed=goauthentik.io/providers/scim/group"), `{"group":"` + group + `"}`, true, `{"displayName":"staff"}`},
		{managed("scim/?managed=goauthentik.io/providers/scim/group"), `{}`, false, "NameError: name 'group' is not defined"},
		{managed("scim/?managed=goauthentik.io/providers/scim/user"), `{"user":4}`, true, `{"active":true,"displayName":"Kiosk","emails":[],"name":{"familyName":"","formatted":"Kiosk","givenName":"Kiosk"},"userName":"kiosk"}`},
	} {
		path := "/api/v3/propertymappings/all/" + tt.mapping.(string) + "/test/" //nolint:forcetypeassert // a UUID
		status, got := ask(t, a, "POST", path, tt.sent)
		if diff := cmp.Diff(map[string]any{"result": tt.want, "successful": tt.successful}, got); status != 200 || diff != "" {
			t.Errorf("%s: %d %s", tt.sent, status, diff)
		}
	}
	if status, got := ask(t, a, "POST", "/api/v3/propertymappings/all/"+mine.(string)+"/test/", `{"user":99}`); status != 400 || got["user"] == nil { //nolint:forcetypeassert // a UUID
		t.Errorf("nobody: %d %v", status, got)
	}
}

func body(t *testing.T, fields map[string]any) string {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStatesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, objects := range map[string]map[string][]authentik.Object{
		"unknown collection": {"core/robots": {{}}},
		"unknown group":      {"core/users": {{"username": "x", "groups": []any{"nope"}}}},
		"one key twice":      {"core/users": {{"pk": 1, "username": "x"}, {"pk": 1, "username": "y"}}},
	} {
		_, err := authentik.New(authentik.State{Objects: objects}, authentik.Config{Now: time.Now, Rand: rand.Reader})
		if err == nil || !strings.HasPrefix(err.Error(), "objects: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	visible := authentik.State{Visible: map[string][]any{"core/robots": {1}}}
	if _, err := authentik.New(visible, authentik.Config{Now: time.Now, Rand: rand.Reader}); err == nil || !strings.HasPrefix(err.Error(), "visible: ") {
		t.Errorf("visible objects of an unknown collection: %v", err)
	}
	if _, err := authentik.New(authentik.State{}, authentik.Config{Release: "1.0", Now: time.Now, Rand: rand.Reader}); err == nil {
		t.Error("an unknown release is emulated")
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("POST", "core/users/", `{"username":"x","groups":[]}`)
	f.Add("PATCH", "core/applications/sentry/", `{"slug":5,"provider":null}`)
	f.Add("GET", "core/groups/?page=0&page_size=-1&search=x&ordering=-name", "")
	f.Add("POST", "crypto/certificatekeypairs/generate/", `{"common_name":"x","validity_days":1,"alg":"ecdsa"}`)
	f.Add("POST", "policies/bindings/", `{"target":[],"order":{}}`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if strings.ContainsAny(method+path, " \x00\r\n\t%#") || method == "" {
			return
		}
		a := serve(t, authentik.ReleaseLatest, fresh())
		req, err := http.NewRequestWithContext(t.Context(), method, "http://authentik.example/api/v3/"+path, strings.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer right")
		answer := httptest.NewRecorder()
		a.ServeHTTP(answer, req)
		if answer.Code >= 500 {
			t.Errorf("%s %s %s: %d", method, path, body, answer.Code)
		}
	})
}
