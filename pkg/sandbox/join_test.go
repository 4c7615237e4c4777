package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.DefaultRole = "admin"
	state.Members = []sandbox.Member{
		{ID: "3", Email: "linked@acme.test", Linked: true, Role: "owner"},
		{ID: "4", Email: "Invited@acme.test", Role: "manager", Flags: []string{"idp:provisioned"}},
		{ID: "5", Email: "wants@acme.test", Role: "member", InviteStatus: "requested_to_join"},
	}
	state.Teams = []sandbox.Team{{ID: "1", Name: "Ops", Slug: "ops", Members: []string{"4"}}}
	sentry := newSentry(t, state, config())
	for _, test := range []struct{ email, id string }{
		{"LINKED@acme.test", "3"}, {"invited@acme.test", "4"}, {"invited@acme.test", "4"}, {"wants@acme.test", "6"}, {"new@acme.test", "7"}, {"new@acme.test", "7"},
	} {
		if got := sentry.Join(test.email); got != test.id {
			t.Errorf("%s became member %s, want %s", test.email, got, test.id)
		}
	}
	linked := []string{"sso:linked"}
	wanted := []sandbox.Member{
		{ID: "3", Email: "linked@acme.test", Linked: true, Role: "owner", Flags: linked},
		{ID: "4", Email: "Invited@acme.test", Linked: true, Role: "manager", Flags: []string{"idp:provisioned", "sso:linked"}},
		{ID: "6", Email: "wants@acme.test", Linked: true, Role: "admin", Flags: linked},
		{ID: "7", Email: "new@acme.test", Linked: true, Role: "admin", Flags: linked},
	}
	after := sentry.Snapshot()
	if diff := cmp.Diff(wanted, after.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if !slices.Equal(after.Teams[0].Members, []string{"4"}) {
		t.Errorf("team: %v", after.Teams[0].Members)
	}
}

// TestJoinBySecondAddress prefers the account whose first address it is.
func TestJoinBySecondAddress(t *testing.T) {
	t.Parallel()
	sentry := newSentry(t, accounts(), config())
	for email, id := range map[string]string{"J.Doe@acme.test": "2", "SHARED@acme.test": "4", "request@acme.test": "8"} {
		if got := sentry.Join(email); got != id {
			t.Errorf("%s became member %s, want %s", email, got, id)
		}
	}
}

// TestJoinedMembersAreListed looks through the SCIM API, which keeps lists of
// its own.
func TestJoinedMembersAreListed(t *testing.T) {
	t.Parallel()
	sentry := newSentry(t, sandbox.SampleState(), config())
	for _, email := range []string{"grace.sample@acme.test", "new@acme.test"} {
		sentry.Join(email)
	}
	fresh := newSentry(t, sentry.Snapshot(), config())
	const list = scim + "/Users?startIndex=1&count=100"
	want(t, ask(t, sentry, http.MethodGet, list, ""), http.StatusOK, ask(t, fresh, http.MethodGet, list, "").Body.String())
}
