package cmd

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// verdict is what an accident has to end in. No accident may take more than the
// default limits, whatever its exit code, and what is refused changes nothing.
type verdict int

const (
	bounded    verdict = iota // passed or refused
	refused                   // refused; over several nights with a memory by the third
	harmless                  // passed with nothing lost, and Sentry as the directory says
	recognized                // harmless with a memory, bounded without one
)

// of is the verdict in a variant.
func (w verdict) of(v variant) verdict {
	switch {
	case w == recognized && v.memory:
		return harmless
	case w == recognized:
		return bounded
	}
	return w
}

// accident is something that befalls the directory of an ordinary company, or
// what it is read with, on one night or on several.
type accident struct {
	name    string
	verdict verdict

	nights int           // 0 is one
	every  time.Duration // between the nights; 0 is a day

	file  func(c *company, night int) []byte     // nil: as ever
	want  func(c *company, night int) *company   // what harmless means; nil: the company as ever
	still bool                                   // harmless means that nothing changes, whatever want says
	args  []string                               // more flags
	env   []string                               // more variables
	with  func(state *sandbox.State, c *company) // how Sentry is otherwise
	idp   func(held *emulated.State, night int)  // people come from authentik, which this befalls
}

// variant is how an accident meets the program.
type variant struct {
	remove string // scim.remove
	memory bool   // with a state directory that is kept
}

func (v variant) String() string {
	return map[bool]string{true: "with memory", false: "without memory"}[v.memory] + ", --remove " + v.remove
}

func variants() []variant {
	return []variant{{"inactive", true}, {"inactive", false}, {"absent", true}, {"absent", false}}
}

// accidentCompany has 200 people.
func accidentCompany() *company {
	c := newCompany(200,
		[]unit{
			{"Backend", 34},
			{"Support", 28},
			{"Frontend", 25},
			{"Sales", 20},
			{"Data", 18},
			{"Mobile", 14},
			{"QA", 13},
			{"Infrastructure", 12},
			{"Design", 9},
			{"Security", 6},
			{"Docs", 4},
			{"Research", 3},
		},
		[]unit{{"Leads", 30}, {"On Call", 22}, {"Admins", 4}})
	for _, i := range []int{13, 47, 88, 121, 163, 196} {
		c.people[i].inactive = true
	}
	return c
}

// tally counts how the runs of the table ended.
type tally struct {
	mu                                        sync.Mutex
	runs, refused, passed, harmless, lostMore int
	wrong                                     int
	losing                                    map[string]bool // the accidents that took more than the limits in a run
}

func (t *tally) String() string {
	return fmt.Sprintf("%d runs: %d accidents refused, %d passed within the limits, %d harmless changes passed, %d lost more than the limits (%d accidents), %d otherwise wrong",
		t.runs, t.refused, t.passed, t.harmless, t.lostMore, len(t.losing), t.wrong)
}

func (t *tally) count(of *int, losing ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs++
	*of++
	for _, name := range losing {
		t.losing[name] = true
	}
}

// TestNoAccidentTakesMoreThanTheLimits pushes an ordinary company for two nights
// and then lets something happen, with the default settings: whatever it is,
// Sentry loses no more than the limits allow, and what is no accident passes.
func TestNoAccidentTakesMoreThanTheLimits(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	total := &tally{losing: map[string]bool{}}
	t.Cleanup(func() { t.Log(total) })
	seen := map[string]bool{}
	for n, a := range accidents() {
		if seen[a.name] {
			t.Fatalf("two accidents are called %q", a.name)
		}
		seen[a.name] = true
		if n%scaled(1, 5, 20) != 0 {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, v := range variants() {
				a.meet(t, table, v, total)
			}
		})
	}
	if len(seen) < 60 {
		t.Errorf("%d accidents, expected 60 at least", len(seen))
	}
}

// outcome is what a night of an accident ended in.
type outcome struct {
	ended

	night   int
	tonight loss // since the push began
	lost    loss // in all that a guard has to count
	after   standing
}

