package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// events are those of the audit log that a query finds, newest first.
func events(t *testing.T, s http.Handler, query string) []string {
	t.Helper()
	rows, _ := field(t, own(t, s, orgAPI+"audit-logs/"+query), "rows").([]any)
	all := []string{}
	for _, row := range rows {
		object, _ := row.(map[string]any)
		event, _ := object["event"].(string)
		all = append(all, event)
	}
	return all
}

// TestSCIMIsWrittenDown sends each kind of request and holds the log against it:
// nothing comes of a PUT of a user, and of what changes nothing.
func TestSCIMIsWrittenDown(t *testing.T) {
	t.Parallel()
	const schemas = `"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],`
	for _, release := range sandbox.Releases() {
		c := withAPI()
		c.Release = release
		state := accounts()
		state.Teams = []sandbox.Team{{ID: "1", Name: "Ops", Slug: "ops", Members: []string{"1"}}}
		s := newSentry(t, state, c)
		wanted := []string{}
		for _, step := range []struct {
			method, path, body string
			status             int
			events             []string
		}{
			{"POST", "/Users", `{"userName":"new@acme.test"}`, 201, []string{"member.invite"}},
			{"POST", "/Users", `{"userName":"jane@acme.test"}`, 409, nil},
			{"PUT", "/Users/2", `{"sentryOrgRole":"manager"}`, 200, nil},
			{"POST", "/Groups", `{"displayName":"Data"}`, 201, []string{"team.create"}},
			{"PATCH", "/Groups/2", `{` + schemas + `"Operations":[{"op":"add","path":"members","value":[{"value":"1"},{"value":"2"}]}]}`, 204, []string{"member.join-team", "member.join-team"}},
			{"PATCH", "/Groups/2", `{` + schemas + `"Operations":[{"op":"add","path":"members","value":[{"value":"2"}]}]}`, 204, nil},
			{"PATCH", "/Groups/2", `{` + schemas + `"Operations":[{"op":"add","path":"members","value":[{"value":"4"}]},{"op":"add","path":"members","value":[{"value":"99"}]}]}`, 404, nil},
			{"PATCH", "/Groups/2", `{` + schemas + `"Operations":[{"op":"remove","path":"members[value eq \"1\"]"}]}`, 204, []string{"member.leave-team"}},
			{"PATCH", "/Groups/2", `{` + schemas + `"Operations":[{"op":"replace","value":{"displayName":"Data 2"}}]}`, 204, []string{"team.edit"}},
			{"DELETE", "/Groups/2", "", 204, []string{"team.remove"}},
			{"PATCH", "/Users/2", `{"Operations":[{"op":"replace","path":"active","value":false}]}`, 204, []string{"member.remove"}},
			{"DELETE", "/Users/1", "", 403, nil},
			{"DELETE", "/Users/4", "", 204, []string{"member.remove"}},
		} {
			if w := ask(t, s, step.method, scim+step.path, step.body); w.Code != step.status {
				t.Fatalf("%s: %s %s: %d %s", release, step.method, step.path, w.Code, w.Body)
			}
			wanted = append(wanted, step.events...)
		}
		slices.Reverse(wanted)
		if diff := cmp.Diff(wanted, events(t, s, "")); diff != "" {
			t.Errorf("%s: %s", release, diff)
		}
	}
}

func TestASingleSignOnIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newSentry(t, accounts(), withAPI())
	for _, email := range []string{"invited@acme.test", "new@acme.test", "new@acme.test"} {
		s.Join(email)
	}
	if diff := cmp.Diff([]string{"sso-identity.link", "member.add", "sso-identity.link", "member.accept-invite"}, events(t, s, "")); diff != "" {
		t.Error(diff)
	}
}

func TestTheAuditLogIsFiltered(t *testing.T) {
	t.Parallel()
	state := accounts()
	state.AuditLog = []sandbox.AuditEntry{
		{ID: "1", Event: "sso.enable", Actor: "owner@acme.test", DateCreated: "2026-01-01T00:00:00Z", Note: "enabled sso (saml2)"},
		{ID: "2", Event: "member.invite", Actor: "SCIM Internal Integration", DateCreated: "2026-08-31T12:00:00Z", Target: 6, Note: "invited member invited@acme.test"},
		{ID: "3", Event: "sso.edit", Actor: "owner@acme.test", DateCreated: "2026-09-01T11:00:00Z", Note: "edited sso settings"},
	}
	s := newSentry(t, state, withAPI())
	for query, wanted := range map[string][]string{
		"":                         {"sso.edit", "member.invite", "sso.enable"},
		"?event=sso.edit":          {"sso.edit"},
		"?event=no.such.event":     {},
		"?actor=900001":            {"member.invite"},
		"?statsPeriod=2h":          {"sso.edit"},
		"?statsPeriod=14d":         {"sso.edit", "member.invite"},
		"?per_page=1":              {"sso.edit"},
		"?per_page=1&cursor=1:1:0": {"member.invite"},
		"?start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z": {"sso.enable"},
	} {
		if diff := cmp.Diff(wanted, events(t, s, query)); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
	for _, query := range []string{"?actor=me", "?statsPeriod=soon", "?start=2026-01-01T00:00:00Z"} {
		if w := own(t, s, orgAPI+"audit-logs/"+query); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	options, _ := field(t, own(t, s, orgAPI+"audit-logs/"), "options").([]any)
	for _, name := range []string{"member.invite", "sso.edit", "sso.disable", "internal-integration.remove-token", "sentry-app.remove"} {
		if !slices.Contains(options, any(name)) {
			t.Errorf("the options lack %s", name)
		}
	}
	if diff := cmp.Diff(state.AuditLog, s.Snapshot().AuditLog); diff != "" {
		t.Error(diff)
	}
}

func TestStatesOfTheAuditLogAreChecked(t *testing.T) {
	t.Parallel()
	for entry, words := range map[string]string{
		`{"id":"1","event":"sso.edits","date_created":"2026-09-01T12:00:00Z"}`: "audit_log[0].event",
		`{"id":"1","event":"sso.edit"}`:                                        "audit_log[0].date_created: expected a time",
		`{"id":"1","event":"sso.edit","date_created":"today"}`:                 "audit_log[0].date_created: expected a time such as",
		`{"id":"x","event":"sso.edit","date_created":"2026-09-01T12:00:00Z"}`:  "audit_log[0].id",
		`{"number":"1"}`: `audit_log[0]: unknown key "number"`,
	} {
		_, err := sandbox.ParseState([]byte(`{"org":"acme","audit_log":[` + entry + `]}`))
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", entry, err)
		}
	}
}
