package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

type vector struct {
	Name    string          `json:"name"`
	Since   string          `json:"since"`
	Note    string          `json:"note"`
	Source  string          `json:"source"`
	Trust   string          `json:"confidence"`
	Given   json.RawMessage `json:"given"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Expect     expectation  `json:"expect"`
	Before26_7 *expectation `json:"expect_before_26_7"`
	Before25_8 *expectation `json:"expect_before_25_8"`
}

type expectation struct {
	Status       int                `json:"status"`
	BodyEquals   json.RawMessage    `json:"body_equals"`
	BodyContains map[string]any     `json:"body_contains"`
	Headers      map[string]*string `json:"headers"`
	After        *after             `json:"after"`
}

type after struct {
	Member *struct {
		ID           string          `json:"id"`
		Email        *string         `json:"email"`
		Linked       *bool           `json:"linked"`
		Exists       *bool           `json:"exists"`
		Role         *string         `json:"role"`
		InviteStatus *string         `json:"invite_status"`
		Flags        map[string]bool `json:"flags"`
	} `json:"member"`
	MemberDeleted string   `json:"member_deleted"`
	TeamMembers   []string `json:"team_members"`
	Team          *struct {
		ID             string  `json:"id"`
		Name           *string `json:"name"`
		Slug           *string `json:"slug"`
		SlugPrefix     string  `json:"slug_prefix"`
		Status         string  `json:"status"`
		IDPProvisioned *bool   `json:"idp_provisioned"`
	} `json:"team"`
	Then []struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
		Status int             `json:"status"`
	} `json:"then"`
}

const afterDiscovery = "after 26.8 (PR #119884)"

// expected is what a vector says of a release; false: the route is not there.
func (v vector) expected(t *testing.T, release sandbox.Release) (expectation, bool) {
	t.Helper()
	if !slices.Contains([]string{"", "25.8", afterDiscovery}, v.Since) {
		t.Fatalf("unknown gate since %q", v.Since)
	}
	if v.Since == afterDiscovery && release != sandbox.ReleaseLatest {
		return expectation{}, false
	}
	e := v.Expect
	old := release == sandbox.Release257 || release == sandbox.Release266
	if old && v.Before26_7 != nil {
		e = *v.Before26_7
	}
	if release == sandbox.Release257 && v.Before25_8 != nil {
		e = *v.Before25_8
	}
	e.After = v.Expect.After
	return e, true
}

// TestVectors runs all scenarios against every release and counts them, so that
// none is left out unseen.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../testdata/sentry-scim.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // a key that nothing looks at would prove nothing
	var vectors []vector
	if err := decoder.Decode(&vectors); err != nil {
		t.Fatal(err)
	}
	wanted := map[sandbox.Release][2]int{ // answered, absent
		sandbox.Release257: {145, 8}, sandbox.Release266: {145, 8}, sandbox.Release268: {145, 8}, sandbox.ReleaseLatest: {153, 0},
	}
	for _, release := range sandbox.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			var ran [2]int
			for _, v := range vectors {
				t.Run(v.Name, func(t *testing.T) {
					e, there := v.expected(t, release)
					if there {
						ran[0]++
						v.run(t, release, e)
						return
					}
					ran[1]++
					v.runAbsent(t, release)
				})
			}
			if ran != wanted[release] || len(vectors) != 153 {
				t.Errorf("ran %v of %d vectors, wanted %v of 153", ran, len(vectors), wanted[release])
			}
		})
	}
}

func (v vector) start(t *testing.T, release sandbox.Release) *sandbox.Sentry {
	t.Helper()
	state, err := sandbox.ParseState(v.Given)
	if err != nil {
		t.Fatal(err)
	}
	c := config()
	c.Release = release
	return newSentry(t, state, c)
}

func (v vector) ask(t *testing.T, s *sandbox.Sentry) *httptest.ResponseRecorder {
	t.Helper()
	body := string(v.Request.Body)
	var raw string
	if json.Unmarshal(v.Request.Body, &raw) == nil {
		body = raw // a text stands for bytes that are no JSON
	}
	header := []string{}
	for name, value := range v.Request.Headers {
		header = append(header, name, value)
	}
	if s.Snapshot().Token == nil {
		header = append(header, "Authorization", "")
	}
	path := strings.ReplaceAll(v.Request.Path, "{org_id}", s.Snapshot().OrgID)
	return ask(t, s, v.Request.Method, path, body, header...)
}

func (v vector) runAbsent(t *testing.T, release sandbox.Release) {
	t.Helper()
	w := v.ask(t, v.start(t, release))
	if w.Code != http.StatusNotFound || !strings.HasPrefix(w.Body.String(), "Route not found") {
		t.Errorf("wanted the route not to be there, found %d %s", w.Code, w.Body)
	}
}

func (v vector) run(t *testing.T, release sandbox.Release, e expectation) {
	t.Helper()
	s := v.start(t, release)
	before := s.Snapshot()
	w := v.ask(t, s)
	if w.Code != e.Status {
		t.Fatalf("status: got %d %s, want %d", w.Code, w.Body, e.Status)
	}
	body := decode(t, w)
	if e.BodyEquals != nil {
		var equal any
		if err := json.Unmarshal(e.BodyEquals, &equal); err != nil {
			t.Fatal(err)
		}
		checkNewID(t, before, equal, body)
		if diff := cmp.Diff(equal, body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if kind := w.Header().Get("Content-Type"); kind != "application/json" {
			t.Errorf("content type: got %q", kind)
		}
	}
	for path, value := range e.BodyContains {
		checkPath(t, body, path, value)
	}
	for name, value := range e.Headers {
		checkHeader(t, w.Header(), name, value)
	}
	if w.Code == http.StatusNoContent && w.Body.Len() > 0 {
		t.Errorf("204 with a body: %s", w.Body)
	}
	if e.After != nil {
		v.checkAfter(t, s, body, *e.After)
	}
}

func decode(t *testing.T, w *httptest.ResponseRecorder) any {
	t.Helper()
	if w.Body.Len() == 0 || strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		return nil
	}
	var body any
	if w.Header().Get("Content-Type") == "text/html; charset=utf-8" && w.Code == http.StatusNotFound {
		return nil
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	return body
}

// checkNewID puts the id that was given into the expectation's "<new>", if no
// member and no team has it yet.
func checkNewID(t *testing.T, before sandbox.State, expected, got any) {
	t.Helper()
	object, _ := expected.(map[string]any)
	if object["id"] != "<new>" {
		return
	}
	id, _ := got.(map[string]any)["id"].(string)
	if !regexp.MustCompile(`^[0-9]+$`).MatchString(id) || slices.ContainsFunc(before.Members, func(m sandbox.Member) bool { return m.ID == id }) {
		t.Errorf("id: wanted a new number, found %q", id)
	}
	object["id"] = id
}

func checkPath(t *testing.T, body any, path string, value any) {
	t.Helper()
	got := body
	parts := strings.Split(path, ".")
	if path == "detail_prefix" {
		detail, _ := body.(map[string]any)["detail"].(string)
		prefix, _ := value.(string)
		if prefix == "" || !strings.HasPrefix(detail, prefix) {
			t.Errorf("detail: got %q, want prefix %q", detail, prefix)
		}
		return
	}
	for _, part := range parts {
		switch v := got.(type) {
		case map[string]any:
			got = v[part]
		case []any:
			if part == "length" {
				got = float64(len(v))
				continue
			}
			n, err := strconv.Atoi(part)
			if err != nil || n >= len(v) {
				t.Fatalf("no %s in %v", path, body)
			}
			got = v[n]
		default:
			t.Fatalf("no %s in %v", path, body)
		}
	}
	if diff := cmp.Diff(value, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func checkHeader(t *testing.T, header http.Header, name string, value *string) {
	t.Helper()
	got := header.Values(name)
	switch {
	case value == nil:
		if got != nil {
			t.Errorf("%s: wanted none, found %q", name, got)
		}
	case *value == "<epoch seconds>":
		reset := strconv.FormatInt(noon().Unix()+1, 10)
		if !slices.Equal(got, []string{reset}) {
			t.Errorf("%s: got %q, want %s", name, got, reset)
		}
	case !slices.Equal(got, []string{*value}):
		t.Errorf("%s: got %q, want %q", name, got, *value)
	}
}

func (v vector) checkAfter(t *testing.T, s *sandbox.Sentry, body any, a after) {
	t.Helper()
	id := v.Request.Path[strings.LastIndex(v.Request.Path, "/")+1:]
	if object, ok := body.(map[string]any); ok && v.Request.Method == http.MethodPost {
		id, _ = object["id"].(string)
	}
	state := s.Snapshot()
	memberID := id
	if a.Member != nil && a.Member.ID != "" {
		memberID = a.Member.ID // another one than the request is about
	}
	member := slices.IndexFunc(state.Members, func(m sandbox.Member) bool { return m.ID == memberID })
	team := slices.IndexFunc(state.Teams, func(t sandbox.Team) bool { return t.ID == id })
	if a.MemberDeleted != "" && (a.MemberDeleted != id || member >= 0) {
		t.Errorf("member %s is still there", a.MemberDeleted)
	}
	if a.Member != nil {
		if member < 0 {
			t.Fatalf("member %q is gone", memberID)
		}
		checkMember(t, state.Members[member], a)
	}
	if a.Team != nil || a.TeamMembers != nil {
		if team < 0 {
			t.Fatalf("team %q is gone", id)
		}
		checkTeam(t, state.Teams[team], a)
	}
	for _, next := range a.Then {
		if w := ask(t, s, next.Method, next.Path, string(next.Body)); w.Code != next.Status {
			t.Errorf("then %s %s: got %d %s, want %d", next.Method, next.Path, w.Code, w.Body, next.Status)
		}
	}
}

func checkMember(t *testing.T, m sandbox.Member, a after) {
	t.Helper()
	w := a.Member
	same(t, "email", w.Email, m.Email)
	same(t, "linked", w.Linked, m.Linked)
	same(t, "role", w.Role, m.Role)
	same(t, "invite_status", w.InviteStatus, m.InviteStatus)
	same(t, "exists", w.Exists, true)
	for flag, set := range w.Flags {
		if slices.Contains(m.Flags, flag) != set {
			t.Errorf("flag %s: wanted %v, found %v", flag, set, m.Flags)
		}
	}
}

func checkTeam(t *testing.T, team sandbox.Team, a after) {
	t.Helper()
	if a.TeamMembers != nil {
		if diff := cmp.Diff(a.TeamMembers, team.Members); diff != "" {
			t.Errorf("team members (-want +got):\n%s", diff)
		}
	}
	w := a.Team
	if w == nil {
		return
	}
	same(t, "name", w.Name, team.Name)
	same(t, "slug", w.Slug, team.Slug)
	same(t, "idp_provisioned", w.IDPProvisioned, team.IDPProvisioned)
	if !strings.HasPrefix(team.Slug, w.SlugPrefix) || (w.Status != "" && w.Status != team.Status) || (w.ID != "" && w.ID != team.ID) {
		t.Errorf("team: got %+v, want %+v", team, w)
	}
}

func same[T comparable](t *testing.T, what string, want *T, got T) {
	t.Helper()
	if want != nil && *want != got {
		t.Errorf("%s: got %v, want %v", what, got, *want)
	}
}
