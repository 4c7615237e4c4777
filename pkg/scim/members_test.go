package scim_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// change is a PATCH of a team's members as a server reads it.
type change struct {
	Op  string
	IDs []string
}

// team is a server that changes the members of one team, a request at a time.
// answer decides what becomes of each; without it all is well. It calls commit
// to carry the request out.
type team struct {
	answer func(n int, c change, commit func(), req *http.Request) (*http.Response, error)

	mu      sync.Mutex
	members map[string]bool
	changes []change
	busy    int
	overlap bool
	odd     []string // what no request may have
}

func newTeam(ids ...string) *team {
	s := &team{members: map[string]bool{}}
	for _, id := range ids {
		s.members[id] = true
	}
	return s
}

func (s *team) RoundTrip(req *http.Request) (*http.Response, error) {
	c := s.read(req)
	s.mu.Lock()
	s.busy++
	s.overlap = s.overlap || s.busy > 1
	s.changes = append(s.changes, c)
	n := len(s.changes)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}()
	commit := func() { s.commit(c) }
	if s.answer == nil {
		commit()
		return response(http.StatusNoContent, ""), nil
	}
	return s.answer(n, c, commit, req)
}

var byValue = regexp.MustCompile(`^members\[value eq "([0-9]+)"\]$`)

func (s *team) read(req *http.Request) change {
	var body struct {
		Schemas    []string
		Operations []struct {
			Op, Path string
			Value    []struct{ Value string }
		}
	}
	text, _ := io.ReadAll(req.Body)
	err := json.Unmarshal(text, &body)
	var c change
	for _, o := range body.Operations {
		c.Op = o.Op
		if found := byValue.FindStringSubmatch(o.Path); o.Op == "remove" && found != nil {
			c.IDs = append(c.IDs, found[1])
			continue
		}
		if o.Op != "add" || o.Path != "members" || len(body.Operations) != 1 {
			err = errors.New("an operation of another kind")
		}
		for _, v := range o.Value {
			c.IDs = append(c.IDs, v.Value)
		}
	}
	_, marked := req.Header["Idempotency-Key"]
	if err != nil || req.Method != http.MethodPatch || req.URL.Path != base+"/Groups/5" || len(body.Schemas) != 1 ||
		len(body.Operations) > scim.MaxOperations || len(c.IDs) > 100 || len(c.IDs) == 0 || marked != (len(c.IDs) == 1) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.odd = append(s.odd, req.Method+" "+req.URL.Path+" "+string(text))
	}
	return c
}

func (s *team) commit(c change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range c.IDs {
		if c.Op == "add" {
			s.members[id] = true
		} else {
			delete(s.members, id)
		}
	}
}

// sizes writes the requests as "+100 -50".
func (s *team) sizes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, c := range s.changes {
		sign := "+"
		if c.Op == "remove" {
			sign = "-"
		}
		list = append(list, sign+strconv.Itoa(len(c.IDs)))
	}
	return strings.Join(list, " ")
}

// check holds what is true of every change: who is in the team, how it was asked.
func (s *team) check(t fataler, want []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(s.members))); want != nil && diff != "" {
		t.Fatalf("members (-want +got):\n%s", diff)
	}
	if s.overlap || len(s.odd) > 0 {
		t.Fatalf("overlapping %t, odd requests %q", s.overlap, s.odd)
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func response(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// over returns a client over the real transport with network as the network.
func over(t fataler, network http.RoundTripper, timeout time.Duration, clock transport.Clock) *scim.Client {
	t.Helper()
	client, err := transport.New(transport.Options{Clock: clock, Base: network, AttemptTimeout: timeout})
	if err != nil {
		t.Fatalf("%v", err)
	}
	c, err := scim.New("https://sentry.acme.test"+base, client, scim.Clock(clock))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// numbers returns the ids from first to last.
func numbers(first, last int) []string {
	var list []string
	for id := first; id <= last; id++ {
		list = append(list, strconv.Itoa(id))
	}
	return list
}

func TestChangeMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, add, remove, after []string
		sizes                      string
	}{
		"nothing":      {numbers(1, 3), nil, nil, numbers(1, 3), ""},
		"one of each":  {numbers(1, 3), numbers(4, 4), numbers(1, 1), numbers(2, 4), "+1 -1"},
		"all at once":  {nil, numbers(1, 100), nil, numbers(1, 100), "+100"},
		"a swap":       {numbers(1, 250), numbers(251, 500), numbers(1, 250), numbers(251, 500), "+100 +100 +50 -100 -100 -50"},
		"no news":      {numbers(1, 2), numbers(1, 2), numbers(8, 9), numbers(1, 2), "+2 -2"},
		"only removed": {numbers(1, 101), nil, numbers(1, 101), []string{}, "-100 -1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(tt.before...)
			leftAdd, leftRemove, err := over(t, s, time.Second, instant()).ChangeMembers(t.Context(), "5", tt.add, tt.remove)
			if err != nil || len(leftAdd)+len(leftRemove) != 0 || s.sizes() != tt.sizes {
				t.Errorf("left %v and %v, %v after %s", leftAdd, leftRemove, err, s.sizes())
			}
			s.check(t, tt.after)
		})
	}
}

