package provision_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// brokenSentry is a Sentry of which every nth request goes wrong.
type brokenSentry struct {
	sentry *sandbox.Sentry
	every  int
	well   atomic.Bool // nothing goes wrong any more
	lists  atomic.Int64
	bent   atomic.Int64                                                  // lists since the last write
	bend   func(b *brokenSentry, w http.ResponseWriter, r *http.Request) // what becomes of a list

	mu    sync.Mutex
	inRow map[string]int // how often a request went wrong
}

// Requests that are under way at once are counted by chance. Without a bound one
// in a thousand would meet every nth at each of its ten attempts, and a list never
// be left in peace.
const (
	maxInRow = 6
	maxBent  = 16
)

// spares reports whether a request goes well although its number is up.
func (b *brokenSentry) spares(r *http.Request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inRow[r.Method+" "+r.URL.String()]++
	return b.inRow[r.Method+" "+r.URL.String()]%(maxInRow+1) == 0
}

// ServeHTTP bends every nth request for a list.
func (b *brokenSentry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		b.bent.Store(0)
	}
	list := r.Method == http.MethodGet && r.URL.Query().Get("filter") == ""
	if b.bend != nil && list && !b.well.Load() && int(b.lists.Add(1))%b.every == 0 && b.bent.Add(1) <= maxBent {
		b.bend(b, w, r)
		return
	}
	b.sentry.ServeHTTP(w, r)
}

// get asks for a part of a list and returns the answer as it is.
func (b *brokenSentry) get(r *http.Request, startIndex string) (status int, list map[string]any) {
	asked := r.Clone(r.Context())
	query := asked.URL.Query()
	query.Set("startIndex", startIndex)
	asked.URL.RawQuery = query.Encode()
	answer := httptest.NewRecorder()
	b.sentry.ServeHTTP(answer, asked)
	_ = json.Unmarshal(answer.Body.Bytes(), &list)
	return answer.Code, list
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// shortPage answers with the first half of what was asked for.
func shortPage(b *brokenSentry, w http.ResponseWriter, r *http.Request) {
	status, list := b.get(r, r.URL.Query().Get("startIndex"))
	items, _ := list["Resources"].([]any)
	list["Resources"] = items[:(len(items)+1)/2]
	list["itemsPerPage"] = (len(items) + 1) / 2
	respond(w, status, list)
}

// shiftedPage begins with the last entry of the page before, as if something
// had been put in front meanwhile: it comes twice and the last one never.
func shiftedPage(b *brokenSentry, w http.ResponseWriter, r *http.Request) {
	start, _ := strconv.Atoi(r.URL.Query().Get("startIndex"))
	status, list := b.get(r, strconv.Itoa(max(1, start-1)))
	list["startIndex"] = start
	respond(w, status, list)
}

const visitor = "000-visitor@acme.test"

// visitedList is the list once somebody came, who stands at its very beginning,
// or has gone again.
func visitedList(b *brokenSentry, w http.ResponseWriter, r *http.Request) {
	answer := b.ask(r, http.MethodPost, "/Users", map[string]any{"userName": visitor})
	if answer.Code != http.StatusCreated {
		found := b.ask(r, http.MethodGet, "/Users?filter=userName+eq+%22"+visitor+"%22", nil)
		var list struct{ Resources []struct{ ID string } }
		_ = json.Unmarshal(found.Body.Bytes(), &list)
		for _, user := range list.Resources {
			b.ask(r, http.MethodDelete, "/Users/"+user.ID, nil)
		}
	}
	b.sentry.ServeHTTP(w, r)
}

func (b *brokenSentry) ask(r *http.Request, method, path string, body any) *httptest.ResponseRecorder {
	encoded, _ := json.Marshal(body)
	request := httptest.NewRequestWithContext(r.Context(), method, "/api/0/organizations/acme/scim/v2"+path, bytes.NewReader(encoded))
	request.Header.Set("Authorization", "Bearer "+b.sentry.Token())
	answer := httptest.NewRecorder()
	b.sentry.ServeHTTP(answer, request)
	return answer
}

const patience = 250 * time.Millisecond // for one attempt

type trouble struct {
	name  string
	fault func(b *brokenSentry) sandbox.Fault
	bend  func(b *brokenSentry, w http.ResponseWriter, r *http.Request)
}

func always(f sandbox.Fault) func(*brokenSentry) sandbox.Fault {
	return func(*brokenSentry) sandbox.Fault { return f }
}

func troubles() []trouble {
	const page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
	const slow = `{"detail":"You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds"}`
	return []trouble{
		{name: "503", fault: always(sandbox.Fault{Status: http.StatusServiceUnavailable})},
		{name: "502 HTML", fault: always(sandbox.Fault{Status: http.StatusBadGateway, Body: page})},
		{name: "502 HTML after the write", fault: always(sandbox.Fault{Status: http.StatusBadGateway, Body: page, After: true})},
		{name: "reset before the write", fault: always(sandbox.Fault{Cut: true})},
		{name: "reset after the write", fault: always(sandbox.Fault{Cut: true, After: true})},
		{name: "half a body after the write", fault: always(sandbox.Fault{Status: http.StatusOK, Body: `{"id": "1", "userName": "`, Cut: true, After: true})},
		// What hangs is carried out late, when nobody waits for it any more.
		{name: "hang", fault: always(sandbox.Fault{Delay: 2 * patience})},
		{name: "429 without headers", fault: always(sandbox.Fault{Status: http.StatusTooManyRequests, Body: slow})},
		{name: "429 with headers", fault: func(_ *brokenSentry) sandbox.Fault {
			now := time.Now()
			return sandbox.Fault{Status: http.StatusTooManyRequests, Body: slow, Header: http.Header{
				"Date":                          {now.UTC().Format(http.TimeFormat)},
				"X-Sentry-Rate-Limit-Limit":     {"40"},
				"X-Sentry-Rate-Limit-Remaining": {"0"},
				"X-Sentry-Rate-Limit-Reset":     {strconv.FormatInt(now.Unix()+1, 10)},
			}}
		}},
		{name: "short page", bend: shortPage},
		{name: "duplicate on the page boundary", bend: shiftedPage},
		{name: "list changes while it is read", bend: visitedList},
	}
}

// TestEveryTroubleEndsInTheDesiredState lets every 2nd, 3rd or 7th request go
// wrong in each way, writes and reads alike: of a first push, which asks before
// it writes who is known by a second address, and of one with a memory, which
// learns it from the refused invitation.
func TestEveryTroubleEndsInTheDesiredState(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles() {
		for _, every := range []int{2, 3, 7} {
			for _, first := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s on every %d, first %v", trouble.name, every, first), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { endure(t, trouble, every, first) })
				})
			}
		}
	}
}

