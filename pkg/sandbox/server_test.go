package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, authorization string
		status                      int
		body, challenge             string
	}{
		"none":          {"GET", scim + "/Users", "", 401, `{"detail":"Authentication credentials were not provided."}`, `xBasic realm="api"`},
		"another kind":  {"GET", scim + "/Users", "Basic eA==", 401, `{"detail":"Authentication credentials were not provided."}`, `xBasic realm="api"`},
		"wrong":         {"GET", scim + "/Users", "Bearer nope", 401, `{"detail":"Invalid token"}`, `xBasic realm="api"`},
		"any case":      {"GET", scim + "/Users/9", "bearer " + token, 404, failed("404", "The requested resource does not exist"), ""},
		"other org":     {"GET", "/api/0/organizations/other/scim/v2/Groups", "Bearer " + token, 404, `{"detail":"The requested resource does not exist"}`, ""},
		"other, a user": {"GET", "/api/0/organizations/other/scim/v2/Users/1", "Bearer " + token, 404, failed("404", "The requested resource does not exist"), ""},
		"no scope":      {"DELETE", scim + "/Groups/1", "Bearer " + token, 403, `{"detail":"You do not have permission to perform this action."}`, `Bearer error="insufficient_scope", scope="team:admin"`},
	}
	state := sandbox.DefaultState("acme")
	state.TokenScopes = []string{"member:read", "team:read"}
	s := newSentry(t, state, config())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, tt.method, tt.path, "", "Authorization", tt.authorization)
			want(t, w, tt.status, tt.body)
			if got := w.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("challenge: got %q, want %q", got, tt.challenge)
			}
		})
	}
}

func TestNoTokenAcceptsNone(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Token = nil
	s := newSentry(t, state, config())
	want(t, ask(t, s, "GET", scim+"/Users", ""), http.StatusUnauthorized, `{"detail":"Invalid token"}`)
}

