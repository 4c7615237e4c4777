package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestEachGuardHoldsAtItsLimit(t *testing.T) {
	t.Parallel()
	for name, a := range accidents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{200, 12} {
				allowed := max(3, size*a.percent/100)
				for n, wrong := range map[int]bool{0: false, allowed: false, allowed + 1: true} {
					c := a.before(size)
					a.happens(c, n)
					err := c.judged(a.guard())
					switch {
					case wrong:
						refused(t, err, fmt.Sprintf("%s %d", a.override, n))
					case err != nil:
						t.Errorf("%d of %d: %v", n, size, err)
					}
				}
			}
		})
	}
}

// What the pushes of seven days took counts, against the size at their beginning.
func TestEachGuardRemembers(t *testing.T) {
	t.Parallel()
	for name, a := range accidents() {
		if a.earlier == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size, now = 200, 160 // then, and left by now
			allowed := size * a.percent / 100
			for n, wrong := range map[int]bool{allowed - 5: false, allowed - 4: true} {
				c := a.before(now)
				c.record.Taken = []memory.Taken{*taken(1000, clock().Add(-memory.Window)), *taken(size, clock().Add(-memory.Window+1)), *taken(now, clock())}
				c.record.Taken[0].Losses, c.record.Taken[1].Losses, c.record.Taken[2].Losses = a.earlier(500), a.earlier(2), a.earlier(3)
				a.happens(c, n)
				err := c.judged(a.guard())
				switch {
				case wrong:
					refused(t, err, fmt.Sprintf("%s %d", a.override, n+5))
					if !strings.Contains(err.Error(), "5 of them in the last 7 days") {
						t.Errorf("earlier pushes are not told: %v", err)
					}
				case err != nil:
					t.Errorf("%d after 5 of %d: %v", n, size, err)
				}
			}
		})
	}
}

func TestATeamRemembersWhatItLost(t *testing.T) {
	t.Parallel()
	for n, wrong := range map[int]bool{6: false, 7: true} { // 10 of 40, which is a quarter
		c := inOneTeam(36)
		c.record.Taken = []memory.Taken{
			{At: clock().Add(-memory.Window), Losses: memory.Losses{Teams: map[string]int{"1": 30}}},
			{At: clock().Add(-time.Hour), Losses: memory.Losses{Teams: map[string]int{"1": 4, "2": 30}}},
		}
		c.want.Teams[0].Members = c.want.Teams[0].Members[n:]
		err := c.judged(accidents()["memberships of one team lost"].guard())
		if wrong {
			refused(t, err, "--max-team-losses 11")
		} else if err != nil {
			t.Errorf("%d after 4: %v", n, err)
		}
	}
}

// The override that is named lets every team through that was refused.
func TestTheOverrideOfTeamsIsEnough(t *testing.T) {
	t.Parallel()
	c := newCompany(0, 2, "member")
	fill := func(n, people, stay int) {
		for i := range people {
			email := fmt.Sprintf("t%d-%d@acme.test", n, i)
			m, p := member(strconv.Itoa(1000*(n+1)+i), email, "member"), active(email)
			c.actual.Users, c.want.People = append(c.actual.Users, m), append(c.want.People, p)
			c.actual.Groups[n].Members = append(c.actual.Groups[n].Members, scim.Member{ID: m.ID, Display: email})
			if i < stay {
				c.want.Teams[n].Members = append(c.want.Teams[n].Members, p)
			}
		}
	}
	fill(0, 100, 70) // loses 30, five more than allowed
	fill(1, 40, 14)  // loses 26, 16 more than allowed
	guard := accidents()["memberships of one team lost"].guard()
	err := c.judged(guard)
	refused(t, err, "--max-team-losses 30")
	if !strings.Contains(err.Error(), `2 teams lose too many members who stay: "team-0" (30 of 100), "team-1" (26 of 40)`) {
		t.Error(err)
	}
	guard.Teams = plan.Limit{Count: 30}
	if err := c.judged(guard); err != nil {
		t.Errorf("with the override: %v", err)
	}
}

