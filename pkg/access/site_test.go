package access_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func now() time.Time { return time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC) }

func since() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// site is a directory and an emulated Sentry.
type site struct {
	people    *directory.Directory
	state     sandbox.State
	selection desired.Selection
	noAPI     bool
	noSCIM    bool
	fails     func(*http.Request) int // the status of an answer that is a failure; 0: none
}

// reader serves the state and makes a reader of it.
func (s *site) reader(tb testing.TB) *access.Reader {
	tb.Helper()
	const apiToken, scimToken = "api", "scim"
	fake, err := sandbox.NewSentry(s.state, sandbox.Config{APIToken: apiToken, Token: scimToken, Now: now, Rand: rand.Reader})
	check(tb, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			tb.Errorf("a review sends %s %s", r.Method, r.URL.Path)
		}
		if s.fails != nil {
			if status := s.fails(r); status != 0 {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"detail": "planted"}`))
				return
			}
		}
		fake.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	r := &access.Reader{NoAPI: "sentry.api.token is not set", NoSCIM: "sentry.scim.token is not set", Workers: 8}
	if !s.noAPI {
		web, err := transport.New(transport.Options{Origin: server.URL, Token: secret.New(apiToken), MaxAttempts: 1, Clock: transport.Clock{Now: time.Now, Rand: rand.Reader}})
		check(tb, err)
		r.API, err = sentryapi.New(server.URL, s.state.Org, web)
		check(tb, err)
	}
	if !s.noSCIM {
		web, err := transport.New(transport.Options{Origin: server.URL, Token: secret.New(scimToken), MaxAttempts: 1, Clock: transport.Clock{Now: time.Now, Rand: rand.Reader}})
		check(tb, err)
		r.SCIM, err = scim.New(server.URL+"/api/0/organizations/"+s.state.Org+"/scim/v2", web)
		check(tb, err)
	}
	return r
}

// review makes the review of the site.
func (s *site) review(tb testing.TB) *access.Review {
	tb.Helper()
	found, err := s.reader(tb).Read(tb.Context(), since(), now())
	check(tb, err)
	r, err := access.New(access.Facts{
		SentryURL: "https://sentry.acme.test", Organization: s.state.Org, Version: "1.2.3", Now: now(), Since: since(),
		Directory: s.people, Selection: s.selection, Sentry: found,
	})
	check(tb, err)
	return r
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// small is a company in which each kind of row is there once.
func small(tb testing.TB) *site {
	tb.Helper()
	people, err := directory.Parse([]byte(`
users:
  - {username: ada, name: Ada Example, email: ada@acme.test, groups: [engineering, leads]}
  - {username: grace, email: grace@acme.test, groups: [design]}
  - {username: ivan, email: ivan@acme.test, active: false, groups: [engineering]}
  - {username: away, email: away@acme.test, active: false}
  - {username: back, email: back@acme.test}
  - {username: robot, email: robot@acme.test, type: service_account}
groups: [{name: engineering}, {name: design}, {name: leads}]
`), "people.yaml", directory.YAML)
	check(tb, err)
	state := sandbox.DefaultState("acme")
	linked := []string{"sso:linked"}
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Name: "Olga Owner", Linked: true, Role: "owner", Flags: linked, LastActive: "2026-09-20T10:00:00Z", DateCreated: "2024-01-01T00:00:00Z"},
		{ID: "2", Email: "ADA@acme.test", Name: "Ada Example", Linked: true, Role: "manager", Flags: linked, LastActive: "2026-07-15T10:00:00Z", DateCreated: "2024-01-01T00:00:00Z"},
		{ID: "3", Email: "grace@acme.test", Role: "member", Expired: true, DateCreated: "2026-08-01T00:00:00Z"},
		{ID: "4", Email: "ivan@acme.test", Linked: true, Role: "admin", LastActive: "2026-01-01T00:00:00Z", DateCreated: "2024-01-01T00:00:00Z"},
		{ID: "5", Email: "back@acme.test", Role: "member", DateCreated: "2026-09-29T00:00:00Z", Flags: []string{"idp:provisioned"}},
		{ID: "6", Email: "robot@acme.test", Linked: true, Role: "member", Flags: linked, DateCreated: "2024-01-01T00:00:00Z"},
		{ID: "7", Email: "left@acme.test", Linked: true, Role: "member", Flags: []string{"sso:linked", "idp:provisioned"}, DateCreated: "2024-01-01T00:00:00Z"},
		{ID: "8", Placeholder: true},
	}
	state.Projects = []sandbox.Project{{ID: "1", Slug: "web"}, {ID: "2", Slug: "api"}, {ID: "3", Slug: "data"}}
	state.Teams = []sandbox.Team{
		{ID: "1", Name: "engineering", Slug: "engineering", Members: []string{"2", "4", "6"}, TeamRoles: map[string]string{"6": "admin"}, Projects: []string{"web", "api"}},
		{ID: "2", Name: "By Hand", Slug: "by-hand", Members: []string{"6"}, Projects: []string{"api", "data"}},
	}
	state.AuditLog = []sandbox.AuditEntry{
		{ID: "1", Event: "member.remove", Actor: "owner@acme.test", DateCreated: "2026-05-01T00:00:00Z", Target: 90, Note: "removed member early@acme.test", Email: "early@acme.test"},
		{ID: "2", Event: "member.remove", Actor: "SCIM Internal Integration", DateCreated: "2026-08-01T00:00:00Z", Target: 91, Note: "removed member away@acme.test", Email: "away@acme.test"},
		{ID: "3", Event: "member.remove", Actor: "owner@acme.test", DateCreated: "2026-09-01T00:00:00Z", Target: 92, Note: "removed member back@acme.test", Email: "back@acme.test"},
		{ID: "4", Event: "member.remove", Actor: "owner@acme.test", DateCreated: "2026-09-02T00:00:00Z", Target: 93, Note: "removed member gone@acme.test"},
		{ID: "5", Event: "team.create", Actor: "owner@acme.test", DateCreated: "2026-09-03T00:00:00Z", Target: 1, Note: "created team by-hand"},
	}
	return &site{people: people, state: state, selection: desired.Selection{
		ExcludeTypes: []string{"service_account"}, Roles: []desired.RoleRule{{Group: "leads", Role: "manager"}},
	}}
}
