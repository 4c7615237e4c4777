package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// accounts is an organization in which the list does not show which row is
// which person.
func accounts() sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"},
		{ID: "2", Email: "jane@acme.test", Linked: true, SecondaryEmails: []string{"j.doe@acme.test", "Shared@acme.test"}},
		{ID: "3", Placeholder: true},
		{ID: "4", Email: "shared@acme.test", Linked: true},
		{ID: "5", Email: "away@acme.test", Linked: true, UserActive: new(bool), SecondaryEmails: []string{"away@home.test"}},
		{ID: "6", Email: "invited@acme.test"},
		{ID: "7", Email: "request@acme.test", InviteStatus: "requested_to_be_invited"},
	}
	state.Teams = []sandbox.Team{{ID: "10", Name: "Ops", Slug: "operations", Members: []string{"2", "6"}}}
	return state
}

// listed are the ids that a list of users or teams shows, in its order.
func listed(t *testing.T, s *sandbox.Sentry, path string) string {
	t.Helper()
	object, _ := decode(t, ask(t, s, http.MethodGet, scim+path, "")).(map[string]any)
	rows, _ := object["Resources"].([]any)
	var ids []string
	for _, row := range rows {
		id, _ := row.(map[string]any)["id"].(string)
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

func filter(value string) string { return "?filter=userName+eq+%22" + value + "%22" }

func TestEveryAddressFindsItsMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, ids string }{
		"no filter":                    {"/Users", "6 1 2 3 4"},
		"a page across both parts":     {"/Users?startIndex=3&count=2", "2 3"},
		"primary":                      {"/Users" + filter("JANE@acme.test"), "2"},
		"second":                       {"/Users" + filter("J.Doe@ACME.test"), "2"},
		"second of one, first of two":  {"/Users" + filter("shared@acme.test"), "2 4"},
		"second of a deactivated user": {"/Users" + filter("away@home.test"), ""},
		"request":                      {"/Users" + filter("request@acme.test"), ""},
		"slug":                         {"/Groups" + filter("Operations"), "10"},
		"name of an edited slug":       {"/Groups" + filter("Ops"), ""},
	}
	s := newSentry(t, accounts(), config())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := listed(t, s, tt.path); got != tt.ids {
				t.Errorf("got %q, want %q", got, tt.ids)
			}
		})
	}
}

func TestEveryAddressConflicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path, body string
		status     int
		want       string
	}{
		"second address":                  {"/Users", `{"userName":"J.DOE@acme.test"}`, 409, `"uniqueness"`},
		"second address of one, in a row": {"/Users", `{"userName":"shared@acme.test"}`, 409, `"uniqueness"`},
		"second of a deactivated user":    {"/Users", `{"userName":"away@home.test"}`, 201, `"id":"8"`},
		"deactivated user":                {"/Users", `{"userName":"away@acme.test"}`, 201, `"id":"8"`},
		"invited":                         {"/Users", `{"userName":"invited@acme.test"}`, 400, "has already been invited"},
		"invited in another case":         {"/Users", `{"userName":"Invited@acme.test"}`, 201, `"id":"8"`},
		"request":                         {"/Users", `{"userName":"request@acme.test"}`, 201, `"id":"7"`},
		"team with a taken edited slug":   {"/Groups", `{"displayName":"Operations"}`, 409, "A team with this slug already exists."},
		"team with the name of another":   {"/Groups", `{"displayName":"Ops"}`, 201, `"id":"11"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, newSentry(t, accounts(), config()), http.MethodPost, scim+tt.path, tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

func TestSecondAddressGoesWithItsAccount(t *testing.T) {
	t.Parallel()
	s := newSentry(t, accounts(), config())
	if w := ask(t, s, http.MethodDelete, scim+"/Users/2", ""); w.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if got := listed(t, s, "/Users"+filter("shared@acme.test")); got != "4" {
		t.Errorf("the shared address finds %q, want 4", got)
	}
	if w := ask(t, s, http.MethodPost, scim+"/Users", `{"userName":"j.doe@acme.test"}`); w.Code != http.StatusCreated {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// TestPlaceholder has the row that is listed, and that nothing but a team takes.
func TestPlaceholder(t *testing.T) {
	t.Parallel()
	s := newSentry(t, accounts(), config())
	for method, body := range map[string]string{
		"GET": "", "DELETE": "", "PUT": `{"sentryOrgRole":"manager"}`,
		"PATCH": `{"Operations":[{"op":"replace","path":"active","value":false}]}`,
	} {
		want(t, ask(t, s, method, scim+"/Users/3", body), http.StatusNotFound, failed("404", "The requested resource does not exist"))
	}
	if w := ask(t, s, http.MethodPatch, scim+ops, patch(`{"op":"add","path":"members","value":[{"value":"3"}]}`)); w.Code != http.StatusNoContent {
		t.Fatalf("add: got %d %s", w.Code, w.Body)
	}
	want(t, ask(t, s, http.MethodGet, scim+ops, ""), http.StatusOK, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"10","displayName":"Ops","meta":{"resourceType":"Group"},`+
		`"members":[{"value":"2","display":"jane@acme.test"},{"value":"6","display":"invited@acme.test"},{"value":"3","display":""}]}`)
	if w := ask(t, s, http.MethodPatch, scim+ops, patch(`{"op":"remove","path":"members[value eq \"3\"]"}`)); w.Code != http.StatusNoContent {
		t.Errorf("remove: got %d %s", w.Code, w.Body)
	}
}

