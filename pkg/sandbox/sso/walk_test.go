package sso_test

import (
	"context"
	"crypto/rand"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
)

// org is a small Sentry: members and teams in memory.
type org struct {
	mu      sync.Mutex
	members []sso.Member
}

func newOrg() *org {
	return &org{members: []sso.Member{
		{ID: "1", Email: "owner@acme.test", Role: "owner", Linked: true},
		{ID: "2", Email: "ada.example@acme.test", Role: "manager", Linked: true},
		{ID: "3", Email: "Grace.Sample@acme.test", Role: "admin"},
		{ID: "4", Email: "ivan.inactive@acme.test", Role: "member", Linked: true, Inactive: true},
		{ID: "5", Role: "member"}, // the placeholder of an invitation
		{ID: "6", Email: "asa@home.test", SecondaryEmails: []string{"Asa.Exempel@acme.test"}, Role: "manager", Linked: true},
		{ID: "7", Email: "bo@acme.test", Role: "member", Requested: true},
	}}
}

func (o *org) list() []sso.Member {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.members)
}

func (o *org) join(email string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.members {
		if strings.EqualFold(o.members[i].Email, email) || slices.ContainsFunc(o.members[i].SecondaryEmails, func(other string) bool { return strings.EqualFold(other, email) }) {
			o.members[i].Linked = true
			return o.members[i].ID
		}
	}
	o.members = append(o.members, sso.Member{ID: "9", Email: email, Role: "member", Linked: true})
	return "9"
}

func (o *org) remove(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.members = slices.DeleteFunc(o.members, func(m sso.Member) bool { return m.ID == id })
}

// site is a rehearsal that listens.
type site struct {
	rehearsal   *sso.Rehearsal
	org         *org
	sentry, idp string
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, nil)
}

// newSiteWith is a site with a provider of authentik's; nil for the usual one.
func newSiteWith(t *testing.T, provider func() (sso.Provider, bool)) *site {
	t.Helper()
	s := &site{org: newOrg()}
	sentry, idp := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	s.sentry, s.idp = "http://"+sentry.Listener.Addr().String(), "http://"+idp.Listener.Addr().String()
	rehearsal, err := sso.New(sso.Config{
		SentryURL: s.sentry, IDPURL: s.idp, Now: time.Now, Rand: rand.Reader, Judge: judgeAt(s.sentry), Provider: provider,
		Org: sso.Org{
			Slug: "acme", Members: s.org.list, Join: s.org.join,
			Plan: func(context.Context) ([]string, error) {
				return []string{"invite <b>ada</b>@acme.test", "create the team Ops & Co"}, nil
			},
			Teams: func() []sso.Team {
				return []sso.Team{{Name: "Design", Slug: "design", Members: []string{"3", "5"}}, {Name: "Ops", Slug: "ops", Members: []string{"2", "3"}}}
			},
			Requests: func() []sso.Request {
				return []sso.Request{{N: 1, Method: "GET", Path: "/api/0/organizations/acme/scim/v2/Users", Status: 200}}
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.rehearsal = rehearsal
	sentry.Config.Handler = rehearsal.Sentry(http.NotFoundHandler())
	idp.Config.Handler = rehearsal.IDP(http.NotFoundHandler())
	for _, server := range []*httptest.Server{sentry, idp} {
		server.Start()
		t.Cleanup(server.Close)
	}
	return s
}

// visitor is a browser without JavaScript: it keeps cookies, follows
// redirects, and presses buttons.
type visitor struct {
	t      *testing.T
	client *http.Client
	at     *url.URL
	status int
	body   string
	header http.Header
	posted string // the latest SAMLResponse
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar}}
}

func (v *visitor) do(method, target string, form url.Values) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.at, v.status, v.body, v.header = response.Request.URL, response.StatusCode, string(body), response.Header
}

func (v *visitor) open(target string) { v.t.Helper(); v.do(http.MethodGet, target, nil) }

var (
	formTag   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	hiddenTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	buttonTag = regexp.MustCompile(`<button type="submit"[^>]*>`)
	named     = regexp.MustCompile(` name="([^"]*)" value="([^"]*)"`)
)

// press sends the form that has the button with this id.
func (v *visitor) press(id string) {
	v.t.Helper()
	for _, form := range formTag.FindAllStringSubmatch(v.body, -1) {
		for _, button := range buttonTag.FindAllString(form[2], -1) {
			if !strings.Contains(button, `id="`+id+`"`) {
				continue
			}
			fields := url.Values{}
			for _, field := range hiddenTag.FindAllStringSubmatch(form[2], -1) {
				fields.Set(field[1], html.UnescapeString(field[2]))
			}
			if own := named.FindStringSubmatch(button); own != nil {
				fields.Set(own[1], own[2])
			}
			if response := fields.Get("SAMLResponse"); response != "" {
				v.posted = response
			}
			target, err := v.at.Parse(html.UnescapeString(form[1]))
			if err != nil {
				v.t.Fatal(err)
			}
			v.do(http.MethodPost, target.String(), fields)
			return
		}
	}
	v.t.Fatalf("no button %s at %s:\n%s", id, v.at, v.body)
}

// text is what the element with this id says.
func (v *visitor) text(id string) string {
	v.t.Helper()
	match := regexp.MustCompile(`(?s)<(\w+)[^>]* id="` + id + `"[^>]*>(.*?)</(?:p|dd|span|h1)>`).FindStringSubmatch(v.body)
	if match == nil {
		v.t.Fatalf("no element %s at %s (%d):\n%s", id, v.at, v.status, v.body)
	}
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(match[2], ""))
}

// login goes from Sentry's login page up to what Sentry makes of the response.
func (v *visitor) login(s *site, username string) {
	v.t.Helper()
	v.open(s.rehearsal.LoginURL())
	v.press("start")
	if strings.HasPrefix(v.at.Path, "/if/flow/") {
		v.press("person-" + username)
	}
	v.press("continue")
}

// spoil switches faults on.
func (v *visitor) spoil(s *site, ids ...string) {
	v.t.Helper()
	v.do(http.MethodPost, s.sentry+"/rehearsal/faults/", url.Values{"fault": ids})
}
