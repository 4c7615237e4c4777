package provision_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// TestWhatAFirstPushGaveIsKnownAlthoughItWasKilled in teams that it made and to people
// whom it invited: the next push needs no override, and what was given can be taken
// back.
func TestWhatAFirstPushGaveIsKnownAlthoughItWasKilled(t *testing.T) {
	t.Parallel()
	s := newShop(10)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	push.Guards = plan.Standard()
	var records []*memory.Record
	var states []sandbox.State
	push.SaveRecord = func(r *memory.Record) error {
		records, states = append(records, r), append(states, sentry.Snapshot())
		return nil
	}
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	last := len(records) - 2 // the last of all is kept when it is over
	if last < 0 {
		t.Fatal("nothing is kept before it is over")
	}
	for name, state := range map[string]sandbox.State{"before the first role": states[last], "after the last link": states[last+1]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest := *s
			rest.state = state
			again, _ := rest.served(t)
			next := completing(t, again, again.Token(), again.APIToken(), plainLine)
			next.Guards, next.Record = plan.Standard(), records[last]
			report, err := next.Run(t.Context(), rest.want(t))
			if err != nil || !report.Verified {
				t.Fatalf("%v: refused %q", err, report.Refused)
			}
			if diff := rest.reached(again.Snapshot()); diff != "" {
				t.Error(diff)
			}
			if r := next.Record; len(r.Admins) != 10 || len(r.Links) != 20 || len(r.Created) != 10 {
				t.Errorf("%d admins, %d links and %d teams are remembered", len(r.Admins), len(r.Links), len(r.Created))
			}
		})
	}
}