func TestAFirstPushIntoAnEmptySentryPasses(t *testing.T) {
	t.Parallel()
	for name, users := range map[string][]scim.User{"nobody": nil, "owners": {member("1", "own@acme.test", "owner"), member("2", "er@acme.test", "Owner")}} {
		c := newCompany(50, 5, "member")
		c.give(50, "manager")
		c.actual, c.record = plan.Actual{Users: users}, nil
		if err := c.judged(plan.Standard()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.actual.Users = append([]scim.User{member("3", "first@acme.test", "member")}, users...)
		refused(t, c.judged(plan.Standard()), "--max-promotions 50")
	}
}

// People leave, and fewer come than would replace them.
func TestLeaversAreNoOtherDirectory(t *testing.T) {
	t.Parallel()
	for coming, wrong := range map[int]bool{9: false, 10: false, 14: false, 15: true, 30: true} {
		c := newCompany(100, 1, "member")
		c.want.People = c.want.People[30:]
		for i := range coming {
			c.want.People = append(c.want.People, active(fmt.Sprintf("new%d@acme.test", i)))
		}
		err := c.judged(accidents()["another directory"].guard())
		if wrong {
			refused(t, err, "--max-replaced")
		} else if err != nil {
			t.Errorf("30 leave, %d come: %v", coming, err)
		}
	}
}

// Whoever was never named by the directory is nobody that it lost, where that is
// known.
func TestStrangersAreNoOtherDirectory(t *testing.T) {
	t.Parallel()
	build := func() *company {
		c := newCompany(100, 1, "member")
		for i := range 30 {
			c.actual.Users = append(c.actual.Users, member(strconv.Itoa(5000+i), fmt.Sprintf("stranger%d@acme.test", i), "member"))
			c.want.People = append(c.want.People, active(fmt.Sprintf("new%d@acme.test", i)))
		}
		return c
	}
	guard := accidents()["another directory"].guard()
	c := build()
	if err := c.judged(guard); err != nil {
		t.Errorf("with a memory: %v", err)
	}
	for name, record := range map[string]*memory.Record{"none": nil, "of no push": memory.New("https://sentry.test", "acme"), "of a push that noted nobody": remembered()} {
		c.record = record
		if err := c.judged(guard); err == nil {
			t.Errorf("memory: %s: not refused", name)
		}
	}
}

func TestOverridesForgetWhatTheyLetThrough(t *testing.T) {
	t.Parallel()
	earlier := memory.Losses{Removed: 8, Lost: 18, Promoted: 9, Demoted: 9, Deleted: 9, Teams: map[string]int{"1": 4}}
	for name, a := range accidents() {
		if a.earlier == nil && a.override != "--max-team-losses" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n, forgotten := range map[int]bool{1: false, 100: true} {
				c := a.before(200)
				c.record.Taken = []memory.Taken{*taken(200, clock())}
				c.record.Taken[0].Losses = earlier
				a.happens(c, n)
				verdicts := open().Judge(plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record, Now: clock()})
				if err := verdicts.Err(); err != nil {
					t.Fatal(err)
				}
				verdicts.Forgive(c.record)
				left := c.record.Recent(clock()).Losses
				kept := map[string]int{
					"--max-removals": left.Removed, "--max-membership-losses": left.Lost, "--max-promotions": left.Promoted,
					"--max-demotions": left.Demoted, "--max-team-losses": left.Teams["1"], "--max-team-removals": left.Deleted,
				}
				if kept[a.override] == 0 != forgotten {
					t.Errorf("after %d: left is %+v, forgotten should be %v", n, left, forgotten)
				}
				if a.override != "--max-removals" && left.Removed != 8 {
					t.Errorf("after %d: the removals are forgotten too", n)
				}
			}
		})
	}
}

// Of several teams, one that was let through makes what was lost be forgotten,
// even where another one lost more.
func TestOneTeamThatWasLetThroughIsForgotten(t *testing.T) {
	t.Parallel()
	c := newCompany(20, 2, "member") // two teams of ten
	c.want.Teams[1].Members = c.want.Teams[1].Members[4:]
	for i := range 90 { // the first one has a hundred, of which it loses ten
		email := fmt.Sprintf("x%d@acme.test", i)
		m, p := member(strconv.Itoa(5000+i), email, "member"), active(email)
		c.actual.Users, c.want.People = append(c.actual.Users, m), append(c.want.People, p)
		c.actual.Groups[0].Members = append(c.actual.Groups[0].Members, scim.Member{ID: m.ID, Display: email})
		if i >= 10 {
			c.want.Teams[0].Members = append(c.want.Teams[0].Members, p)
		}
	}
	c.record.Taken = []memory.Taken{{At: clock(), Losses: memory.Losses{Lost: 1, Teams: map[string]int{"2": 1}}}}
	verdicts := open().Judge(plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record, Now: clock()})
	verdicts.Forgive(c.record)
	if left := c.record.Recent(clock()); len(left.Teams) > 0 {
		t.Errorf("left is %+v", left)
	}
}

