package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// small is an organization for the quirks that the vectors leave out.
func small() sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"},
		{ID: "2", Email: "a@acme.test", Linked: true},
		{ID: "3", Email: "P@acme.test"},
		{ID: "4", Email: "request@acme.test", InviteStatus: "requested_to_join"},
		{ID: "5", Email: "away@acme.test", Linked: true, UserActive: new(bool)},
		{ID: "6", Email: "partner@acme.test", Linked: true, Flags: []string{"partnership:restricted"}},
	}
	state.Teams = []sandbox.Team{
		{ID: "10", Name: "Ops", Slug: "ops", Members: []string{"2", "3"}},
		{ID: "11", Name: "Web", Slug: "web", Members: []string{}},
		{ID: "12", Name: strings.Repeat("x", 50), Slug: strings.Repeat("x", 50), Members: []string{}},
	}
	return state
}

const (
	internal      = `{"detail":"Internal Error","errorId":null}`
	invalidFilter = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidFilter"}`
	ops           = "/Groups/10"
)

func failed(status, detail string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"` + status + `","detail":"` + detail + `"}`
}

func TestLists(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path   string
		status int
		want   string // body, or totalResults
	}{
		"no filter":              {"/Users", 200, `"totalResults":4`},
		"one character is empty": {"/Users?filter=userName+eq+x", 200, `"totalResults":4`},
		"unquoted loses ends":    {"/Users?filter=userName+eq+a%40acme.test", 200, `"totalResults":0`},
		"number 0 is no filter":  {"/Users?filter=value+eq+%220%22", 200, `"totalResults":4`},
		"number matches nobody":  {"/Users?filter=value+eq+%2223%22", 200, `"totalResults":0`},
		"no number":              {"/Users?filter=value+eq+%22abc%22", 500, internal},
		"comma":                  {"/Users?filter=userName+eq+%22a%2Cb%22", 400, invalidFilter},
		"two conditions":         {"/Users?filter=userName+eq+%22a%22+and+value+eq+%221%22", 400, invalidFilter},
		"blank":                  {"/Users?filter=+", 400, invalidFilter},
		"filter before index":    {"/Users?filter=x&startIndex=0", 400, invalidFilter},
		"both numbers":           {"/Users?startIndex=a&count=b", 400, `{"startIndex":["A valid integer is required."],"count":["A valid integer is required."]}`},
		"blank exclusions":       {"/Groups?excludedAttributes=members&excludedAttributes=+&startIndex=0", 400, `{"startIndex":["Ensure this value is greater than or equal to 1."],"excludedAttributes":{"1":["This field may not be blank."]}}`},
		"trimmed exclusion":      {"/Groups?count=1&excludedAttributes=+members+", 200, `"displayName":"Ops","meta":{"resourceType":"Group"}}]`},
		"last value counts":      {"/Users?count=b&count=1", 200, `"itemsPerPage":1`},
		"count as float":         {"/Users?count=2.0", 200, `"itemsPerPage":2`},
		"blank index":            {"/Users?startIndex=", 200, `"startIndex":1`},
		"huge index":             {"/Users?startIndex=99999999999999999999", 500, internal},
		"huge count":             {"/Users?count=99999999999999999999", 500, internal},
		"per_page above count":   {"/Users?count=500&per_page=501", 400, `{"detail":"Invalid per_page value. Must be between 1 and 500."}`},
		"per_page no number":     {"/Users?per_page=", 400, `{"detail":"Invalid per_page parameter."}`},
		"window over both parts": {"/Users?startIndex=1&count=2", 200, `"itemsPerPage":2`},
		"slug filter":            {"/Groups?filter=displayName+eq+%22OPS%22", 200, `"totalResults":1`},
		"non-Latin filter":       {"/Groups?filter=displayName+eq+%22%E7%A0%94%E7%A9%B6%22", 200, `"totalResults":0`},
		"one group, bad index":   {"/Groups/10?startIndex=0", 400, `{"startIndex":["Ensure this value is greater than or equal to 1."]}`},
		"hidden request":         {"/Users/4", 200, `"userName":"request@acme.test"`},
		"id over 64 bits":        {"/Users/99999999999999999999999", 404, failed("404", "The requested resource does not exist")},
	}
	s := newSentry(t, small(), config())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, http.MethodGet, scim+tt.path, "")
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, body string
		status             int
		want               string // the whole body, or the beginning of one
	}{
		"conflict ignores the case of a user": {"POST", "/Users", `{"userName":"A@ACME.test"}`, 409, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"User already exists in the database."}`},
		"and keeps that of an invitation":     {"POST", "/Users", `{"userName":"p@acme.test"}`, 201, `{`},
		"an inactive user conflicts not":      {"POST", "/Users", `{"userName":"away@acme.test"}`, 201, `{`},
		"request with another role":           {"POST", "/Users", `{"userName":"request@acme.test","sentryOrgRole":"admin"}`, 500, internal},
		"role that is a number":               {"POST", "/Users", `{"userName":"b@acme.test","sentryOrgRole":7}`, 500, internal},
		"user as a list":                      {"POST", "/Users", `[]`, 500, internal},
		"user without a body":                 {"POST", "/Users", ``, 400, failed("400", `{\"email\":[\"This field may not be null.\"]}`)},
		"address that is an object":           {"POST", "/Users", `{"userName":{}}`, 400, failed("400", `{\"email\":[\"Not a valid string.\"]}`)},
		"non-ASCII address":                   {"POST", "/Users", `{"userName":"ü@acme.test"}`, 400, failed("400", `{\"email\":[\"Enter a valid email address.\",\"Enter a valid email address.\"]}`)},
		"non-ASCII domain":                    {"POST", "/Users", `{"userName":"a@münchen.test"}`, 201, `{`},
		"address literal":                     {"POST", "/Users", `{"userName":"a@[127.0.0.1]"}`, 201, `{`},
		"group named null":                    {"POST", "/Groups", `{"displayName":null}`, 201, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"13","displayName":"none"`},
		"group named by a number":             {"POST", "/Groups", `{"displayName":1.5}`, 400, `{"slug":["Enter a valid slug`},
		"group named by a list":               {"POST", "/Groups", `{"displayName":[1]}`, 400, `{"slug":["This field may not be blank."],"name":["Not a valid string."]}`},
		"role false is none":                  {"PUT", "/Users/2", `{"sentryOrgRole":false}`, 200, `{`},
		"role as a list":                      {"PUT", "/Users/2", `{"sentryOrgRole":["member"]}`, 500, internal},
		"add true for id 1":                   {"PATCH", ops, patch(`{"op":"add","path":"members","value":[{"value":true}]}`), 204, ""},
		"add null":                            {"PATCH", ops, patch(`{"op":"add","path":"members","value":[{"value":null}]}`), 404, failed("404", "User not found.")},
		"replace by null":                     {"PATCH", ops, patch(`{"op":"replace","path":"members","value":[{"value":null}]}`), 500, internal},
		"replace by an empty object":          {"PATCH", ops, patch(`{"op":"replace","path":"members","value":{}}`), 204, ""},
		"add without value":                   {"PATCH", ops, patch(`{"op":"add","path":"members","value":[{}]}`), 500, internal},
		"op missing":                          {"PATCH", ops, patch(`{}`), 400, failed("400", `{\"Operations\":{\"0\":{\"op\":[\"This field is required.\"]}}}`)},
		"operations of two kinds":             {"PATCH", ops, `{"schemas":[true],"Operations":[null,7]}`, 400, failed("400", `{\"schemas\":{\"0\":[\"Not a valid string.\"]},\"Operations\":{\"0\":[\"This field may not be null.\"],\"1\":{\"non_field_errors\":[\"Invalid data. Expected a dictionary, but got int.\"]}}}`)},
		"text after the body":                 {"POST", "/Users", `{} {}`, 400, `{"detail":"JSON parse error - Extra data: `},
		"patch that is a list":                {"PATCH", "/Users/2", `[]`, 400, failed("400", `{\"non_field_errors\":[\"Invalid data. Expected a dictionary, but got list.\"]}`)},
		"patch active true":                   {"PATCH", "/Users/2", `{"Operations":[{"op":"replace","path":"active","value":true}]}`, 400, failed("400", "Invalid Patch Operation.")},
		"patch op add":                        {"PATCH", "/Users/2", `{"Operations":[{"op":"add","path":"active","value":false}]}`, 400, failed("400", `{\"Operations\":{\"0\":{\"op\":[\"\\\"add\\\" is not a valid choice\"]}}}`)},
		"patch value text":                    {"PATCH", "/Users/2", `{"Operations":[{"op":"replace","path":"active","value":"no"}]}`, 400, failed("400", `{\"Operations\":{\"0\":{\"value\":[\"value must be a boolean or object\"]}}}`)},
		"patch text False":                    {"PATCH", "/Users/2", `{"Operations":[{"op":"replace","path":"active","value":"False"}]}`, 204, ""},
		"patch partner":                       {"PATCH", "/Users/6", `{"Operations":[]}`, 403, `{"detail":"This member is managed by an active partnership`},
		"last owner":                          {"DELETE", "/Users/1", ``, 403, `{"detail":"You cannot remove the only remaining owner of the organization."}`},
		"role of the owner stays":             {"PUT", "/Users/1", `{"sentryOrgRole":"member"}`, 200, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"owner@acme.test"`},
		"group without a name":                {"POST", "/Groups", `{}`, 500, internal},
		"group with an empty slug":            {"POST", "/Groups", `{"displayName":"研究"}`, 400, `{"slug":["This field may not be blank."]}`},
		"group with a numeric slug":           {"POST", "/Groups", `{"displayName":"12"}`, 400, `{"slug":["Enter a valid slug`},
		"group whose slug differs":            {"POST", "/Groups", `{"displayName":"O P-S!"}`, 201, `{`},
		"group put":                           {"PUT", ops, `{}`, 403, `{"detail":"You do not have permission to perform this action."}`},
		"add without path":                    {"PATCH", ops, patch(`{"op":"add","value":[]}`), 500, internal},
		"add a float id":                      {"PATCH", ops, patch(`{"op":"add","path":"members","value":[{"value":1.0}]}`), 204, ""},
		"add an overflowing id":               {"PATCH", ops, patch(`{"op":"add","path":"members","value":[{"value":"99999999999999999999"}]}`), 404, failed("404", "User not found.")},
		"add a text":                          {"PATCH", ops, patch(`{"op":"add","path":"members","value":"2"}`), 500, internal},
		"value null":                          {"PATCH", ops, patch(`{"op":"add","path":"members","value":null}`), 400, failed("400", `{\"Operations\":{\"0\":{\"value\":[\"This field may not be null.\"]}}}`)},
		"path blank":                          {"PATCH", ops, patch(`{"op":"add","path":" "}`), 400, failed("400", `{\"Operations\":{\"0\":{\"path\":[\"This field may not be blank.\"]}}}`)},
		"replace another path":                {"PATCH", ops, patch(`{"op":"replace","path":"meta","value":1}`), 400, failed("400", "Invalid Replace attr. Only displayName and members supported.")},
		"replace by an unknown member":        {"PATCH", ops, patch(`{"op":"replace","path":"members","value":[{"value":"77"}]}`), 404, failed("404", "User not found.")},
		"remove by another key":               {"PATCH", ops, patch(`{"op":"remove","path":"members[displayName eq \"2\"]"}`), 204, ""},
		"remove by a text":                    {"PATCH", ops, patch(`{"op":"remove","path":"members[value eq \"x\"]"}`), 500, internal},
		"remove from nothing":                 {"PATCH", ops, patch(`{"op":"remove","path":"members","value":[]}`), 500, internal},
		"rename without a name":               {"PATCH", ops, patch(`{"op":"replace","value":{}}`), 500, internal},
		"rename to itself":                    {"PATCH", ops, patch(`{"op":"replace","path":"displayName","value":"OPS"}`), 204, ""},
		"Operations that is no list":          {"PATCH", ops, `{"schemas":[],"Operations":"x"}`, 400, failed("400", `{\"Operations\":[\"Expected a list of items but got type \\\"str\\\".\"]}`)},
		"method of the index":                 {"PATCH", "/Users", `{}`, 405, `{"detail":"Method \"PATCH\" not allowed."}`},
		"method of a user":                    {"POST", "/Users/2", `{}`, 405, `{"detail":"Method \"POST\" not allowed."}`},
		"method without a scope":              {"HEAD", "/Users", ``, 403, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, newSentry(t, small(), config()), tt.method, scim+tt.path, tt.body)
			if w.Code != tt.status || !strings.HasPrefix(w.Body.String(), tt.want) || (tt.want == "") != (w.Body.Len() == 0) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

func patch(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

func TestPatchKeepsWhatCameBeforeAnUnsupportedReplace(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	w := ask(t, s, http.MethodPatch, scim+ops, patch(`{"op":"replace","path":"displayName","value":"New Ops"},{"op":"replace","path":"members","value":[{"value":"1"},{"value":"2"}]},{"op":"replace","path":"x","value":1}`))
	if w.Code != http.StatusBadRequest {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	want := sandbox.Team{ID: "10", Name: "New Ops", Slug: "new-ops", Members: []string{"2", "1"}, IDPProvisioned: true}
	if diff := cmp.Diff(want, s.Snapshot().Teams[0]); diff != "" {
		t.Errorf("team (-want +got):\n%s", diff)
	}
}

func TestRemovedMemberLeavesTeamsAndComesBackUnderANewID(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	if w := ask(t, s, http.MethodDelete, scim+"/Users/2", ""); w.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if w := ask(t, s, http.MethodPost, scim+"/Users", `{"userName":"a@acme.test"}`); !strings.Contains(w.Body.String(), `"id":"7"`) {
		t.Errorf("got %d %s, want id 7", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"3"}, s.Snapshot().Teams[0].Members); diff != "" {
		t.Errorf("members of ops (-want +got):\n%s", diff)
	}
	if w := ask(t, s, http.MethodGet, scim+"/Users", ""); !strings.Contains(w.Body.String(), `"totalResults":4`) {
		t.Errorf("list: %s", w.Body)
	}
}

func TestFilterListsAnInvitationBeforeTheUserOfTheSameAddress(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{{ID: "1", Email: "a@acme.test", Linked: true}, {ID: "2", Email: "A@acme.test"}}
	w := ask(t, newSentry(t, state, config()), http.MethodGet, scim+"/Users?filter=userName+eq+%22a%40acme.test%22", "")
	invited, linked := strings.Index(w.Body.String(), `"id":"2"`), strings.Index(w.Body.String(), `"id":"1"`)
	if invited < 0 || linked < invited {
		t.Errorf("got %s", w.Body)
	}
}

func TestBodyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	w := ask(t, newSentry(t, small(), config()), http.MethodPost, scim+"/Users", strings.Repeat(" ", 16<<20+1))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", w.Code)
	}
}

func TestSlugOfFiftyStaysTaken(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	if w := ask(t, s, http.MethodDelete, scim+"/Groups/12", ""); w.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	w := ask(t, s, http.MethodPost, scim+"/Groups", `{"displayName":"`+strings.Repeat("x", 50)+`"}`)
	want(t, w, http.StatusConflict, `{"non_field_errors":["A team with this slug already exists."],"detail":"A team with this slug already exists."}`)
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	slugs := map[string]string{
		"Über Ops": "uber-ops", "SRE:Team": "sreteam", "R&D": "rd", "Foo.Bar/Baz": "foobarbaz", "a  b--c": "a-b-c",
		"__x__": "x", "a—b": "ab", "Åse Ødegård": "ase-degard", "12 34": "12-34", "tab\there": "tab-here", "ﬁn": "fin",
	}
	s := newSentry(t, sandbox.DefaultState("acme"), config())
	for name := range slugs {
		if w := ask(t, s, http.MethodPost, scim+"/Groups", `{"displayName":`+quote(t, name)+`}`); w.Code != http.StatusCreated {
			t.Errorf("%q: %d %s", name, w.Code, w.Body)
		}
	}
	got := map[string]string{}
	for _, team := range s.Snapshot().Teams {
		got[team.Name] = team.Slug
	}
	if diff := cmp.Diff(slugs, got); diff != "" {
		t.Errorf("slugs (-want +got):\n%s", diff)
	}
}
