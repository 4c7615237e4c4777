package provision_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// city is a directory of people who are each in one of the groups.
func city(people, groups int) *directory.Directory {
	d := &directory.Directory{Source: "city"}
	for n := range groups {
		d.Groups = append(d.Groups, directory.Group{Name: fmt.Sprintf("team-%05d", n)})
	}
	for i := range people {
		name, group := fmt.Sprintf("p%06d", i), &d.Groups[i%groups]
		d.People = append(d.People, directory.Person{Username: name, Email: name + "@acme.test", Active: true, Groups: []string{group.Name}})
		group.Members = append(group.Members, name)
	}
	return d
}

func wanted(tb testing.TB, d *directory.Directory) *desired.State {
	tb.Helper()
	want, err := desired.Want(d, desired.Selection{})
	if err != nil {
		tb.Fatal(err)
	}
	return want
}

// actualOf is Sentry once d has been pushed.
func actualOf(d *directory.Directory) *plan.Actual {
	actual, ids := &plan.Actual{}, map[string]scim.Member{}
	for i, p := range d.People {
		id := strconv.Itoa(i + 1)
		actual.Users = append(actual.Users, scim.User{ID: id, UserName: p.Email, Role: "member", Active: true})
		ids[p.Username] = scim.Member{ID: id, Display: p.Email}
	}
	for i, g := range d.Groups {
		group := scim.Group{ID: strconv.Itoa(i + 1), DisplayName: g.Name}
		for _, name := range g.Members {
			group.Members = append(group.Members, ids[name])
		}
		actual.Groups = append(actual.Groups, group)
	}
	return actual
}

// stateOf is the emulated Sentry once d has been pushed.
func stateOf(d *directory.Directory) sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members = nil
	actual := actualOf(d)
	for _, u := range actual.Users {
		state.Members = append(state.Members, sandbox.Member{ID: u.ID, Email: u.UserName, Linked: true, Role: u.Role})
	}
	for _, g := range actual.Groups {
		team := sandbox.Team{ID: g.ID, Name: g.DisplayName, Slug: g.DisplayName}
		for _, m := range g.Members {
			team.Members = append(team.Members, m.ID)
		}
		state.Teams = append(state.Teams, team)
	}
	return state
}

// BenchmarkPlan works out what 100,000 people in 1,000 groups shall be in
// Sentry, and what is to change there.
func BenchmarkPlan(b *testing.B) {
	d := city(100_000, 1000)
	states := map[string]*plan.Actual{"first push": {}, "in sync": actualOf(d)}
	for name, actual := range states {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := plan.Compare(wanted(b, d), actual, plan.Policy{Remove: plan.RemoveInactive}, nil, memory.Known{})
				if c.Empty() != (len(actual.Users) > 0) {
					b.Fatalf("%+v", c.Counts())
				}
			}
		})
	}
}

// BenchmarkFirstPush invites 10,000 people into 200 teams of a Sentry that waits
// five milliseconds with each request and sets no limit, with eight requests at
// once. It reports the rate, the latency as the server measures it (a timer of
// five milliseconds takes longer), and the share of the rate in what eight at
// once could reach with that latency.
func BenchmarkFirstPush(b *testing.B) {
	const concurrency, latency = 8, 5 * time.Millisecond
	want := wanted(b, city(10_000, 200))
	for b.Loop() {
		sentry, err := sandbox.NewSentry(sandbox.DefaultState("acme"), sandbox.Config{Now: time.Now, Rand: rand.Reader, Latency: latency})
		if err != nil {
			b.Fatal(err)
		}
		timed := &stopwatch{handler: sentry}
		push := pushOver(b, timed, sentry.Token(), line{concurrency: concurrency, pageSize: 100})
		began := time.Now()
		report, err := push.Run(b.Context(), want)
		took := time.Since(began)
		if err != nil || !report.Verified {
			b.Fatal(err)
		}
		rate := float64(report.Requests.Total) / took.Seconds()
		b.ReportMetric(float64(report.Requests.Total), "requests")
		b.ReportMetric(rate, "requests/s")
		b.ReportMetric(timed.mean().Seconds()*1000, "ms-latency")
		b.ReportMetric(100*rate*timed.mean().Seconds()/concurrency, "%ideal")
	}
}

// stopwatch measures how long a handler takes.
type stopwatch struct {
	handler http.Handler
	n, took atomic.Int64
}

// ServeHTTP calls the handler.
func (s *stopwatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	s.handler.ServeHTTP(w, r)
	s.took.Add(int64(time.Since(began)))
	s.n.Add(1)
}

