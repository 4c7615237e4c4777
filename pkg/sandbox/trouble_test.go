package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

func board(t *testing.T) *faults.Board {
	t.Helper()
	b, err := faults.New(sandbox.Faults())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seen is all that somebody with every token sees of Sentry.
func seen(t *testing.T, s http.Handler) map[string][]string {
	t.Helper()
	answers := map[string][]string{}
	for _, path := range []string{
		"/api/client-config/", "/saml/metadata/acme/", orgAPI, orgAPI + "auth-provider/", orgAPI + "members/", orgAPI + "audit-logs/", orgAPI + "teams/",
		scim + "/Users", scim + "/Groups", "/api/0/teams/acme/design/members/", "/api/0/projects/acme/web-api/teams/nobody/",
	} {
		method := http.MethodGet
		if strings.Contains(path, "/projects/acme/") {
			method = http.MethodPost
		}
		for _, as := range []string{token, apiToken} {
			w := ask(t, s, method, path, "", "Authorization", "Bearer "+as)
			answers[path+" with "+as] = []string{http.StatusText(w.Code), w.Header().Get("Date"), w.Header().Get("Location"), w.Body.String()}
		}
	}
	return answers
}

// TestEachFaultShowsAndIsTakenBack switches each on in a sound organization: some
// answer differs, and none once it is off again.
func TestEachFaultShowsAndIsTakenBack(t *testing.T) {
	t.Parallel()
	b := board(t)
	c := withAPI()
	c.Faults, c.BaseURL = b, "http://127.0.0.1:9000"
	s := newSentry(t, sandbox.SampleState().Sound(), c)
	before := seen(t, s)
	for _, f := range sandbox.Faults() {
		if err := b.Set([]string{f.ID}); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(before, seen(t, s)) {
			t.Errorf("%s: nothing differs", f.ID)
		}
		if err := b.Set(nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, seen(t, s)); diff != "" {
			t.Errorf("%s is not taken back: %s", f.ID, diff)
		}
	}
}

// TestAllFaultsAtOnce are switched on one after the other, and off together.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	b := board(t)
	c := withAPI()
	c.Faults = b
	s := newSentry(t, sandbox.SampleState().Sound(), c)
	before := s.Snapshot()
	var ids []string
	for _, f := range sandbox.Faults() {
		if f.ID != "owner-pending" { // one owner is left already
			ids = append(ids, f.ID)
		}
	}
	if err := b.Set(ids); err != nil {
		t.Fatal(err)
	}
	if err := b.Set(nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

// TestAFaultThatSpoilsNothingStaysOff: there is no second owner to lose.
func TestAFaultThatSpoilsNothingStaysOff(t *testing.T) {
	t.Parallel()
	b := board(t)
	c := config()
	c.Faults = b
	newSentry(t, accounts(), c)
	for _, id := range []string{"one-owner", "owner-pending"} {
		if err := b.Set([]string{id}); err == nil || b.IsOn(id) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestFaultsHaveTheAnswersOfTheContract are the words by which a fault is told.
func TestFaultsHaveTheAnswersOfTheContract(t *testing.T) {
	t.Parallel()
	const forbidden = `{"detail":"You do not have permission to perform this action."}`
	for id, wanted := range map[string]struct {
		path   string
		status int
		body   string
	}{
		"scim-off":           {scim + "/Users", 403, forbidden},
		"no-provider":        {scim + "/Users", 403, forbidden},
		"scim-token-refused": {scim + "/Users", 401, `{"detail":"Invalid token"}`},
		"scim-token-scope":   {scim + "/Users", 403, forbidden},
		"org-renamed":        {scim + "/Users", 404, notThere},
		"prefix-undotted":    {"/saml/metadata/acme/", 500, "<h1>Internal Server Error</h1>\n"},
	} {
		b := board(t)
		c := config()
		c.Faults = b
		s := newSentry(t, accounts(), c)
		if err := b.Set([]string{id}); err != nil {
			t.Fatal(err)
		}
		w := ask(t, s, http.MethodGet, wanted.path, "")
		if w.Code != wanted.status || w.Body.String() != wanted.body {
			t.Errorf("%s: %d %s", id, w.Code, w.Body)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (id == "scim-token-scope") != (challenge != "" && w.Code == 403) {
			t.Errorf("%s: challenge %q", id, challenge)
		}
	}
}