// TestASlowTeamEndsRight adds 10,000 members, 10 ms each, through something that
// waits 300 ms for an answer, and removes half of them. What nobody waits for any
// more is carried out late or not at all.
func TestASlowTeamEndsRight(t *testing.T) {
	t.Parallel()
	const perMember, patience = 10 * time.Millisecond, 300 * time.Millisecond
	giveUp := map[string]func() (*http.Response, error){
		"504":           func() (*http.Response, error) { return response(504, "<html>"), nil },
		"502":           func() (*http.Response, error) { return response(502, "<html>"), nil },
		"cut":           func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"reset":         func() (*http.Response, error) { return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET} },
		"our own clock": nil,
		"half an answer": func() (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(cutOff{})}, nil
		},
	}
	for name, lose := range giveUp {
		for _, late := range []bool{true, false} {
			t.Run(name+" late "+strconv.FormatBool(late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newTeam()
					var before int // members of the request that was lost, or 0
					s.answer = func(_ int, c change, commit func(), req *http.Request) (*http.Response, error) {
						if before > 1 && len(c.IDs) > before/2 {
							t.Errorf("%d members follow a request of %d that was lost", len(c.IDs), before)
						}
						before = 0
						took := time.Duration(len(c.IDs)) * perMember
						if took <= patience {
							time.Sleep(took)
							commit()
							return response(http.StatusNoContent, ""), nil
						}
						before = len(c.IDs)
						if late {
							time.AfterFunc(took, commit)
						}
						if lose == nil {
							<-req.Context().Done()
							return nil, req.Context().Err()
						}
						time.Sleep(patience)
						return lose()
					}
					timeout := time.Minute
					if lose == nil {
						timeout = patience + perMember/2
					}
					clock := transport.Clock{Now: time.Now, Rand: half{}}
					leftAdd, leftRemove, err := over(t, s, timeout, clock).ChangeMembers(t.Context(), "5", numbers(1, 10_000), numbers(1, 5_000))
					if err != nil || len(leftAdd)+len(leftRemove) != 0 {
						t.Fatalf("%d and %d are left: %v", len(leftAdd), len(leftRemove), err)
					}
					time.Sleep(time.Minute) // what was under way ends
					s.check(t, numbers(5_001, 10_000))
					if n := len(s.changes); n > 1000 {
						t.Errorf("%d requests", n)
					}
				})
			})
		}
	}
}

