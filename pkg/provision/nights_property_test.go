package provision_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// What becomes of somebody of the directory between two nights.
const (
	stays    = "stays"
	leaves   = "leaves"
	vanishes = "vanishes"
	renamed  = "has another address"
	swaps    = "has the address of another, who has theirs"
	blank    = "has no address"
)

// fate is somebody of the directory, on the first night and on the second.
type fate struct {
	id            string
	before, after string // addresses
	happens       string
	teams         [2][]string
}

// era is an organization, a directory on two nights, and how it is pushed.
type era struct {
	state  sandbox.State
	fates  []fate
	policy plan.Policy
}

var eraGroups = []string{"alpha", "beta", "leads"}

func drawEra(t *rapid.T) era {
	e := era{state: sandbox.DefaultState("acme")}
	e.policy.Remove = rapid.SampledFrom([]plan.Remove{plan.RemoveNever, plan.RemoveInactive, plan.RemoveAbsent}).Draw(t, "remove")
	e.policy.PruneTeams = rapid.Bool().Draw(t, "prune")
	for i := range 6 {
		f := fate{id: "i" + strconv.Itoa(i), before: fmt.Sprintf("p%d@acme.test", i)}
		f.happens, f.after = rapid.SampledFrom([]string{stays, stays, stays, leaves, vanishes, renamed, swaps, blank}).Draw(t, "happens"), f.before
		for night := range f.teams {
			for _, group := range eraGroups {
				if rapid.Bool().Draw(t, "in "+group) {
					f.teams[night] = append(f.teams[night], group)
				}
			}
		}
		switch {
		case f.happens == renamed:
			f.after = fmt.Sprintf("n%d@acme.test", i)
		case f.happens == blank:
			f.after = ""
		case f.happens == swaps && i%2 == 1 && e.fates[i-1].happens == stays: // with the one before
			f.after, e.fates[i-1].after, e.fates[i-1].happens = e.fates[i-1].before, f.before, swaps
		case f.happens == swaps:
			f.happens = stays
		}
		e.fates = append(e.fates, f)
	}
	e.drawStrangers(t)
	return e
}

// drawStrangers makes members whom the directory does not know, some of whom can
// be found by the addresses that people have later, and a row without an address.
func (e *era) drawStrangers(t *rapid.T) {
	e.state.Members = []sandbox.Member{{ID: "1", Email: "own@acme.test", Linked: true, Role: "owner"}, {ID: "2", Placeholder: true, Role: "member"}}
	hand := sandbox.Team{ID: "5", Name: "by hand", Slug: "by-hand", Members: []string{"1", "2"}}
	alpha := sandbox.Team{ID: "6", Name: "ALPHA", Slug: "alpha", Members: []string{"2"}}
	for i := range 3 {
		m := sandbox.Member{ID: strconv.Itoa(10 + i), Email: fmt.Sprintf("s%d@acme.test", i), Linked: true, Role: rapid.SampledFrom([]string{"member", "admin"}).Draw(t, "role")}
		if rapid.Bool().Draw(t, "has a second address") {
			m.SecondaryEmails = []string{fmt.Sprintf("n%d@acme.test", rapid.IntRange(0, 5).Draw(t, "of"))}
		}
		e.state.Members = append(e.state.Members, m)
		hand.Members = append(hand.Members, m.ID)
		if rapid.Bool().Draw(t, "in alpha") {
			alpha.Members = append(alpha.Members, m.ID)
		}
	}
	e.state.Teams = []sandbox.Team{hand, alpha}
}

// directory is what the directory says on the night.
func (e *era) directory(night int) *directory.Directory {
	d := &directory.Directory{Source: "era"}
	members := map[string][]string{}
	for _, f := range e.fates {
		p := directory.Person{ID: f.id, Username: f.id, Email: f.before, Active: true, Groups: f.teams[night]}
		if night == 1 {
			p.Email, p.Active = f.after, f.happens != leaves
		}
		if night == 1 && f.happens == vanishes {
			continue
		}
		d.People = append(d.People, p)
		for _, group := range p.Groups {
			members[group] = append(members[group], f.id)
		}
	}
	for _, group := range eraGroups {
		d.Groups = append(d.Groups, directory.Group{Name: group, Members: members[group]})
	}
	return d
}

// standing is what Sentry holds, by ids of members.
type standing struct {
	email map[string]string
	role  map[string]string
	in    map[string][]string // names of teams
}

func standingOf(state sandbox.State) standing {
	s := standing{email: map[string]string{}, role: map[string]string{}, in: map[string][]string{}}
	for _, m := range state.Members {
		s.email[m.ID], s.role[m.ID] = m.Email, m.Role
	}
	for _, team := range state.Teams {
		for _, id := range team.Members {
			s.in[id] = append(s.in[id], team.Name)
		}
	}
	for id := range s.in {
		slices.Sort(s.in[id])
	}
	return s
}

// idOf is the member of an address.
func (s standing) idOf(email string) string {
	for id, other := range s.email {
		if strings.EqualFold(other, email) {
			return id
		}
	}
	return ""
}

