package authentik_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// spoiled is an authentik in which somebody has followed the guide, and its faults.
func spoiled(t *testing.T, release authentik.Release) (*authentik.Authentik, *faults.Board) {
	t.Helper()
	board, err := faults.New(authentik.Faults())
	if err != nil {
		t.Fatal(err)
	}
	state := authentik.FreshState([]authentik.Person{{Username: "ada", Name: "Ada", Email: "ada@acme.test", Groups: []string{"staff"}}}, []string{"staff"})
	noon := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	a, err := authentik.New(state, authentik.Config{
		Release: release, BaseURL: "http://127.0.0.1:9001", Now: func() time.Time { return noon }, Rand: rand.Reader, Faults: board,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = a.FollowGuide(authentik.Guide{
		SentryURL: "http://127.0.0.1:9000", Org: "acme", Slug: "sentry", Groups: []string{"staff"},
		SCIMURL: "http://127.0.0.1:9000/api/0/organizations/acme/scim/v2/", SCIMToken: "t",
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, board
}

// seen is all that somebody with the token sees of authentik.
func seen(t *testing.T, a *authentik.Authentik) map[string][]string {
	t.Helper()
	answers := map[string][]string{}
	for _, path := range []string{
		"/application/saml/sentry/metadata/", "/api/v3/admin/version/", "/api/v3/core/applications/sentry/", "/api/v3/providers/saml/", "/api/v3/providers/scim/",
		"/api/v3/policies/bindings/", "/api/v3/propertymappings/provider/saml/", "/api/v3/propertymappings/provider/scim/", "/api/v3/crypto/certificatekeypairs/",
		"/api/v3/core/applications/sentry/check_access/?for_user=2",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+a.Token())
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		answers[path] = []string{http.StatusText(w.Code), w.Header().Get("Date"), w.Header().Get("Location"), w.Body.String()}
	}
	return answers
}

// TestEachFaultShowsAndIsTakenBack switches each on in each release where it can
// be: some answer differs, and none once it is off again.
func TestEachFaultShowsAndIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, release := range []authentik.Release{authentik.Releases()[0], authentik.ReleaseLatest} {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			a, board := spoiled(t, release)
			before := seen(t, a)
			for _, f := range authentik.Faults() {
				err := board.Set([]string{f.ID})
				if old := f.ID == "bindings-expired" && release != authentik.ReleaseLatest; old != (err != nil) {
					t.Errorf("%s: %v", f.ID, err)
					continue
				}
				if err == nil && cmp.Equal(before, seen(t, a)) {
					t.Errorf("%s: nothing differs", f.ID)
				}
				if err := board.Set(nil); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, seen(t, a)); diff != "" {
					t.Errorf("%s is not taken back: %s", f.ID, diff)
				}
			}
		})
	}
}

// TestFaultsOfObjectsNeedTheObjects: nothing is spoiled where nothing is set up.
func TestFaultsOfObjectsNeedTheObjects(t *testing.T) {
	t.Parallel()
	board, err := faults.New(authentik.Faults())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authentik.New(authentik.FreshState(nil, nil), authentik.Config{Now: time.Now, Rand: rand.Reader, Faults: board}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"app-missing", "acs-slash", "cert-expired", "mapping-email", "access-denied", "bindings-off", "scim-dry-run"} {
		if err := board.Set([]string{id}); err == nil || board.IsOn(id) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestAMendedFaultStaysMended: what somebody set right is not spoiled by switching
// the fault off.
func TestAMendedFaultStaysMended(t *testing.T) {
	t.Parallel()
	a, board := spoiled(t, authentik.ReleaseLatest)
	if err := board.Set([]string{"audience-slash"}); err != nil {
		t.Fatal(err)
	}
	const wanted = "http://127.0.0.1:9000/saml/metadata/other/"
	a.Edit(func(s *authentik.State) { s.Objects["providers/saml"][0]["audience"] = wanted })
	if err := board.Set(nil); err != nil {
		t.Fatal(err)
	}
	if got := a.Snapshot().Objects["providers/saml"][0]["audience"]; got != wanted {
		t.Errorf("found %v", got)
	}
}