func TestWhatIsNoLoss(t *testing.T) {
	t.Parallel()
	strict := open()
	strict.Memberships, strict.Teams = plan.Limit{}, plan.Limit{}
	tests := map[string]struct {
		happens func(c *company)
		lost    int
	}{
		"a move to another managed team": {func(c *company) {
			web, data := &c.want.Teams[0], &c.want.Teams[1]
			web.Members, data.Members = web.Members[1:], append([]*desired.Person{web.Members[0]}, data.Members...)
		}, 0},
		"a move to a new team": {func(c *company) {
			web := &c.want.Teams[0]
			c.want.Teams = append(c.want.Teams, wantedTeam("new", web.Members[0]))
			web.Members = web.Members[1:]
		}, 0},
		"a team under another name, and the old one deleted": {func(c *company) {
			c.record.Created = []memory.Team{{ID: "1", Name: "team-0", Group: "team-0"}}
			c.want.Teams[0].Name, c.want.Teams[0].Slug, c.want.Teams[0].Group = "other", "other", "other"
		}, 0},
		"a team that is deleted": {func(c *company) {
			c.record.Created = []memory.Team{{ID: "1", Name: "team-0", Group: "team-0"}}
			c.want.Teams = c.want.Teams[1:]
		}, 5},
		"people who leave Sentry": {func(c *company) {
			c.want.People[0].Active = false
			c.want.Teams[0].Members = c.want.Teams[0].Members[1:]
		}, 0},
		"out of one team": {func(c *company) { c.want.Teams[0].Members = c.want.Teams[0].Members[1:] }, 1},
		"out of two teams, into one": {func(c *company) {
			who := c.want.Teams[0].Members[0]
			group := &c.actual.Groups[1]
			group.Members = append(group.Members, scim.Member{ID: "1000", Display: who.Email})
			c.want.Teams[0].Members = c.want.Teams[0].Members[1:]
			c.want.Teams = append(c.want.Teams, wantedTeam("new", who))
		}, 1},
		"who replaces them is somebody else": {func(c *company) {
			c.want.Teams[0].Members = append([]*desired.Person{c.want.People[1]}, c.want.Teams[0].Members[1:]...)
		}, 1},
		"what somebody else gains": {func(c *company) {
			who := c.want.Teams[0].Members[0]
			c.want.Teams = append(c.want.Teams, wantedTeam("new", who), wantedTeam("other", who))
			c.want.Teams[0].Members = c.want.Teams[0].Members[2:] // the first has two teams for it, the second none
		}, 1},
		"a team that is not managed": {func(c *company) { c.want.Teams = c.want.Teams[1:] }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(10, 2, "member")
			tt.happens(c)
			of := plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record, Now: clock()}
			if lost := of.Taken().Lost; lost != tt.lost {
				t.Errorf("%d memberships lost, expected %d by %v", lost, tt.lost, of.Plan.Lines())
			}
			if err := judged(strict, of); (err != nil) != (tt.lost > 0) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Of a plan that was not carried out whole, what was done counts.
func TestTakenByWhatWasDone(t *testing.T) {
	t.Parallel()
	c := newCompany(20, 2, "manager")
	c.want.People[0].Active = false
	c.give(3, "")
	c.want.Teams[0].Members = c.want.Teams[0].Members[3:] // 0, who leaves, 2 and 4
	c.record.Created = []memory.Team{{ID: "2", Name: "team-1", Group: "team-1"}}
	c.want.Teams = c.want.Teams[:1]
	of := plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record, Now: clock()}
	p := of.Plan.Plan
	tests := map[string]struct {
		done *plan.Plan
		want memory.Losses
	}{
		"all":             {p, memory.Losses{Removed: 1, Lost: 12, Demoted: 2, Deleted: 1, Teams: map[string]int{"1": 2}}},
		"nothing":         {plan.New(), memory.Losses{Teams: map[string]int{}}},
		"one membership":  {&plan.Plan{MembersRemove: p.MembersRemove[:1]}, memory.Losses{Lost: 1, Teams: map[string]int{"1": 1}}},
		"the team":        {&plan.Plan{TeamsDelete: p.TeamsDelete}, memory.Losses{Lost: 10, Deleted: 1, Teams: map[string]int{}}},
		"one role":        {&plan.Plan{UsersRole: p.UsersRole[:1]}, memory.Losses{Demoted: 1, Teams: map[string]int{}}},
		"the one removal": {&plan.Plan{UsersRemove: p.UsersRemove}, memory.Losses{Removed: 1, Teams: map[string]int{}}},
	}
	for name, tt := range tests {
		taken := of.TakenBy(tt.done)
		if diff := cmp.Diff(tt.want, taken.Losses); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if taken.Members != 20 || taken.Memberships != 20 || taken.Elevated != 20 || !taken.At.Equal(clock()) {
			t.Errorf("%s: of %+v", name, taken)
		}
	}
}

func TestRolesUpAndDownAreToldApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to, standard string
		up, down           bool
	}{
		{"member", "admin", "", true, false},
		{"admin", "manager", "", true, false},
		{"billing", "member", "", true, false},
		{"manager", "member", "", false, true},
		{"manager", "", "", false, true},
		{"member", "", "", false, false},       // whoever has no more than that loses nothing
		{"member", "billing", "", false, true}, // who may see invoices alone
		{"member", "", "billing", false, true},
		{"member", "", "admin", true, false},
		{"manager", "", "admin", false, true},
		{"member", "auditor", "", true, false}, // a role of this Sentry alone could be any
		{"auditor", "manager", "", false, true},
		{"Member", "MANAGER", "", true, false},
	}
	for _, tt := range tests {
		c := planned(plan.Plan{UsersRole: []plan.UserRole{{ID: "1", From: tt.from, To: tt.to, Default: tt.standard}}})
		losses := plan.Case{Actual: &plan.Actual{}, Plan: c}.Taken()
		if losses.Promoted == 1 != tt.up || losses.Demoted == 1 != tt.down {
			t.Errorf("%s to %s (%s): %d up, %d down", tt.from, tt.to, tt.standard, losses.Promoted, losses.Demoted)
		}
	}
}

