package cmd

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

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

	file func(c *company, night int) []byte     // nil: as ever
	want func(c *company, night int) *company   // what harmless means; nil: the company as ever
	args []string                               // more flags
	env  []string                               // more variables
	with func(state *sandbox.State, c *company) // how Sentry is otherwise
	idp  func(held *emulated.State, night int)  // people come from authentik, which this befalls
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
			{"Backend", 34}, {"Support", 28}, {"Frontend", 25}, {"Sales", 20}, {"Data", 18}, {"Mobile", 14}, {"QA", 13},
			{"Infrastructure", 12}, {"Design", 9}, {"Security", 6}, {"Docs", 4}, {"Research", 3},
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
}

func (t *tally) String() string {
	return fmt.Sprintf("%d runs of accidents: %d refused, %d passed within the limits, %d harmless ones passed, %d lost more than the limits, %d otherwise wrong",
		t.runs, t.refused, t.passed, t.harmless, t.lostMore, t.wrong)
}

func (t *tally) count(of *int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs++
	*of++
}

// TestNoAccidentTakesMoreThanTheLimits pushes an ordinary company for two nights
// and then lets something happen, with the default settings: whatever it is,
// Sentry loses no more than the limits allow, and what is no accident passes.
func TestNoAccidentTakesMoreThanTheLimits(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	total := &tally{}
	t.Cleanup(func() { t.Log(total) })
	seen := map[string]bool{}
	for n, a := range accidents() {
		if seen[a.name] {
			t.Fatalf("two accidents are called %q", a.name)
		}
		seen[a.name] = true
		if (testing.Short() || raced) && n%5 != 0 {
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

// meet lets the accident happen and judges what is left.
func (a accident) meet(t *testing.T, table *table, v variant, total *tally) {
	t.Helper()
	a.verdict = a.verdict.of(v)
	s := table.site(t, a, v)
	if s == nil {
		total.count(&total.wrong)
		return
	}
	nights := max(1, a.nights)
	windows := []window{}
	refusedBy, problem := 0, ""
	var last ended
	var lost loss
	for night := 1; night <= nights && problem == ""; night++ {
		s.pass(a.gap())
		before := standingOf(s.sentry.Snapshot())
		windows = append(windows, window{s.now(), before})
		last = s.happen(a, night)
		after := standingOf(s.sentry.Snapshot())
		if last.code != 0 && refusedBy == 0 {
			refusedBy = night
		}
		lost = lossOf(since(windows, s.now(), v.memory), after, s.managed(), s.forgotten)
		problem = a.problem(v, night, last, lossOf(before, after, s.managed(), s.forgotten), lost, after, s)
	}
	if problem == "" && a.verdict == refused && (refusedBy == 0 || refusedBy > 3) && (v.memory || nights == 1) {
		problem = "was not refused"
	}
	where := fmt.Sprintf("%s: exit %d", v, last.code)
	switch {
	case problem != "" && len(lost.beyond()) > 0:
		total.count(&total.lostMore)
		t.Errorf("%s: %s", where, problem)
	case problem != "":
		total.count(&total.wrong)
		t.Errorf("%s: %s; %s %q", where, problem, lost, last.told())
	case a.verdict == harmless:
		total.count(&total.harmless)
	case last.code == 0:
		total.count(&total.passed)
		where += ": " + lost.String()
	default:
		total.count(&total.refused)
		where += ": " + last.told()
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

// problem says what is wrong after a night, or nothing.
func (a accident) problem(v variant, night int, e ended, tonight, lost loss, after standing, s *accidentSite) string {
	switch over := lost.beyond(); {
	case len(over) > 0:
		return "night " + fmt.Sprint(night) + ": " + strings.Join(over, "; ")
	case (e.code == 6 || e.code == 64) && (!tonight.none() || e.writes > 0):
		return "was refused and changed Sentry"
	case e.code == 6 && !strings.Contains(e.err, "hint: "):
		return "was refused without a hint"
	case a.verdict != harmless:
		return ""
	case e.code != 0:
		return "is harmless and did not pass"
	}
	want := s.company
	if a.want != nil {
		want = a.want(want.clone(), night)
	} else if !tonight.none() {
		return "is harmless and changed something"
	}
	if wrong := disagreements(after, want, s.byHand); len(wrong) > 0 {
		return fmt.Sprintf("is harmless and ended wrong in %d places: %s", len(wrong), strings.Join(wrong[:min(3, len(wrong))], ", "))
	}
	return ""
}