// cutOff is a body that ends too soon.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestChangeMembersRecovers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []*http.Response
		sizes   string
	}{
		"a short 503":          {[]*http.Response{response(503, "")}, "+8 +8 -3"},
		"503 with a time":      {[]*http.Response{response(503, "", "Retry-After", "5"), response(503, "", "Retry-After", "5")}, "+8 +8 +8 -3"},
		"429":                  {[]*http.Response{response(429, "", "Retry-After", "5"), response(429, "")}, "+8 +8 +8 -3"},
		"one 504":              {[]*http.Response{response(504, "")}, "+8 +4 +4 -3"},
		"four 504s":            {[]*http.Response{response(504, ""), response(504, ""), response(504, ""), response(504, "")}, "+8 +4 +2 +1 +1 +2 +3 +2 -3"},
		"written by another":   {[]*http.Response{integrity(), integrity()}, "+8 +4 +2 +3 +3 -3"},
		"of one alone as well": {[]*http.Response{integrity(), integrity(), integrity(), integrity(), integrity()}, "+8 +4 +2 +1 +1 +1 +2 +3 +2 -3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam("1", "2", "3")
			s.answer = func(n int, _ change, commit func(), _ *http.Request) (*http.Response, error) {
				if n <= len(tt.answers) {
					return tt.answers[n-1], nil
				}
				commit()
				return response(http.StatusNoContent, ""), nil
			}
			_, _, err := over(t, s, time.Second, instant()).ChangeMembers(t.Context(), "5", numbers(4, 11), numbers(1, 3))
			if err != nil || s.sizes() != tt.sizes {
				t.Errorf("%v after %s, expected %s", err, s.sizes(), tt.sizes)
			}
			s.check(t, numbers(4, 11))
		})
	}
}

// integrity is how Sentry refuses what another request has just written.
func integrity() *http.Response { return response(400, refusal(400, "Database Integrity Error.")) }

func TestChangeMembersFails(t *testing.T) {
	t.Parallel()
	unknown := refusal(404, "User not found.")
	always := func(status int, body string) func(int, change) (*http.Response, error) {
		return func(int, change) (*http.Response, error) { return response(status, body), nil }
	}
	tests := map[string]struct {
		answer      func(n int, c change) (*http.Response, error) // nil, nil is success
		add, remove int                                           // members left
		sizes       string
		is          error
		code        fault.Code
		hint        string
	}{
		"a stale member": {
			func(n int, _ change) (*http.Response, error) {
				if n == 2 {
					return response(404, unknown), nil
				}
				return nil, nil
			}, 50, 120, "+100 +50", scim.ErrUnknownMember, fault.Failed, "",
		},
		"a stale member is removed": {
			func(_ int, c change) (*http.Response, error) {
				if c.Op == "remove" && len(c.IDs) == 20 {
					return response(404, unknown), nil
				}
				return nil, nil
			}, 0, 20, "+100 +50 -100 -20", scim.ErrUnknownMember, fault.Failed, "",
		},
		"the team is gone": {always(404, refusal(404, "Group not found.")), 150, 120, "+100", scim.ErrNotFound, fault.Failed, ""},
		"the token is unknown": {
			always(401, `{"detail":"Invalid token"}`), 150, 120, "+100", nil, fault.Credential, "the token is unknown",
		},
		"a fault of Sentry": {always(500, `{"detail":"Internal Error"}`), 150, 120, "+100", nil, fault.Failed, "repeated later"},
		"a login page":      {always(200, "<title>Log in</title>"), 150, 120, "+100", nil, fault.Failed, "login page"},
		"another 400":       {always(400, refusal(400, "Invalid SCIM payload.")), 150, 120, "+100", nil, fault.Failed, ""},
		"down": {
			always(502, "<html>"), 150, 120, "+100 +50 +25 +12 +6 +3" + strings.Repeat(" +1", 10), nil, fault.Failed, "repeated later",
		},
		"always busy": {
			always(400, refusal(400, "Database Integrity Error.")), 150, 120, "+100 +50 +25 +12 +6 +3 +1 +1 +1 +1 +1", nil, fault.Failed, "",
		},
		"no server": {
			func(int, change) (*http.Response, error) {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}, 150, 120, "+100", syscall.ECONNREFUSED, fault.Failed, "check host and port",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(numbers(1, 120)...)
			s.answer = func(n int, c change, commit func(), _ *http.Request) (*http.Response, error) {
				if resp, err := tt.answer(n, c); resp != nil || err != nil {
					return resp, err
				}
				commit()
				return response(http.StatusNoContent, ""), nil
			}
			add, remove := numbers(201, 350), numbers(1, 120)
			leftAdd, leftRemove, err := over(t, s, time.Second, instant()).ChangeMembers(t.Context(), "5", add, remove)
			if err == nil || (tt.is != nil && !errors.Is(err, tt.is)) || fault.CodeOf(err) != tt.code || s.sizes() != tt.sizes {
				t.Errorf("%v after %s, expected %s", err, s.sizes(), tt.sizes)
			}
			if diff := cmp.Diff([2][]string{add[150-tt.add:], remove[120-tt.remove:]}, [2][]string{leftAdd, leftRemove}, orEmpty()); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, expected %q", hints, tt.hint)
			}
			s.check(t, nil)
		})
	}
}

