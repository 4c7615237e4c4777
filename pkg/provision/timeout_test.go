package provision_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func textOf(t *testing.T, r *output.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := r.RenderText(&text, ui.Styles{}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// hangsOn is a Sentry that answers some requests when nobody waits any more, and
// carries them out.
func hangsOn(t *testing.T, hangs func(r *http.Request) bool) (*provision.Push, *desired.State) {
	t.Helper()
	t.Cleanup(func() { time.Sleep(2 * time.Hour) }) // until what hangs has ended
	town := newTown()
	sentry, err := sandbox.NewSentry(town.state, sandbox.Config{Now: time.Now, Rand: rand.Reader, Fault: func(_ int, r *http.Request) sandbox.Fault {
		if hangs(r) {
			return sandbox.Fault{Delay: time.Hour}
		}
		return sandbox.Fault{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	push := pushOver(t, sentry, sentry.Token(), line{concurrency: 4, pageSize: 10, timeout: 2 * time.Hour, bubble: true})
	push.Record = memory.New("http://localhost", "acme")
	push.SaveRecord = func(*memory.Record) error { return nil }
	return push, town.desired(t)
}

// A time limit that ends a run with writes that nobody answered leaves it partly
// applied, and never says that nothing changed.
func TestARunOutOfTimeSaysWhatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(r *http.Request) bool{
		"every write": func(r *http.Request) bool { return r.Method != http.MethodGet },
		"removals": func(r *http.Request) bool {
			return r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/Users/")
		},
		"teams": func(r *http.Request) bool {
			return r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/Groups/")
		},
		"roles": func(r *http.Request) bool { return r.Method == http.MethodPut },
	}
	for name, hangs := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var well atomic.Bool
				push, want := hangsOn(t, func(r *http.Request) bool { return !well.Load() && hangs(r) })
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				report, err := push.Run(ctx, want)
				if fault.CodeOf(err) != fault.Partial || !strings.Contains(err.Error(), "the time limit of --timeout ran out") || len(fault.Hints(err)) == 0 {
					t.Errorf("code %d: %v, hints %q", fault.CodeOf(err), err, fault.Hints(err))
				}
				if report.Uncertain() == 0 || report.Verified || report.After != nil {
					t.Errorf("%d uncertain of %+v, verified %v", report.Uncertain(), report.Failed, report.Verified)
				}
				text := textOf(t, report)
				for _, never := range []string{"nothing changed", "nothing was written"} {
					if strings.Contains(text, never) {
						t.Errorf("the report says %q:\n%s", never, text)
					}
				}
				if !strings.Contains(text, "may have been done") {
					t.Errorf("the report does not say what may have been done:\n%s", text)
				}
				well.Store(true)
				time.Sleep(2 * time.Hour) // what hung is carried out by then
				if report, err = push.Run(t.Context(), want); err != nil || !report.Verified {
					t.Errorf("the next run: %v, failed %v", err, report.Failed)
				}
			})
		})
	}
}

func TestARunThatCannotBeVerifiedInTimeIsPartlyApplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wrote atomic.Bool
		push, want := hangsOn(t, func(r *http.Request) bool {
			if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/Users/") {
				wrote.Store(true)
			}
			return wrote.Load() && r.Method == http.MethodGet
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		report, err := push.Run(ctx, want)
		if fault.CodeOf(err) != fault.Partial || !strings.Contains(err.Error(), "could not be read again to verify them") || !strings.Contains(err.Error(), "the time limit of --timeout ran out") {
			t.Errorf("code %d: %v", fault.CodeOf(err), err)
		}
		if report.Applied != report.Plan.Counts() || report.Verified || strings.Contains(textOf(t, report), "nothing changed") {
			t.Errorf("applied %+v of %+v, verified %v", report.Applied, report.Plan.Counts(), report.Verified)
		}
		if len(push.Record.Persons) > 0 || len(push.Record.Created) == 0 {
			t.Errorf("the record is %+v: who is who is not known, what was created is", push.Record)
		}
	})
}

// An interrupt says the same, and stays one.
func TestAnInterruptWithWritesUnderWaySaysWhatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		push, want := hangsOn(t, func(r *http.Request) bool { return r.Method != http.MethodGet })
		time.AfterFunc(time.Minute, cancel)
		report, err := push.Run(ctx, want)
		if !errors.Is(err, context.Canceled) || report.Applied.Total() != 0 || report.Uncertain() != len(report.Failed) || report.Uncertain() == 0 {
			t.Fatalf("%v, applied %+v, failed %+v", err, report.Applied, report.Failed)
		}
		if text := textOf(t, report); strings.Contains(text, "nothing changed") || strings.Contains(text, "nothing was written") || !strings.Contains(text, "may have been done") {
			t.Error(text)
		}
	})
}
