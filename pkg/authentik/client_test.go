package authentik_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

func number(i int) string { return fmt.Sprintf("%06d", i) }

func TestRefusals(t *testing.T) {
	t.Parallel()
	reply := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		code    fault.Code
		is      error
		words   string
		hint    string
	}{
		"a bad token":   {reply(403, `{"detail": "Token invalid/expired"}`), fault.Credential, nil, "403 Forbidden: Token invalid/expired", "intent API"},
		"no token":      {reply(403, `{"detail": "Authentication credentials were not provided."}`), fault.Credential, nil, "not provided", "authentik.token"},
		"unauthorized":  {reply(401, `{"detail": "no"}`), fault.Credential, nil, "401", "authentik.token"},
		"no permission": {reply(403, `{"detail": "You do not have permission to perform this action."}`), fault.Credential, authentik.ErrForbidden, "permission", "authentik_core.view_group"},
		"a proxy's 403": {reply(403, `<html><title>Blocked</title>`), fault.Credential, nil, `an HTML page titled "Blocked"`, "in front of it"},
		"not found":     {reply(404, `{"detail": "Not found."}`), fault.Failed, authentik.ErrNotFound, "Not found", "authentik.url"},
		"a proxy's 404": {reply(404, `<h1>nginx</h1>`), fault.Failed, nil, "HTML page", "authentik.url"},
		"invalid":       {reply(400, `{"name": ["This field is required."]}`), fault.Failed, authentik.ErrInvalid, "name: This field is required", ""},
		"a redirect": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://login.acme.test/?token=sntrys_canary")
			w.WriteHeader(http.StatusFound)
		}, fault.Failed, nil, "redirects to https://login.acme.test/", "authentik.url"},
		"too many":          {reply(429, `{"detail": "slow down"}`), fault.Failed, nil, "429", "run again later"},
		"an error":          {reply(500, `oops`), fault.Failed, nil, `the text "oops"`, "server's"},
		"a login page":      {reply(200, `<html><title>Log in</title>`), fault.Failed, nil, `answered 200 with an HTML page titled "Log in"`, "login page"},
		"nothing":           {reply(200, ``), fault.Failed, nil, "an empty body", "authentik"},
		"half a page":       {reply(200, `{"pagination": {"count": 1, "total_pages": 1}, "results": [{"pk": `), fault.Failed, nil, "JSON that cannot be read", "authentik"},
		"no list":           {reply(200, `{"detail": "hello"}`), fault.Failed, nil, "no list", "authentik"},
		"another shape":     {reply(200, `{"pagination": {"count": 1, "total_pages": 1}, "results": {"a": 1}}`), fault.Failed, nil, "JSON that cannot be read", "authentik"},
		"endless pages":     {reply(200, `{"pagination": {"count": 9, "total_pages": 99999999}, "results": []}`), fault.Failed, nil, "99999999 pages", "authentik"},
		"too many users":    {reply(200, `{"pagination": {"count": 99999999, "total_pages": 2}, "results": []}`), fault.Failed, nil, "99999999 entries", "authentik"},
		"negative":          {reply(200, `{"pagination": {"count": -1, "total_pages": -2}, "results": []}`), fault.Failed, nil, "-1 entries", "authentik"},
		"more is kept back": {reply(200, `{"pagination": {"count": 1, "total_pages": 1, "next": 2}, "results": [{"pk": "a"}]}`), fault.Failed, nil, "followed by page 2", "authentik"},
		"a short list":      {reply(200, `{"pagination": {"count": 2, "total_pages": 1}, "results": [{"pk": "a"}]}`), fault.Failed, nil, "1 entries came where there are 2", "run again"},
		"control codes":     {reply(500, "{\"detail\": \"\\u001b[31mred\"}"), fault.Failed, nil, "red", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			client, err := authentik.New(server.URL, server.Client())
			if err != nil {
				t.Fatal(err)
			}
			groups, err := client.Groups().List(t.Context(), nil)
			hints := strings.Join(fault.Hints(err), "\n")
			if err == nil || groups != nil || fault.CodeOf(err) != test.code {
				t.Fatalf("groups %v, code %d, want %d: %v", groups, fault.CodeOf(err), test.code, err)
			}
			if !strings.Contains(err.Error(), test.words) || !strings.Contains(err.Error(), "core/groups/") || !strings.Contains(hints, test.hint) {
				t.Errorf("error %q with hints %q, want %q and %q", err, hints, test.words, test.hint)
			}
			if strings.ContainsAny(err.Error()+hints, "\x1b") || strings.Contains(err.Error()+hints, "canary") {
				t.Errorf("the error shows what it must not: %q", err)
			}
			for _, kind := range []error{authentik.ErrNotFound, authentik.ErrForbidden, authentik.ErrInvalid} {
				if errors.Is(err, kind) != errors.Is(test.is, kind) {
					t.Errorf("%v: errors.Is finds %v, want %v", err, kind, test.is)
				}
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"pagination"`)
	}))
	t.Cleanup(cut.Close)
	for name, test := range map[string]struct{ url, words, hint string }{
		"a dead host":          {dead.URL, "connection refused", "check host and port"},
		"an unknown authority": {tls.URL, "certificate cannot be trusted", "authentik.ca_file"},
		"an answer cut short":  {cut.URL, "the connection broke", "authentik.url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := authentik.New(test.url, &http.Client{Transport: &http.Transport{}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Capabilities(t.Context())
			hints := strings.Join(fault.Hints(err), "\n")
			_, unreachable := errors.AsType[*answer.UnreachableError](err)
			if !unreachable || !strings.Contains(err.Error(), test.words) || !strings.Contains(hints, test.hint) || fault.CodeOf(err) != fault.Failed {
				t.Errorf("error %v with hints %q, want %q and %q", err, hints, test.words, test.hint)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want, problem string }{
		{"https://id.acme.test", "https://id.acme.test", ""},
		{" https://id.acme.test/ ", "https://id.acme.test", ""},
		{"https://acme.test/auth/", "https://acme.test/auth", ""},
		{"https://id.acme.test/api/v3/", "https://id.acme.test", ""},
		{"id.acme.test", "", "no http or https URL"},
		{"ftp://id.acme.test", "", "no http or https URL"},
		{"https://", "", "no http or https URL"},
		{"https://ada:canary@id.acme.test", "", "credentials"},
		{"https://id.acme.test?a=canary", "", "query"},
		{"https://id.acme.test#canary", "", "fragment"},
	} {
		client, err := authentik.New(test.in, http.DefaultClient)
		if test.problem == "" {
			if err != nil || client.URL() != test.want {
				t.Errorf("%q: %v, want %s", test.in, err, test.want)
			}
			continue
		}
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), test.problem) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, want a usage error: %s", test.in, err, test.problem)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ users, asked, cap, requests int }{
		{0, 100, 100, 1}, {1, 100, 100, 1}, {100, 100, 100, 1}, {101, 100, 100, 2}, {95, 100, 20, 5}, {10, 1, 100, 10}, {25, 7, 100, 4},
	} {
		f := &fake{cap: test.cap}
		var want []string
		for i := range test.users {
			f.users = append(f.users, person(i+1, "user"+number(i)))
			want = append(want, strconv.Itoa(i+1))
		}
		users, err := f.serve(t, authentik.PageSize(test.asked)).Users().List(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range users {
			got = append(got, u.Key())
		}
		if diff := cmp.Diff(want, got); diff != "" || f.count("GET core/users/") != test.requests {
			t.Errorf("%+v: %d requests, users (-want +got):\n%s", test, f.count("GET core/users/"), diff)
		}
	}
}

func TestAListThatChangesIsReadAgain(t *testing.T) {
	t.Parallel()
	f := &fake{cap: 2}
	for i := range 6 {
		f.users = append(f.users, person(i+1, "user"+number(i)))
	}
	f.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("page") != "2" || f.count("GET core/users/") > 3 {
			return false
		}
		reply(w, http.StatusOK, object{"pagination": object{"count": 7, "total_pages": 4, "next": 3}, "results": f.users[:1]})
		return true
	}
	users, err := f.serve(t, authentik.Readers(1)).Users().List(t.Context(), nil)
	if err != nil || len(users) != 6 {
		t.Errorf("%d users, error %v, want 6", len(users), err)
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]authentik.Capabilities{
		"2025.10.3":     {Release: authentik.Release{Year: 2025, Month: 10}},
		"2025.12.0":     {Release: authentik.Release{Year: 2025, Month: 12}, GroupParents: true},
		"2026.2.0-rc1":  {Release: authentik.Release{Year: 2026, Month: 2}, GroupParents: true, GroupFilters: true},
		"2026.2.4":      {Release: authentik.Release{Year: 2026, Month: 2}, GroupParents: true, GroupFilters: true},
		"2026.2.5":      {Release: authentik.Release{Year: 2026, Month: 2}, GroupParents: true, GroupFilters: true, Discovers: true},
		"2026.5.6":      {Release: authentik.Release{Year: 2026, Month: 5}, GroupParents: true, GroupFilters: true, Discovers: true, EachCounts: true, IssuerOverride: true},
		"2026.8":        {Release: authentik.Newest(), GroupParents: true, GroupFilters: true, Discovers: true, EachCounts: true, IssuerOverride: true, DiscoveryEnabled: true},
		"2027.2.1+beta": {Release: authentik.Newest(), GroupParents: true, GroupFilters: true, Discovers: true, EachCounts: true, IssuerOverride: true, DiscoveryEnabled: true},
	} {
		got, err := (&fake{version: version}).serve(t).Capabilities(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		newer := strings.HasPrefix(version, "2027")
		if newer != strings.Contains(got.Note, "newer") || got.Version != version {
			t.Errorf("%s: note %q of version %s", version, got.Note, got.Version)
		}
		got.Note, got.Version = "", ""
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
		if issuer := got.IssuerField(); (issuer == "issuer_override") != want.IssuerOverride {
			t.Errorf("%s: the issuer is in %s", version, issuer)
		}
	}
	for version, words := range map[string]string{"2025.8.4": "expected authentik 2025.10 or newer but found 2025.8.4", "2024.12.1": "or newer", "": "such as", "v2026.5": "such as", "\x1b[2026.5": "such as"} {
		_, err := authentik.CapabilitiesOf(version)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: error %v, want %q", version, err, words)
		}
	}
}

// TestCalls holds what each call sends.
func TestCalls(t *testing.T) {
	t.Parallel()
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = append(sent, r.Method+" "+r.URL.RequestURI()+" "+strings.TrimSpace(string(body)))
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		reply(w, http.StatusOK, object{"pk": 7, "token": "sntrys_canary", "name": "Sentry SCIM", "group_filters": []string{"g"}})
	}))
	t.Cleanup(server.Close)
	client, err := authentik.New(server.URL+"/auth", server.Client())
	if err != nil {
		t.Fatal(err)
	}
	providers := client.SCIMProviders()
	made, err := providers.Create(t.Context(), authentik.Fields{"name": "Sentry SCIM"})
	if err != nil || made.Token.Reveal() != "sntrys_canary" || made.Key() != "7" || len(made.Groups()) != 1 {
		t.Errorf("made %+v, error %v", made, err)
	}
	if shown := fmt.Sprintf("%+v", made); strings.Contains(shown, "canary") {
		t.Errorf("a provider shows its token: %s", shown)
	}
	if _, err := providers.Patch(t.Context(), "7", authentik.Fields{"dry_run": true}); err != nil {
		t.Error(err)
	}
	if _, err := providers.Get(t.Context(), "7"); err != nil {
		t.Error(err)
	}
	if err := providers.Delete(t.Context(), "7"); err != nil {
		t.Error(err)
	}
	if err := client.SendSchedule(t.Context(), "s-1"); err != nil {
		t.Error(err)
	}
	if _, err := providers.Get(t.Context(), "../../x"); err == nil {
		t.Error("a key may hold a path")
	}
	want := []string{
		`POST /auth/api/v3/providers/scim/ {"name":"Sentry SCIM"}`,
		`PATCH /auth/api/v3/providers/scim/7/ {"dry_run":true}`,
		`GET /auth/api/v3/providers/scim/7/ `,
		`DELETE /auth/api/v3/providers/scim/7/ `,
		`POST /auth/api/v3/tasks/schedules/s-1/send/ `,
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	f := company()
	client := f.serve(t)
	if _, ok, err := (&fake{}).serve(t).Groups().Find(t.Context(), url.Values{"name": {"x"}}); ok || err != nil {
		t.Errorf("found %v in nothing, error %v", ok, err)
	}
	if _, ok, err := client.Groups().Find(t.Context(), nil); ok || err == nil {
		t.Errorf("one of three was found, error %v", err)
	}
	f.groups = f.groups[:1]
	if g, ok, err := client.Groups().Find(t.Context(), nil); !ok || err != nil || g.Name != "staff" {
		t.Errorf("found %v %v, error %v", g, ok, err)
	}
}