// orEmpty compares no ids as an empty list.
func orEmpty() cmp.Option {
	return cmp.Transformer("orEmpty", func(ids []string) string { return strings.Join(ids, " ") })
}

func TestChangeMembersSendsNothingWithAnOddID(t *testing.T) {
	t.Parallel()
	s := newTeam()
	c := over(t, s, time.Second, instant())
	for _, ids := range [][3][]string{{{".."}, {"1"}, {"2"}}, {{"5"}, {"1", ""}, {"2"}}, {{"5"}, {"1"}, {"2", `3"] or members[value eq "4`}}} {
		leftAdd, leftRemove, err := c.ChangeMembers(t.Context(), ids[0][0], ids[1], ids[2])
		if err == nil || !slices.Equal(leftAdd, ids[1]) || !slices.Equal(leftRemove, ids[2]) || s.sizes() != "" {
			t.Errorf("%q: left %q and %q, %v after %s", ids, leftAdd, leftRemove, err, s.sizes())
		}
	}
}

func TestChangeMembersStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newTeam()
	s.answer = func(n int, _ change, commit func(), req *http.Request) (*http.Response, error) {
		if n == 2 {
			cancel()
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		commit()
		return response(http.StatusNoContent, ""), nil
	}
	leftAdd, leftRemove, err := over(t, s, time.Minute, instant()).ChangeMembers(ctx, "5", numbers(1, 150), numbers(200, 210))
	if !errors.Is(err, context.Canceled) || len(leftAdd) != 50 || len(leftRemove) != 11 || s.sizes() != "+100 +50" {
		t.Errorf("left %d and %d, %v after %s", len(leftAdd), len(leftRemove), err, s.sizes())
	}
}

// TestChangeMembersInAnyTrouble lets requests go wrong at random: what is not
// left was done, and without an error all was.
func TestChangeMembersInAnyTrouble(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		add, remove := numbers(1, rapid.IntRange(0, 260).Draw(t, "add")), numbers(1001, 1000+rapid.IntRange(0, 260).Draw(t, "remove"))
		troubles := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 60).Draw(t, "troubles")
		s := newTeam(numbers(1001, 1260)...)
		s.answer = func(n int, _ change, commit func(), _ *http.Request) (*http.Response, error) {
			trouble := 0
			if n <= len(troubles) {
				trouble = troubles[n-1]
			}
			switch trouble {
			case 1:
				commit()
				return response(504, "<html>"), nil
			case 2:
				return response(502, "<html>"), nil
			case 3:
				commit()
				return nil, io.ErrUnexpectedEOF
			case 4:
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			case 5:
				return response(503, "", "Retry-After", "1"), nil
			case 6:
				return response(429, ""), nil
			case 7:
				return integrity(), nil
			case 8:
				return response(500, `{"detail":"Internal Error"}`), nil
			}
			commit()
			return response(http.StatusNoContent, ""), nil
		}
		leftAdd, leftRemove, err := over(t, s, time.Second, instant()).ChangeMembers(ctx, "5", add, remove)
		s.check(t, nil)
		if (err == nil) != (len(leftAdd)+len(leftRemove) == 0) {
			t.Fatalf("left %v and %v with the error %v", leftAdd, leftRemove, err)
		}
		doneAdd, doneRemove := add[:len(add)-len(leftAdd)], remove[:len(remove)-len(leftRemove)]
		if !slices.Equal(slices.Concat(doneAdd, leftAdd), add) || !slices.Equal(slices.Concat(doneRemove, leftRemove), remove) {
			t.Fatalf("left %v and %v are no ends", leftAdd, leftRemove)
		}
		for _, id := range doneAdd {
			if !s.members[id] {
				t.Fatalf("%s was not added", id)
			}
		}
		for _, id := range doneRemove {
			if s.members[id] {
				t.Fatalf("%s was not removed", id)
			}
		}
		if len(leftAdd) > 0 && len(doneRemove) > 0 {
			t.Fatalf("members were removed before all were added")
		}
	})
}
