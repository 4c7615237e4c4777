package scim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// placeholders are rows without an address, as releases of Sentry write them.
func placeholders() []string {
	return []string{
		`{"id":"90","userName":"","emails":[{"primary":true,"value":"","type":"work"}],"sentryOrgRole":"member","active":true}`,
		`{"id":"91","userName":null,"emails":[{"primary":true,"value":null,"type":"work"}],"sentryOrgRole":"member"}`,
		`{"id":"92","sentryOrgRole":"member","emails":null}`,
		`{"id":"93","userName":" "}`,
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows []string
		want string // ids
	}{
		"nobody":              {nil, ""},
		"one":                 {[]string{userJSON(7, ada, "member")}, "7"},
		"another case":        {[]string{userJSON(7, "ADA@Acme.test", "member")}, "7"},
		"by a second address": {[]string{userJSON(7, "lovelace@acme.test", "member")}, "7"},
		"the nearest first, then by number": {
			[]string{
				userJSON(10, "x@acme.test", "member"), userJSON(9, "y@acme.test", "member"), userJSON(3, "Ada@acme.test", "member"),
				userJSON(20, "ADA@acme.test", "member"), userJSON(100, ada, "member"), userJSON(30, ada, "member"),
			},
			"30 100 3 20 9 10",
		},
		"placeholders": {append(placeholders(), userJSON(7, ada, "member")), "7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, http.StatusOK, list(len(tt.rows), 1, tt.rows...)) }}
			members, err := connect(t, s).Lookup(t.Context(), ada)
			if err != nil || ids(members) != tt.want {
				t.Errorf("found %s, %v, expected %s", ids(members), err, tt.want)
			}
			want := []call{{method: http.MethodGet, path: "/Users", filter: `userName eq "ada@acme.test"`, start: "1", count: "100"}}
			if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ids(members []scim.User) string {
	var list []string
	for _, m := range members {
		list = append(list, m.ID)
	}
	return strings.Join(list, " ")
}

func TestLookupFails(t *testing.T) {
	t.Parallel()
	say := func(status int, body string) func(int, call, http.ResponseWriter) {
		return func(_ int, _ call, w http.ResponseWriter) { reply(w, status, body) }
	}
	tests := map[string]struct {
		email      string
		answer     func(int, call, http.ResponseWriter)
		want, hint string
		requests   int
	}{
		"the filter is dropped": {ada, say(200, list(500, 1, userN(1), userN(2))), "finds 500 members and lists 2", "drop the filter", 1},
		"rows are missing":      {ada, say(200, list(3, 1, userN(1))), "finds 3 members and lists 1", "cut the answer", 4},
		"rows too many":         {ada, say(200, list(0, 1, userN(1))), "finds 0 members and lists 1", "", 4},
		"refused":               {ada, say(401, `{"detail":"Invalid token"}`), "Invalid token", "the token is unknown", 1},
		"empty":                 {"", nil, "everybody", "", 0},
		"blank":                 {" ", nil, "everybody", "", 0},
		"a comma":               {"a,b@acme.test", nil, "comma", "", 0},
		"a quote":               {`a"b@acme.test`, nil, "quote", "", 0},
		"a backslash":           {`a\b@acme.test`, nil, "backslash", "", 0},
		"a line":                {"a\n@acme.test", nil, "control", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: tt.answer}
			members, err := connect(t, s).Lookup(t.Context(), tt.email)
			if err == nil || members != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, error %v, expected %q", members, err, tt.want)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, expected %q", hints, tt.hint)
			}
			if len(s.seen()) != tt.requests {
				t.Errorf("requests %s", s.methods())
			}
		})
	}
}

func TestLookupAsksAgainForAHalfPage(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(n int, _ call, w http.ResponseWriter) {
		if n == 1 {
			reply(w, http.StatusOK, list(1, 1))
			return
		}
		reply(w, http.StatusOK, list(1, 1, userJSON(7, ada, "member")))
	}}
	if members, err := connect(t, s).Lookup(t.Context(), ada); err != nil || ids(members) != "7" {
		t.Errorf("found %s, %v", ids(members), err)
	}
}

// TestRowsWithoutAnAddress reads lists that hold placeholders.
func TestRowsWithoutAnAddress(t *testing.T) {
	t.Parallel()
	team := `{"id":"5","displayName":"Web","members":[{"value":"90","display":null},{"value":"91","display":""},{"value":"92"},{"value":"7","display":"ada@acme.test"}]}`
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		if c.path == "/Groups" {
			reply(w, http.StatusOK, list(2, 1, team, `{"id":"6","displayName":"Ops","members":null}`))
			return
		}
		rows := append(placeholders(), userJSON(7, ada, "owner"))
		reply(w, http.StatusOK, list(len(rows), 1, rows...))
	}}
	c := connect(t, s)
	users, err := c.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []scim.User{
		{ID: "90", Role: "member", Active: true},
		{ID: "91", Role: "member", Active: true},
		{ID: "92", Role: "member", Active: true},
		{ID: "93", Active: true},
		{ID: "7", UserName: ada, Role: "owner", Active: true},
	}
	if diff := cmp.Diff(want, users); diff != "" {
		t.Error(diff)
	}
	groups, err := c.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	teams := []scim.Group{
		{ID: "5", DisplayName: "Web", Members: []scim.Member{{ID: "90"}, {ID: "91"}, {ID: "92"}, {ID: "7", Display: ada}}},
		{ID: "6", DisplayName: "Ops", Members: []scim.Member{}},
	}
	if diff := cmp.Diff(teams, groups); diff != "" {
		t.Error(diff)
	}
}