func TestRandomToken(t *testing.T) {
	t.Parallel()
	c := config()
	c.Token = ""
	s := newSentry(t, sandbox.DefaultState("acme"), c)
	if wanted := "sntryi_" + strings.Repeat("0", 64); s.Token() != wanted {
		t.Errorf("token: got %q, want %q", s.Token(), wanted)
	}
	if w := ask(t, s, "GET", scim+"/Users", "", "Authorization", "Bearer "+s.Token()); w.Code != http.StatusOK {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestRoutesThatAreNone(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	slash := "Route not found, did you forget a trailing slash?\n\ntry: " + scim + "/Users/x/\n" + strings.Repeat(" ", len("try: "+scim+"/Users/x")) + "^\n"
	want(t, ask(t, s, "GET", scim+"/Users/x", ""), http.StatusNotFound, slash)
	want(t, ask(t, s, "GET", scim+"/Bulk", "", "Content-Type", "application/json"), http.StatusNotFound,
		`{"info":"Route not found, did you forget a trailing slash? try: `+scim+`/Bulk/"}`)
	for _, path := range []string{scim + "/Users/", scim + "/", scim + "/Me/", "/", "/saml/metadata/acme", "/saml/metadata/other/"} {
		if w := ask(t, s, "GET", path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}

func TestOptionsAndAllow(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	w := ask(t, s, "OPTIONS", scim+"/Users/1", "", "Authorization", "")
	if w.Code != http.StatusOK || w.Header().Get("Allow") != "GET, PUT, PATCH, DELETE, HEAD, OPTIONS" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if w := ask(t, s, "PUT", scim+"/Users", ""); w.Header().Get("Allow") != "GET, POST, HEAD, OPTIONS" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

func TestDiscoveryNamesTheBaseURL(t *testing.T) {
	t.Parallel()
	c := config()
	c.BaseURL = "https://sentry.acme.test/"
	s := newSentry(t, small(), c)
	w := ask(t, s, "GET", "/api/0/organizations/1/scim/v2/ServiceProviderConfig", "")
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	wanted := map[string]any{"resourceType": "ServiceProviderConfig", "location": "https://sentry.acme.test" + scim + "/ServiceProviderConfig"}
	if diff := cmp.Diff(wanted, got["meta"]); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	if w := ask(t, s, "GET", scim+"/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", ""); !strings.Contains(w.Body.String(), `"name":"displayName"`) {
		t.Errorf("schema: got %d %s", w.Code, w.Body)
	}
}

func TestRateLimitEndsWithItsWindow(t *testing.T) {
	t.Parallel()
	state := small()
	state.Deployment = "saas"
	state.RateLimit = &sandbox.RateLimit{Limit: 2, Window: 10}
	now := noon()
	c := config()
	c.Now = func() time.Time { return now }
	s := newSentry(t, state, c)
	var got []string
	for _, method := range []string{"GET", "GET", "GET", "PUT", "GET"} {
		if len(got) == 4 {
			now = now.Add(10 * time.Second)
		}
		w := ask(t, s, method, scim+"/Users", "")
		got = append(got, fmt.Sprintf("%s %d %s", method, w.Code, w.Header().Values("X-Sentry-Rate-Limit-Remaining")))
	}
	wanted := []string{"GET 200 [1]", "GET 200 [0]", "GET 429 [0]", "PUT 405 [1]", "GET 200 [1]"}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	state := small()
	state.Deployment = "saas"
	state.RateLimit = &sandbox.RateLimit{ConcurrentLimit: 1}
	var inner *httptest.ResponseRecorder
	s := newSentry(t, state, config())
	// While a request's body is being read, the request is under way.
	body := readerFunc(func() { inner = ask(t, s, "POST", scim+"/Users", `{}`) })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, scim+"/Users", body)
	r.Header.Set("Authorization", "Bearer "+token)
	s.ServeHTTP(httptest.NewRecorder(), r)
	want(t, inner, http.StatusTooManyRequests, `{"detail":"You are attempting to go above the allowed concurrency for this endpoint. Concurrency limit is 1"}`)
}

// readerFunc is an empty body that calls a function when it is read.
type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) {
	f()
	return 0, errors.New("no body")
}

func TestParallelWritesAreAllThere(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	before := len(s.Snapshot().Members)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			ask(t, s, "POST", scim+"/Users", fmt.Sprintf(`{"userName":"p%d@acme.test"}`, i))
			ask(t, s, "GET", scim+"/Users", "")
			ask(t, s, "PATCH", scim+ops, patch(`{"op":"add","path":"members","value":[{"value":"1"}]}`))
			s.Snapshot()
		})
	}
	group.Wait()
	if got := len(s.Snapshot().Members) - before; got != 50 {
		t.Errorf("members: got %d more, want 50", got)
	}
	if diff := cmp.Diff([]string{"2", "3", "1"}, s.Snapshot().Teams[0].Members); diff != "" {
		t.Errorf("team (-want +got):\n%s", diff)
	}
	if got := len(s.Requests()); got != 150 {
		t.Errorf("journal: got %d requests, want 150", got)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	want(t, ask(t, s, "GET", inside+"requests", "", "Authorization", "Bearer "+ownToken), http.StatusOK, `{"requests":[],"total":0}`)
	ask(t, s, "GET", scim+"/Users?count=1", "")
	ask(t, s, "DELETE", scim+"/Users/9", "")
	want(t, ask(t, s, "GET", inside+"requests", "", "Authorization", "Bearer "+ownToken), http.StatusOK, `{"requests":[`+
		`{"n":1,"method":"GET","path":"`+scim+`/Users?count=1","status":200,"took_us":0},`+
		`{"n":2,"method":"DELETE","path":"`+scim+`/Users/9","status":404,"took_us":0}],"total":2}`)
}

func FuzzRequest(f *testing.F) {
	f.Add("POST", scim+"/Users", `{"userName":"a@acme.test","sentryOrgRole":"member"}`)
	f.Add("PUT", scim+"/Users/2", `{"sentryOrgRole":["x"]}`)
	f.Add("PATCH", scim+"/Users/2", `{"Operations":[{"op":"replace","value":{"active":"False"}}]}`)
	f.Add("PATCH", scim+ops, patch(`{"op":"remove","path":"members[value eq \"2\"]"},{"op":"replace","path":"members","value":[{"value":3}]}`))
	f.Add("PATCH", scim+ops, patch(`{"op":"replace","value":{"displayName":"Ü"}},{"op":"add","path":"members","value":{}}`))
	f.Add("POST", scim+"/Groups", `{"displayName":null}`)
	f.Add("GET", scim+"/Users?filter=userName+eq+%22a%22&startIndex=3&count=-1&per_page=5", "")
	f.Add("GET", "/saml/metadata/acme/", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		if err != nil || r.URL.Host != "" {
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		s := newSentry(t, small(), config())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Header().Get("Content-Type") == "application/json" && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("no JSON: %s", w.Body)
		}
		if _, err := sandbox.ParseState([]byte(quote(t, s.Snapshot()))); err != nil {
			t.Errorf("the state is broken: %v", err)
		}
	})
}