func endure(t *testing.T, trouble trouble, every int, first bool) {
	t.Helper()
	town := newTown()
	b := &brokenSentry{every: every, bend: trouble.bend, inRow: map[string]int{}}
	var err error
	b.sentry, err = sandbox.NewSentry(town.state, sandbox.Config{
		Now: time.Now, Rand: rand.Reader,
		Fault: func(n int, r *http.Request) sandbox.Fault {
			if trouble.fault == nil || b.well.Load() || n%every != 0 || b.spares(r) {
				return sandbox.Fault{}
			}
			return trouble.fault(b)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	push := pushOver(t, b, b.sentry.Token(), line{
		concurrency: 4, pageSize: 10, timeout: patience, bubble: true,
	})
	push.Record = memory.New("http://localhost", "acme")
	push.SaveRecord = func(*memory.Record) error { return nil }
	if !first {
		push.Record.PushedAt = time.Now()
	}
	want := town.desired(t)

	report, err := push.Run(t.Context(), want)
	b.well.Store(true)
	time.Sleep(2 * patience) // what hangs is carried out by then
	if err != nil {
		failed, unverified := told(report)
		t.Fatalf("push: %v\nfailed %+v\nunverified %q", err, failed, unverified)
	}
	if !report.Verified || first && report.Applied != report.Plan.Counts() || len(report.Failed) > 0 {
		t.Errorf("verified %v, applied %+v of %+v, failed %+v", report.Verified, report.Applied, report.Plan.Counts(), report.Failed)
	}
	state := b.sentry.Snapshot()
	if diff := town.reached(withoutVisitor(state)); diff != "" {
		t.Errorf("Sentry differs:\n%s", diff)
	}
	sent := push.Requests()
	again, err := push.Run(t.Context(), want)
	if err != nil || !again.Plan.Empty() {
		t.Fatalf("second push: %v, plans %q", err, again.Plan.Lines())
	}
	wantSent := map[string]int{http.MethodGet: (len(state.Members)+9)/10 + (len(state.Teams)+9)/10}
	if diff := cmp.Diff(wantSent, difference(push.Requests().ByMethod, sent.ByMethod)); diff != "" {
		t.Errorf("the second push sends more than the lists (-want +got):\n%s", diff)
	}
}

// told is what a report that may be nil says went wrong.
func told(r *output.Report) (failed []apply.Failure, unverified []string) {
	if r == nil {
		return nil, nil
	}
	return r.Failed, r.Unverified
}

func difference(after, before map[string]int) map[string]int {
	rest := map[string]int{}
	for method, n := range after {
		if n > before[method] {
			rest[method] = n - before[method]
		}
	}
	return rest
}

func withoutVisitor(state sandbox.State) sandbox.State {
	var members []sandbox.Member
	for _, m := range state.Members {
		if !strings.EqualFold(m.Email, visitor) {
			members = append(members, m)
		}
	}
	state.Members = members
	return state
}
