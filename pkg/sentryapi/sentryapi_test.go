package sentryapi_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

const apiToken = "api"

func now() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }

func company() sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Name: "Olga Owner", Linked: true, Role: "owner", Flags: []string{"sso:linked"}, LastActive: "2026-08-01T00:00:00Z"},
		{ID: "2", Email: "late@acme.test", Role: "member", Expired: true, DateCreated: "2026-06-01T00:00:00Z", Flags: []string{"idp:provisioned"}},
	}
	state.Projects = []sandbox.Project{{ID: "7", Slug: "web", Name: "Web"}}
	state.Teams = []sandbox.Team{{
		ID: "3", Name: "Design", Slug: "design", Members: []string{"1", "2"}, TeamRoles: map[string]string{"1": "admin"}, Projects: []string{"web"}, IDPProvisioned: true,
	}}
	state.AuditLog = []sandbox.AuditEntry{
		{ID: "1", Event: "member.remove", Actor: "owner@acme.test", DateCreated: "2026-05-01T00:00:00Z", Target: 8, Note: "removed member old@acme.test", Email: "old@acme.test"},
		{ID: "2", Event: "member.remove", Actor: "owner@acme.test", DateCreated: "2026-08-01T00:00:00Z", Target: 9, Note: "removed member new@acme.test", Email: "new@acme.test"},
		{ID: "3", Event: "sso.edit", Actor: "owner@acme.test", DateCreated: "2026-08-02T00:00:00Z", Note: "edited sso settings"},
	}
	return state
}