// Every guard says in one sentence what it saw, whether it objects or not.
func TestVerdictsSayWhatTheySaw(t *testing.T) {
	t.Parallel()
	c := newCompany(100, 4, "member")
	c.want.People[0].Active = false
	var names []string
	for _, v := range plan.Standard().Judge(plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record, Now: clock()}) {
		names = append(names, v.Guard)
		if !v.On || v.Refused || v.Says == "" || v.Setting == "" || !strings.HasPrefix(v.Override, "--") || strings.Contains(v.Says, "\n") {
			t.Errorf("%+v", v)
		}
	}
	if diff := cmp.Diff(plan.GuardNames(), names); diff != "" {
		t.Errorf("guards (-named +asked):\n%s", diff)
	}
	for _, v := range plan.Standard().Judge(plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Now: clock()}) {
		off := v.Guard == "shrunken_directory" || v.Guard == "blank_cells"
		if v.On == off || off && v.Says != "no earlier push is remembered" {
			t.Errorf("without a memory: %+v", v)
		}
	}
}

// Sentry numbers teams that are made at once in any order: the names count.
func TestTeamsThatLoseTooManyAreToldByName(t *testing.T) {
	t.Parallel()
	for _, ids := range [][2]string{{"1", "2"}, {"2", "1"}} {
		members := []scim.User{member("5", "a@acme.test", "member"), member("6", "b@acme.test", "member")}
		w := wish{
			want:   desired.State{People: []*desired.Person{active("a@acme.test"), active("b@acme.test")}, Teams: []desired.Team{wantedTeam("Leads"), wantedTeam("Staff")}},
			actual: plan.Actual{Users: members, Groups: []scim.Group{team(ids[0], "Leads", members...), team(ids[1], "Staff", members...)}},
		}
		guard := open()
		guard.Teams = plan.Limit{}
		err := guard.Judge(plan.Case{Want: &w.want, Actual: &w.actual, Plan: w.compare()}).Err()
		if refused(t, err, "--max-team-losses 2"); !strings.Contains(err.Error(), `"Leads" (2 of 2), "Staff" (2 of 2)`) {
			t.Errorf("got %v", err)
		}
	}
}
