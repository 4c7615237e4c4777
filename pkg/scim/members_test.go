package scim_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
	giveUp := map[string]verdict{
		"504":            {status: 504, body: "<html>"},
		"502":            {status: 502, body: "<html>"},
		"cut":            {err: io.ErrUnexpectedEOF},
		"reset":          {err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
		"half an answer": {status: 200, body: halfBody},
		"our own clock":  {},
	}
	for name, lose := range giveUp {
		lates := []bool{true}
		ours := lose.status == 0 && lose.err == nil
		if name == "504" || ours {
			lates = append(lates, false)
		}
		for _, late := range lates {
			t.Run(name+" late "+strconv.FormatBool(late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newTeam()
					var before int // members of the request that was lost, or 0
					s.answer = func(_ int, c change, commit func(), req *http.Request) verdict {
						if before > 1 && len(c.IDs) > before/2 {
							t.Errorf("%d members follow a request of %d that was lost", len(c.IDs), before)
						}
						before = 0
						took := time.Duration(len(c.IDs)) * perMember
						if took <= patience {
							time.Sleep(took)
							commit()
							return done()
						}
						before = len(c.IDs)
						if late {
							time.AfterFunc(took, commit)
						}
						if ours {
							<-req.Context().Done()
							return verdict{err: req.Context().Err()}
						}
						time.Sleep(patience)
						return lose
					}
					timeout := time.Minute
					if ours {
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

func TestChangeMembersRecovers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []verdict
		sizes   string
	}{
		"a short 503":          {[]verdict{{status: 503}}, "+8 +8 -3"},
		"503 with a time":      {[]verdict{{status: 503, headers: []string{"Retry-After", "5"}}, {status: 503, headers: []string{"Retry-After", "5"}}}, "+8 +8 +8 -3"},
		"429":                  {[]verdict{{status: 429, headers: []string{"Retry-After", "5"}}, {status: 429}}, "+8 +8 +8 -3"},
		"one 504":              {[]verdict{{status: 504}}, "+8 +4 +4 -3"},
		"four 504s":            {[]verdict{{status: 504}, {status: 504}, {status: 504}, {status: 504}}, "+8 +4 +2 +1 +1 +2 +3 +2 -3"},
		"written by another":   {[]verdict{integrity(), integrity()}, "+8 +4 +2 +3 +3 -3"},
		"of one alone as well": {[]verdict{integrity(), integrity(), integrity(), integrity(), integrity()}, "+8 +4 +2 +1 +1 +1 +2 +3 +2 -3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam("1", "2", "3")
			s.answer = func(n int, _ change, commit func(), _ *http.Request) verdict {
				if n <= len(tt.answers) {
					return tt.answers[n-1]
				}
				commit()
				return done()
			}
			_, _, err := over(t, s, time.Second, instant()).ChangeMembers(t.Context(), "5", numbers(4, 11), numbers(1, 3))
			if err != nil || s.sizes() != tt.sizes {
				t.Errorf("%v after %s, expected %s", err, s.sizes(), tt.sizes)
			}
			s.check(t, numbers(4, 11))
		})
	}
}

// TestACutConnectionIsNotRepeatedWhole goes over a real network, where net/http
// repeats what it knows to be idempotent when a kept connection breaks.
func TestACutConnectionIsNotRepeatedWhole(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		if n := strings.Count(c.body, `"value":"`); n > 10 && n != 100 {
			drop(w)
		}
		w.WriteHeader(http.StatusNoContent)
	}}
	leftAdd, _, err := connect(t, s).ChangeMembers(t.Context(), "5", numbers(1, 150), nil)
	if err != nil || len(leftAdd) > 0 {
		t.Fatalf("%d are left: %v", len(leftAdd), err)
	}
	seen := map[string]bool{}
	for _, c := range s.seen() {
		if seen[c.body] {
			t.Errorf("sent again: %s", c.body)
		}
		seen[c.body] = true
	}
}

// TestEveryOtherRequestBusy counts failures in a row only.
func TestEveryOtherRequestBusy(t *testing.T) {
	t.Parallel()
	s, refusals := newTeam(), 0
	s.answer = func(n int, _ change, commit func(), _ *http.Request) verdict {
		if n%2 == 1 {
			refusals++
			return integrity()
		}
		commit()
		return done()
	}
	_, _, err := over(t, s, time.Second, instant()).ChangeMembers(t.Context(), "5", numbers(1, 300), nil)
	if err != nil || refusals < 20 {
		t.Errorf("%v after %d refusals", err, refusals)
	}
	s.check(t, numbers(1, 300))
}

func TestChangeMembersFails(t *testing.T) {
	t.Parallel()
	unknown := refusal(404, "User not found.")
	always := func(status int, body string) func(int, change) verdict {
		return func(int, change) verdict { return verdict{status: status, body: body} }
	}
	tests := map[string]struct {
		answer      func(n int, c change) verdict
		add, remove int // members left
		sizes       string
		is          error
		code        fault.Code
		hint        string
	}{
		"a stale member": {
			func(n int, _ change) verdict {
				if n == 2 {
					return verdict{status: 404, body: unknown}
				}
				return done()
			}, 50, 120, "+100 +50", scim.ErrUnknownMember, fault.Failed, "",
		},
		"a stale member is removed": {
			func(_ int, c change) verdict {
				if c.Op == "remove" && len(c.IDs) == 20 {
					return verdict{status: 404, body: unknown}
				}
				return done()
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
			func(int, change) verdict { return refused() }, 150, 120, "+100", syscall.ECONNREFUSED, fault.Failed, "check host and port",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(numbers(1, 120)...)
			s.answer = func(n int, c change, commit func(), _ *http.Request) verdict {
				v := tt.answer(n, c)
				if v.status == http.StatusNoContent {
					commit()
				}
				return v
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
	s.answer = func(n int, _ change, commit func(), req *http.Request) verdict {
		if n == 2 {
			cancel()
			<-req.Context().Done()
			return verdict{err: req.Context().Err()}
		}
		commit()
		return done()
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
		s.answer = func(n int, _ change, commit func(), _ *http.Request) verdict {
			trouble := 0
			if n <= len(troubles) {
				trouble = troubles[n-1]
			}
			switch trouble {
			case 1:
				commit()
				return verdict{status: 504, body: "<html>"}
			case 2:
				return verdict{status: 502, body: "<html>"}
			case 3:
				commit()
				return verdict{err: io.ErrUnexpectedEOF}
			case 4:
				return refused()
			case 5:
				return verdict{status: 503, headers: []string{"Retry-After", "1"}}
			case 6:
				return verdict{status: 429}
			case 7:
				return integrity()
			case 8:
				return verdict{status: 500, body: `{"detail":"Internal Error"}`}
			}
			commit()
			return done()
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