func (s *stopwatch) mean() time.Duration { return time.Duration(s.took.Load() / max(1, s.n.Load())) }

// BenchmarkSteadyState pushes 100,000 people in 1,000 groups who are all in
// Sentry already, and reports the requests it takes.
func BenchmarkSteadyState(b *testing.B) {
	d := city(100_000, 1000)
	sentry, err := sandbox.NewSentry(stateOf(d), sandbox.Config{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		b.Fatal(err)
	}
	push := pushOver(b, sentry, sentry.Token(), line{concurrency: 8, pageSize: 100})
	for b.Loop() {
		before := push.Requests().Total
		report, err := push.Run(b.Context(), wanted(b, d))
		if err != nil || !report.Plan.Empty() {
			b.Fatal(err)
		}
		b.ReportMetric(float64(push.Requests().Total-before), "requests")
	}
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	b.ReportMetric(float64(used.Sys)/(1<<20), "MB") // of the emulated Sentry too
}

// inProcess answers from a handler without a network, so that it can be used
// where time is not real.
type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	p.handler.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// TestTheFirstPushKeepsWithinTheRateLimit pushes 10,000 people in 200 teams into
// a Sentry that allows forty requests a second of each method.
func TestTheFirstPushKeepsWithinTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		state := sandbox.DefaultState("acme")
		state.Deployment = "saas"
		state.RateLimit = &sandbox.RateLimit{Limit: 40, Window: 1, ConcurrentLimit: 25}
		sentry, err := sandbox.NewSentry(state, sandbox.Config{Now: time.Now, Rand: rand.Reader, Latency: 60 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		push, sent := pushIn(t, sentry, sentry.Token())
		began := time.Now()
		report, err := push.Run(t.Context(), wanted(t, city(10_000, 200)))
		took := time.Since(began)
		if err != nil || !report.Verified {
			t.Fatal(err)
		}
		requests := sent.Total()
		refused := 0
		for _, r := range sentry.Requests() {
			if r.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		ideal := time.Duration(requests) * time.Second / 40
		t.Logf("%d requests in %s, %.1f %% above %s, %d of them refused", requests, took, 100*(took.Seconds()/ideal.Seconds()-1), ideal, refused)
		if took > ideal*105/100 || refused*100 > requests {
			t.Error("too slow, or too often refused")
		}
	})
}

// TestTheFirstPushUsesItsConcurrency pushes the same people into a Sentry that
// sets no limit and answers after five milliseconds.
func TestTheFirstPushUsesItsConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const latency = 5 * time.Millisecond
		sentry, err := sandbox.NewSentry(sandbox.DefaultState("acme"), sandbox.Config{Now: time.Now, Rand: rand.Reader, Latency: latency})
		if err != nil {
			t.Fatal(err)
		}
		push, sent := pushIn(t, sentry, sentry.Token())
		began := time.Now()
		report, err := push.Run(t.Context(), wanted(t, city(10_000, 200)))
		took := time.Since(began)
		if err != nil || !report.Verified {
			t.Fatal(err)
		}
		ideal := latency * time.Duration(sent.Total()) / transport.DefaultConcurrency
		share := 100 * ideal.Seconds() / took.Seconds()
		t.Logf("%d requests in %s, %.1f %% of what %d at once allow", sent.Total(), took, share, transport.DefaultConcurrency)
		if share < 90 {
			t.Error("too slow")
		}
	})
}

// pushIn makes a push that speaks with handler in this process.
func pushIn(t *testing.T, handler http.Handler, token string) (*provision.Push, *transport.Counter) {
	t.Helper()
	const endpoint = "https://sentry.example/api/0/organizations/acme/scim/v2"
	sent := &transport.Counter{}
	clock := transport.Clock{Now: time.Now, Rand: rand.Reader}
	client, err := transport.New(transport.Options{
		Origin: endpoint, Token: secret.New(token), Counter: sent, Clock: clock, Base: inProcess{handler},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(endpoint, client, scim.Clock(clock))
	if err != nil {
		t.Fatal(err)
	}
	return &provision.Push{
		Client: c, SentryURL: strings.TrimSuffix(endpoint, "/api/0/organizations/acme/scim/v2"), Org: "acme", Source: "test",
		Policy: plan.Policy{Remove: plan.RemoveInactive}, Workers: transport.DefaultConcurrency, Now: time.Now, Guards: open(), Say: func(string, ...any) {},
		SaveSnapshot: func(*plan.Actual) (string, error) { return "", nil },
		Requests:     func() output.Requests { return output.Requests{Total: sent.Total(), ByMethod: sent.ByMethod()} },
	}, sent
}
