package authentik_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
	"github.com/sentryidp/sentryidp/pkg/fault"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// peer is the schema of authentik, which what is sent and answered is held to.
var peer = openapi.Peer{Required: os.Getenv("SENTRYIDP_PEERS") == "required"}

// emulator serves an emulated authentik and returns a client of it.
func emulator(tb testing.TB, state emulated.State, config emulated.Config) (*emulated.Authentik, *authentik.Client) {
	tb.Helper()
	config.Now, config.Rand = time.Now, rand.Reader
	a, err := emulated.New(state, config)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(peer.Watch(tb, string(a.Release()), openapi.Both, a))
	tb.Cleanup(server.Close)
	client, err := authentik.New(server.URL, &http.Client{Transport: withToken{a.Token()}})
	if err != nil {
		tb.Fatal(err)
	}
	return a, client
}

type withToken struct{ token string }

// RoundTrip sends the request with the token.
func (t withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+t.token)
	return http.DefaultTransport.RoundTrip(r)
}

func names(people *authentik.People) []string {
	list := []string{}
	for _, p := range people.Directory.People {
		list = append(list, p.Username)
	}
	return list
}

const office = "00000000-0000-4000-8000-0000000000c1" // a policy

// TestThePeopleOfAnEmulatedAuthentik reads the people whom bindings of every kind
// let in, in each release.
func TestThePeopleOfAnEmulatedAuthentik(t *testing.T) {
	t.Parallel()
	people := []emulated.Person{
		{Username: "ada", Email: "ada@acme.test", Groups: []string{"staff"}},
		{Username: "bob", Email: "bob@acme.test", Groups: []string{"backend"}}, // below staff
		{Username: "cid", Email: "cid@acme.test"},
		{Username: "dan", Email: "dan@acme.test", Groups: []string{"banned"}},
		{Username: "eve", Email: "eve@acme.test"},
	}
	build := func(mode string, bindings ...emulated.Object) emulated.State {
		s := emulated.FreshState(people, []string{"staff", "banned", "backend"})
		s.Bind("sentry", nil, nil)
		app := s.Objects["core/applications"][0]
		app["policy_engine_mode"] = mode
		groups := s.Objects["core/groups"]
		groups[2]["parents"] = []any{groups[0]["pk"]}
		s.Objects["policies/expression"] = []emulated.Object{{"pk": office, "name": "office", "expression": "return True"}}
		s.Passing = map[string][]string{office: {"ada", "eve"}}
		for i, b := range bindings {
			b["target"], b["order"] = app["pk"], i
			if name, ok := b["group"].(string); ok {
				b["group"] = groups[slices.Index([]string{"staff", "banned", "backend"}, name)]["pk"]
			}
			s.Objects["policies/bindings"] = append(s.Objects["policies/bindings"], b)
		}
		return s
	}
	const everybody = "ada bob cid dan eve sentryidp"
	tests := map[string]struct {
		state func() emulated.State
		want  string
		old   string // before 2026.5, where that differs
	}{
		"no bindings": {func() emulated.State { return build("any") }, everybody, ""},
		"a group":     {func() emulated.State { return build("any", emulated.Object{"group": "staff"}) }, "ada bob", ""},
		"a user":      {func() emulated.State { return build("any", emulated.Object{"user": 4}) }, "cid", ""},
		"not a group": {func() emulated.State { return build("any", emulated.Object{"group": "banned", "negate": true}) }, "ada bob cid eve sentryidp", ""},
		"disabled":    {func() emulated.State { return build("any", emulated.Object{"group": "staff", "enabled": false}) }, everybody, ""},
		"all of two": {func() emulated.State {
			return build("all", emulated.Object{"group": "staff"}, emulated.Object{"user": 3})
		}, "bob", "ada bob"},
		"a policy": {func() emulated.State { return build("any", emulated.Object{"policy": office}) }, "ada eve", ""},
		"policy and group": {func() emulated.State {
			return build("all", emulated.Object{"policy": office}, emulated.Object{"group": "staff"})
		}, "ada", ""},
		"no default access": {func() emulated.State { s := build("any"); s.NoDefaultAccess = true; return s }, "", ""},
	}
	for name, tt := range tests {
		for _, release := range emulated.Releases() {
			t.Run(name+" "+string(release), func(t *testing.T) {
				t.Parallel()
				_, client := emulator(t, tt.state(), emulated.Config{Release: release})
				people, err := client.People(t.Context(), authentik.Selection{Scope: authentik.ScopeApplication, Application: "sentry", Flatten: true, Now: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
				want := tt.want
				if tt.old != "" && release < emulated.Release202605 {
					want = tt.old
				}
				if told := strings.Contains(strings.Join(people.Notes, "\n"), "an update of authentik removes access"); told != (want != tt.want) {
					t.Errorf("notes %q", people.Notes)
				}
				if diff := cmp.Diff(strings.Fields(want), names(people)); diff != "" && (want != "" || len(names(people)) > 0) {
					t.Error(diff)
				}
			})
		}
	}
}

func TestADeniedCollectionIsACredentialFault(t *testing.T) {
	t.Parallel()
	state := emulated.FreshState(nil, nil)
	state.Bind("sentry", nil, nil)
	state.Denied = []string{"core/groups"}
	_, client := emulator(t, state, emulated.Config{})
	_, err := client.People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll, Now: time.Now()})
	if fault.CodeOf(err) != fault.Credential || !strings.Contains(strings.Join(fault.Hints(err), " "), "authentik_core.view_group") {
		t.Errorf("%v, hints %q", err, fault.Hints(err))
	}
}

// BenchmarkPeople reads 100,000 users and 1,000 groups from a server of its own
// accord, and reports the requests.
func BenchmarkPeople(b *testing.B) {
	var people []emulated.Person
	var groups []string
	for n := range 1000 {
		groups = append(groups, fmt.Sprintf("group-%04d", n))
	}
	for i := range 100_000 {
		name := fmt.Sprintf("p%06d", i)
		people = append(people, emulated.Person{Username: name, Email: name + "@acme.test", Groups: []string{groups[i%1000]}})
	}
	a, client := emulator(b, emulated.FreshState(people, groups), emulated.Config{})
	for b.Loop() {
		before := len(a.Requests())
		found, err := client.People(b.Context(), authentik.Selection{Scope: authentik.ScopeAll, Flatten: true, Now: time.Now()})
		if err != nil || len(found.Directory.People) != 100_001 {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(a.Requests())-before), "requests")
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MB") // of the emulated authentik too
}