// connect serves a state, and asks it with the API token.
func connect(t *testing.T, state sandbox.State, options ...sentryapi.Option) *sentryapi.Client {
	t.Helper()
	s, err := sandbox.NewSentry(state, sandbox.Config{APIToken: apiToken, BaseURL: "https://elsewhere.example", Now: now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return dial(t, s, apiToken, options...)
}

func dial(t *testing.T, h http.Handler, token string, options ...sentryapi.Option) *sentryapi.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	web, err := transport.New(transport.Options{Origin: server.URL, Token: secret.New(token), MaxAttempts: 1, Clock: transport.Clock{Now: now, Rand: rand.Reader}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := sentryapi.New(server.URL+"/", "acme", web, options...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestMembers(t *testing.T) {
	t.Parallel()
	got, err := connect(t, company()).Members(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatalf("found %v, %v", got, err)
	}
	owner, late := got[0], got[1]
	if owner.Role != "owner" || owner.Name != "Olga Owner" || !owner.Flags[sentryapi.FlagSSOLinked] || owner.User.LastActive.Month() != time.August {
		t.Errorf("found %+v", owner)
	}
	if !late.Pending || !late.Expired || late.User != nil || late.Created.Month() != time.June || !late.Flags[sentryapi.FlagProvisioned] {
		t.Errorf("found %+v", late)
	}
}

func TestTeamsWithProjectsAndRoles(t *testing.T) {
	t.Parallel()
	client := connect(t, company())
	teams, err := client.Teams(t.Context())
	if diff := cmp.Diff([]sentryapi.Team{{
		ID: "3", Slug: "design", Name: "Design", Members: 2, Flags: map[string]bool{"idp:provisioned": true},
		Projects: []sentryapi.Project{{ID: "7", Slug: "web", Name: "Web", Teams: teams[0].Projects[0].Teams}},
	}}, teams); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	members, err := client.TeamMembers(t.Context(), "design")
	if err != nil || len(members) != 2 || members[0].TeamRole != "admin" || members[1].TeamRole != "" {
		t.Errorf("found %+v, %v", members, err)
	}
	projects, err := client.Projects(t.Context())
	if err != nil || len(projects) != 1 || projects[0].Teams[0].Slug != "design" {
		t.Errorf("found %+v, %v", projects, err)
	}
	if _, err = client.TeamMembers(t.Context(), "none"); !errors.Is(err, sentryapi.ErrNotFound) {
		t.Errorf("found %v", err)
	}
	if _, err = client.TeamMembers(t.Context(), "a/../b"); err == nil || !strings.Contains(err.Error(), "/teams/acme/a%2F..%2Fb/members/") {
		t.Errorf("found %v", err)
	}
}

func TestAuthProvider(t *testing.T) {
	t.Parallel()
	got, err := connect(t, company()).AuthProvider(t.Context())
	if diff := cmp.Diff(sentryapi.AuthProvider{Key: "saml2", Pending: 1, DefaultRole: "member", RequireLink: true, SCIM: true}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	state := company()
	state.Provider = nil
	if got, err := connect(t, state).AuthProvider(t.Context()); err != nil || got.Key != "" {
		t.Errorf("found %+v, %v", got, err)
	}
}

func TestAuditLogOfAPeriod(t *testing.T) {
	t.Parallel()
	client := connect(t, company())
	got, err := client.AuditLog(t.Context(), sentryapi.AuditQuery{Event: sentryapi.EventMemberRemove, Since: now().AddDate(0, -3, 0), Until: now()})
	if err != nil || len(got) != 1 || got[0].Text("email") != "new@acme.test" || got[0].Object != "9" || got[0].Actor.Name != "owner@acme.test" {
		t.Errorf("found %+v, %v", got, err)
	}
	all, err := client.AuditLog(t.Context(), sentryapi.AuditQuery{})
	if err != nil || len(all) != 3 || all[0].ID != "3" {
		t.Errorf("found %+v, %v", all, err)
	}
	newest, err := client.AuditLog(t.Context(), sentryapi.AuditQuery{Limit: 1})
	if err != nil || len(newest) != 1 || newest[0].ID != "3" {
		t.Errorf("found %+v, %v", newest, err)
	}
}

func TestPagesAreFollowed(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	for i := range 250 {
		state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(i + 1), Email: fmt.Sprintf("m%d@acme.test", i), Linked: true})
	}
	got, err := connect(t, state).Members(t.Context())
	if err != nil || len(got) != 250 || got[249].Email != "m249@acme.test" {
		t.Errorf("found %d, %v", len(got), err)
	}
	_, err = connect(t, state, sentryapi.MaxPages(2)).Members(t.Context())
	if e, ok := errors.AsType[*sentryapi.TooManyError](err); !ok || e.Error() != "there are more than 200 members" {
		t.Errorf("found %v", err)
	}
	_, err = connect(t, state, sentryapi.MaxBytes(1000)).Members(t.Context())
	if err == nil || !strings.Contains(err.Error(), "more than 1000 bytes") {
		t.Errorf("found %v", err)
	}
}

// paged answers every page with the body, and leads to the cursor after that of the
// request.
func paged(next func(cursor string) string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", fmt.Sprintf(`<https://elsewhere.example/?cursor=x>; rel="previous"; results="true", <https://elsewhere.example/?cursor=%s>; rel="next"; results="true"`, next(r.URL.Query().Get("cursor"))))
		_, _ = w.Write([]byte(body))
	}
}

func TestAListThatDoesNotEndIsRefused(t *testing.T) {
	t.Parallel()
	same := func(string) string { return "100:1:0" }
	_, err := dial(t, paged(same, `[{"id":"1"}]`), apiToken).Members(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the cursor 100:1:0 leads to itself") {
		t.Errorf("found %v", err)
	}
	other := func(cursor string) string { return cursor + "1" }
	_, err = dial(t, paged(other, `[]`), apiToken, sentryapi.MaxPages(7)).Members(t.Context())
	if err == nil || err.Error() != "there are more than 700 members" {
		t.Errorf("found %v", err)
	}
}

func TestAnEntryThatComesTwiceIsKeptOnce(t *testing.T) {
	t.Parallel()
	got, err := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			paged(func(string) string { return "100:1:0" }, `[{"id":"1"},{"id":"2"}]`)(w, r)
			return
		}
		_, _ = w.Write([]byte(`[{"id":"2"},{"id":"3"}]`))
	}), apiToken).Members(t.Context())
	if err != nil || len(got) != 3 {
		t.Errorf("found %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	page := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://login.example/?secret=1")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, tt := range map[string]struct {
		answer     http.HandlerFunc
		is         error
		code       fault.Code
		says, hint string
	}{
		"no token":     {page(401, `{"detail":"Invalid token"}`), sentryapi.ErrUnauthorized, fault.Credential, "answered 401 Unauthorized: Invalid token", "sentry.api.token"},
		"no scope":     {page(403, `{"detail":"You do not have permission to perform this action."}`), sentryapi.ErrForbidden, fault.Credential, "answered 403 Forbidden: You do not", "the scope org:write"},
		"a list":       {page(403, `{"detail":["You do not"]}`), sentryapi.ErrForbidden, fault.Credential, "detail: You do not", "the scope org:write"},
		"a proxy":      {page(403, `<html><title>Blocked</title>`), nil, fault.Credential, `an HTML page titled "Blocked"`, "something in front of it"},
		"no such org":  {page(404, `{"detail":"The requested resource does not exist"}`), sentryapi.ErrNotFound, fault.Failed, "answered 404", "sentry.org"},
		"a redirect":   {page(302, ``), nil, fault.Failed, "it redirects to https://login.example/", "redirects are not followed"},
		"a login page": {page(200, `<html><title>Log in</title>`), nil, fault.Failed, `answered 200 with an HTML page titled "Log in"`, "no login page"},
		"another type": {page(200, `{"rows":5}`), nil, fault.Failed, "JSON that cannot be read", "no login page"},
		"nothing":      {page(200, ``), nil, fault.Failed, "an empty body", "no login page"},
		"too often":    {page(429, `{"detail":"You are attempting to use this endpoint too frequently."}`), nil, fault.Failed, "answered 429", "run again later"},
		"broken":       {page(500, `{"detail":"Internal Error","errorId":null}`), nil, fault.Failed, "answered 500", "run again later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dial(t, tt.answer, apiToken).AuditLog(t.Context(), sentryapi.AuditQuery{})
			hints := strings.Join(fault.Hints(err), "; ")
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || fault.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.says) || !strings.Contains(hints, tt.hint) {
				t.Errorf("found %v (%s), exit code %d", err, hints, fault.CodeOf(err))
			}
			if strings.Contains(err.Error()+hints, "secret") {
				t.Error("the query of a redirect is shown")
			}
		})
	}
}

func TestWrongAddressesAreUsageErrors(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "sentry.io", "ftp://sentry.io", "https://user:hunter2@sentry.io", "https://sentry.io?x", "https://sentry.io#x", ":"} {
		_, err := sentryapi.New(base, "acme", http.DefaultClient)
		if fault.CodeOf(err) != fault.Usage || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: found %v", base, err)
		}
	}
	if _, err := sentryapi.New("https://sentry.io", "", http.DefaultClient); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
}

func TestAuditUsersInEveryShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sentryapi.AuditUser{
		`null`: {}, `12`: {ID: "12"}, `{"name":"SCIM"}`: {Name: "SCIM"}, `{"id":"1","name":"Ada","email":"ada@acme.test"}`: {ID: "1", Name: "Ada", Email: "ada@acme.test"},
	} {
		got, err := dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"rows":[{"id":"1","targetUser":` + text + `,"targetObject":null,"data":{"email":null}}]}`))
		}), apiToken).AuditLog(t.Context(), sentryapi.AuditQuery{})
		if err != nil || got[0].Target != want || got[0].Text("email") != "" {
			t.Errorf("%s: found %+v, %v", text, got, err)
		}
	}
}
