package provision_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// TestAPushThatWasKilledIsFinished by the next one, without an override: what it set
// out to do counts once, whether it came about or not.
func TestAPushThatWasKilledIsFinished(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]bool{"before its first change": false, "after its last change": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(5)
			rules := s.selection.TeamRoles
			s.selection.TeamRoles = nil
			sentry, _ := s.served(t)
			push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
			push.Guards = plan.Standard()
			if _, err := push.Run(t.Context(), s.want(t)); err != nil {
				t.Fatal(err)
			}
			s.selection.TeamRoles = rules[:3] // as many as the guard allows
			before := *s
			before.state = sentry.Snapshot()
			var kept []*memory.Record
			push.SaveRecord = func(r *memory.Record) error { kept = append(kept, r); return nil }
			if _, err := push.Run(t.Context(), s.want(t)); err != nil {
				t.Fatal(err)
			}
			again, record := sentry, kept[len(kept)-2] // the last of all is kept when it is over
			if !done {
				again, _ = before.served(t)
				record = kept[0]
			}
			next := completing(t, again, again.Token(), again.APIToken(), plainLine)
			next.Guards, next.Record = plan.Standard(), record
			report, err := next.Run(t.Context(), s.want(t))
			if err != nil || !report.Verified || len(next.Record.Admins) != 3 {
				t.Fatalf("the next push: %v, refused %q, remembers %+v", err, report.Refused, next.Record.Admins)
			}
			if sum := next.Record.Recent(next.Now()); sum.TeamPromoted != 3 {
				t.Errorf("%d count as promoted", sum.TeamPromoted)
			}

			// and its own admins are taken back
			s.selection.TeamRoles = slices.Clone(rules[3:4])
			next.Guards.TeamPromotions = plan.Limit{Count: 9}
			report, err = next.Run(t.Context(), s.want(t))
			admins, _ := inTeams(again.Snapshot())
			if err != nil || len(admins) != 1 {
				t.Errorf("taking back: %v, admins %v, plans %q", err, admins, report.Plan.Lines())
			}
		})
	}
}

// TestAReadingThatFailsForgetsNoLink: the projects could not be read again to verify.
func TestAReadingThatFailsForgetsNoLink(t *testing.T) {
	t.Parallel()
	s := newShop(2)
	sentry, _ := s.served(t)
	links := 0
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/organizations/acme/projects/") && links > 0 {
			respond(w, http.StatusBadRequest, map[string]any{"detail": "planted"})
			return
		}
		if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/projects/") {
			links++
		}
		sentry.ServeHTTP(w, r)
	})
	push := completing(t, handler, sentry.Token(), sentry.APIToken(), plainLine)
	if _, err := push.Run(t.Context(), s.want(t)); err == nil || len(push.Record.Links) != 4 {
		t.Errorf("%v: %d links are remembered", err, len(push.Record.Links))
	}
}