func TestPlaceholderIsNoOwner(t *testing.T) {
	t.Parallel()
	state := accounts()
	state.Members[2].Role = "owner"
	w := ask(t, newSentry(t, state, config()), http.MethodDelete, scim+"/Users/1", "")
	want(t, w, http.StatusForbidden, `{"detail":"You cannot remove the only remaining owner of the organization."}`)
}

// TestBlankRoleTakesOnlyWhatSCIMGave follows members through PUT: a role that
// was given by hand survives a blank one.
func TestBlankRoleTakesOnlyWhatSCIMGave(t *testing.T) {
	t.Parallel()
	const provisioned, restricted = "idp:provisioned", "idp:role-restricted"
	tests := map[string]struct {
		given sandbox.Member
		body  string
		role  string
		flags []string
	}{
		"blank, by SCIM":              {sandbox.Member{Role: "manager", Flags: []string{provisioned, restricted}}, `{"sentryOrgRole":""}`, "member", []string{provisioned}},
		"absent, by SCIM":             {sandbox.Member{Role: "manager", Flags: []string{restricted}}, `{}`, "member", []string{provisioned}},
		"blank, by hand":              {sandbox.Member{Role: "manager"}, `{"sentryOrgRole":""}`, "manager", nil},
		"blank, by hand, provisioned": {sandbox.Member{Role: "manager", Flags: []string{provisioned}}, `{"sentryOrgRole":""}`, "manager", []string{provisioned}},
		"blank, the default":          {sandbox.Member{Role: "member"}, `{"sentryOrgRole":""}`, "member", []string{provisioned}},
		"the same, by hand":           {sandbox.Member{Role: "manager"}, `{"sentryOrgRole":"manager"}`, "manager", []string{provisioned, restricted}},
		"the default, asked for":      {sandbox.Member{Role: "manager", Flags: []string{restricted}}, `{"sentryOrgRole":"Member"}`, "member", []string{provisioned, restricted}},
		"any, an owner":               {sandbox.Member{Role: "owner", Flags: []string{restricted}}, `{"sentryOrgRole":"member"}`, "owner", []string{provisioned}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := sandbox.DefaultState("acme")
			tt.given.ID, tt.given.Email, tt.given.Linked = "1", "a@acme.test", true
			state.Members = []sandbox.Member{tt.given}
			s := newSentry(t, state, config())
			if w := ask(t, s, http.MethodPut, scim+"/Users/1", tt.body); w.Code != http.StatusOK {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			wanted := sandbox.Member{ID: "1", Email: "a@acme.test", Linked: true, Role: tt.role, Flags: tt.flags}
			if diff := cmp.Diff(wanted, s.Snapshot().Members[0]); diff != "" {
				t.Errorf("member (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInvitationWithRoleIsRestricted(t *testing.T) {
	t.Parallel()
	s := newSentry(t, sandbox.DefaultState("acme"), config())
	for _, body := range []string{`{"userName":"a@acme.test","sentryOrgRole":"member"}`, `{"userName":"b@acme.test"}`} {
		if w := ask(t, s, http.MethodPost, scim+"/Users", body); w.Code != http.StatusCreated {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	wanted := []sandbox.Member{
		{ID: "1", Email: "a@acme.test", Role: "member", InviteStatus: "approved", Flags: []string{"idp:provisioned", "idp:role-restricted"}},
		{ID: "2", Email: "b@acme.test", Role: "member", InviteStatus: "approved", Flags: []string{"idp:provisioned"}},
	}
	if diff := cmp.Diff(wanted, s.Snapshot().Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}