// meet lets the accident happen and judges what is left.
func (a accident) meet(t *testing.T, table *table, v variant, total *tally) {
	t.Helper()
	a.still = a.verdict == recognized
	a.verdict = a.verdict.of(v)
	s := table.site(t, a, v)
	if s == nil {
		total.count(&total.wrong)
		return
	}
	var windows []window
	var o outcome
	refusedBy, problem := 0, ""
	for night := 1; night <= max(1, a.nights) && problem == ""; night++ {
		s.pass(a.gap())
		before := standingOf(s.sentry.Snapshot())
		windows = append(windows, window{s.now(), before})
		o = outcome{ended: s.happen(a, night), night: night}
		o.after = standingOf(s.sentry.Snapshot())
		o.tonight = lossOf(before, o.after, s.managed(), s.forgotten)
		o.lost = lossOf(since(windows, s.now(), v.memory), o.after, s.managed(), s.forgotten)
		problem = a.problem(o, s)
		if o.code != 0 && refusedBy == 0 {
			refusedBy = night
		}
	}
	if problem == "" {
		problem = a.aftermath(s)
	}
	if problem == "" && a.verdict == refused && (refusedBy == 0 || refusedBy > 3) && (v.memory || a.nights < 2) {
		problem = "was not refused"
	}
	where := fmt.Sprintf("%s: exit %d", v, o.code)
	switch {
	case problem != "" && len(o.lost.beyond()) > 0:
		total.count(&total.lostMore, a.name)
		t.Errorf("%s: %s", where, problem)
	case problem != "":
		total.count(&total.wrong)
		t.Errorf("%s: %s; %s %q", where, problem, o.lost, o.told())
	case a.verdict == harmless:
		total.count(&total.harmless)
	case o.code == 0:
		total.count(&total.passed)
		where += ": " + o.lost.String()
	default:
		total.count(&total.refused)
		where += ": " + o.told()
	}
	if problem == "" && testing.Verbose() {
		t.Log(where)
	}
}

func (a accident) gap() time.Duration {
	if a.every > 0 {
		return a.every
	}
	return 24 * time.Hour
}

// window is what Sentry held before a push.
type window struct {
	at   time.Time
	held standing
}

// since is what Sentry held before the first push of the last seven times 24
// hours, or without a memory before the last.
func since(windows []window, now time.Time, memory bool) standing {
	if memory {
		for _, w := range windows {
			if now.Sub(w.at) < 7*24*time.Hour {
				return w.held
			}
		}
	}
	return windows[len(windows)-1].held
}

// aftermath has an ordinary night after an accident of the file: what was refused
// is not remembered, and what passed is given back. It says what is wrong.
func (a accident) aftermath(s *accidentSite) string {
	if a.verdict == harmless || a.with != nil || s.source != nil || s.memory == fresh {
		return ""
	}
	s.pass(24 * time.Hour)
	e := s.night(s.company.csv())
	if e.code == int(fault.Refused) { // people whom it added lose what it gave: that takes an override
		e = s.night(s.company.csv(), "--max-membership-losses", "100%", "--max-team-losses", "100%")
	}
	wrong := disagreements(standingOf(s.sentry.Snapshot()), s.company, s.byHand)
	if e.code != 0 || len(wrong) > 0 {
		return fmt.Sprintf("the ordinary night after it: exit %d: %d things wrong: %s; %s", e.code, len(wrong), strings.Join(wrong[:min(3, len(wrong))], ", "), e.told())
	}
	return ""
}

// problem says what is wrong after a night, or nothing.
func (a accident) problem(o outcome, s *accidentSite) string {
	switch over := o.lost.beyond(); {
	case len(over) > 0:
		return fmt.Sprintf("night %d: %s", o.night, strings.Join(over, "; "))
	case (o.code == 6 || o.code == 64) && (!o.tonight.none() || o.writes > 0):
		return "was refused and changed Sentry"
	case o.code == 6 && !strings.Contains(o.err, "hint: "):
		return "was refused without a hint"
	case a.verdict != harmless:
		return ""
	case o.code != 0:
		return "is harmless and did not pass"
	}
	want := s.company
	if a.want != nil {
		want = a.want(want.clone(), o.night)
	}
	if (a.want == nil || a.still) && !o.tonight.none() {
		return "is harmless and changed something"
	}
	if wrong := disagreements(o.after, want, s.byHand); len(wrong) > 0 {
		return fmt.Sprintf("is harmless and ended wrong in %d places: %s", len(wrong), strings.Join(wrong[:min(3, len(wrong))], ", "))
	}
	return ""
}