// TestNothingIsLostOverNights pushes a directory, changes it at random, and pushes
// it again: who is still there loses no seat and takes no second one, nobody
// loses what was not the directory's to give, and a restore brings all of it back.
func TestNothingIsLostOverNights(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		e := drawEra(rt)
		w := newWorld(t, e.state, nil)
		defer w.server.Close()
		w.push.Policy, w.push.Guards = e.policy, open()
		w.push.Record = memory.New(w.server.URL, "acme")
		w.push.SaveRecord = func(*memory.Record) error { return nil }
		var past *snapshot.Snapshot
		w.push.SaveSnapshot = func(a *plan.Actual) (string, error) {
			past = snapshot.Take(w.server.URL, "acme", clock(), a)
			return "snapshot.json", nil
		}
		night := func(n int) standing {
			want, err := desired.Want(e.directory(n), desired.Selection{Roles: managers()})
			if err != nil {
				rt.Fatal(err)
			}
			report, err := w.push.Run(t.Context(), want)
			if err != nil || !report.Verified {
				rt.Fatalf("night %d: %v, plan %q, failed %v, unverified %q", n, err, report.Plan.Lines(), report.Failed, report.Unverified)
			}
			return standingOf(w.sentry.Snapshot())
		}
		first := night(0)
		past = nil
		second := night(1)
		e.check(rt, first, second)
		quiet(rt, w, func() { night(1) })
		if past == nil {
			return
		}
		report, err := w.push.Restore(t.Context(), past, provision.Restoring{Roles: true})
		if err != nil || !report.Verified {
			rt.Fatalf("restore: %v, failed %v, unverified %q", err, report.Failed, report.Unverified)
		}
		checkRestored(rt, first, standingOf(w.sentry.Snapshot()))
		if recent := w.push.Record.Recent(clock()); report.Applied.Total() > 0 && !recent.Empty() {
			rt.Fatalf("given back, and taken is %+v", recent)
		}
	})
}

// quiet repeats a night. Who had somebody's address may have left in the night
// before, so that the first time somebody is invited.
func quiet(rt *rapid.T, w *world, night func()) {
	night()
	before := w.push.Requests().ByMethod
	night()
	if diff := cmp.Diff(map[string]int{http.MethodGet: 2}, difference(w.push.Requests().ByMethod, before)); diff != "" {
		rt.Fatalf("a quiet night sends more than the lists (-want +got):\n%s", diff)
	}
}

// check holds the second night against the first.
func (e *era) check(rt *rapid.T, first, second standing) {
	for _, id := range []string{"1", "2"} {
		if first.role[id] != second.role[id] || !cmp.Equal(first.in[id], second.in[id]) {
			rt.Fatalf("the owner or the row without an address was touched: %v, then %v", first.in[id], second.in[id])
		}
	}
	known := map[string]bool{}
	for _, f := range e.fates {
		id := first.idOf(f.before)
		known[id] = true
		stays := second.email[id] != ""
		mayGo := f.happens == leaves && e.policy.Remove != plan.RemoveNever || f.happens == vanishes && e.policy.Remove == plan.RemoveAbsent
		switch {
		case stays == mayGo:
			rt.Fatalf("%s %s: a member is %v", f.id, f.happens, stays)
		case !stays:
		case f.happens == swaps || f.happens == blank: // not known who they are: all is kept
			if first.role[id] != second.role[id] || !cmp.Equal(first.in[id], second.in[id]) {
				rt.Fatalf("%s %s: %s in %v, then %s in %v", f.id, f.happens, first.role[id], first.in[id], second.role[id], second.in[id])
			}
		case f.happens != vanishes:
			want := append([]string{}, f.teams[1]...)
			if got := append([]string{}, second.in[id]...); !cmp.Equal(want, got) {
				rt.Fatalf("%s %s: in %v, want %v", f.id, f.happens, got, want)
			}
			if role := second.role[id]; f.happens != leaves && role == "manager" != slices.Contains(f.teams[1], "leads") {
				rt.Fatalf("%s %s: %s in %v", f.id, f.happens, role, f.teams[1])
			}
		}
	}
	for id := range second.email {
		if _, there := first.email[id]; !there {
			rt.Fatalf("%s takes a new seat", second.email[id])
		}
	}
	for _, m := range e.state.Members[2:] { // strangers
		if stays := second.email[m.ID] != ""; !stays && e.policy.Remove != plan.RemoveAbsent || stays && second.role[m.ID] != m.Role {
			rt.Fatalf("the stranger %s is a member: %v, %s", m.Email, stays, second.role[m.ID])
		} else if stays && !slices.Contains(second.in[m.ID], "by hand") {
			rt.Fatalf("the stranger %s is in %v", m.Email, second.in[m.ID])
		}
	}
}

// checkRestored checks that what the first night left is there, whatever the ids.
func checkRestored(rt *rapid.T, first, restored standing) {
	for _, id := range slices.Sorted(maps.Keys(first.email)) {
		email := first.email[id]
		if email == "" {
			continue
		}
		now := restored.idOf(email)
		if now == "" || restored.role[now] != first.role[id] {
			rt.Fatalf("%s, who was %s, is member %q, %s", email, first.role[id], now, restored.role[now])
		}
		for _, team := range first.in[id] {
			if !slices.Contains(restored.in[now], team) {
				rt.Fatalf("%s is in %v, was in %v", email, restored.in[now], first.in[id])
			}
		}
	}
}
