package plan

import (
	"errors"
	"fmt"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

// Guards bound what a plan may do. The zero value allows nothing at all.
type Guards struct {
	Removals                      Limit // people, of the members
	Memberships                   Limit // memberships of people who stay, of those in managed teams
	Teams                         Limit // the same in one team, of its members
	Promotions                    Limit // people with a higher role, of the members
	Demotions                     Limit // people with a lower role, of the members with another role than the default
	Replaced                      Limit // unknown people who come while known members are left over, of the members
	TeamsGone                     Limit // deleted teams, of the teams
	Blank                         Limit // people whose address or activity became blank, of the people
	TeamPromotions, TeamDemotions Limit // higher and lower roles in teams, of the memberships in managed teams and of the admins

	Unlinked Limit // links to projects that are taken away, of those that pushes made
	Floor    int   // changes of a kind that a percentage always allows, so that small organizations are not stuck

	AllowEmpty      bool // a directory without people
	AllowShrink     bool // a directory that lost more than half of its people
	AllowEmptyTeams bool // teams that nobody is left in
}

// Standard are the guards of somebody who sets none.
func Standard() Guards {
	percent := func(p float64) Limit { return Limit{Count: -1, Percent: p} }
	return Guards{
		Removals: percent(10), Memberships: percent(10), Teams: percent(25), Promotions: percent(5), Demotions: percent(20),
		Replaced: percent(10), TeamsGone: percent(10), Blank: percent(10), TeamPromotions: percent(5), TeamDemotions: percent(20), Unlinked: percent(10), Floor: 3,
	}
}

// Verdict is what a guard saw. Allowed is the number that the limit comes to of
// Of; Seen is what the plan and earlier pushes of the window do together. A guard
// that is off says why.
type Verdict struct {
	Guard    string `json:"guard"`
	Setting  string `json:"setting"`
	Limit    string `json:"limit"`
	Allowed  int    `json:"allowed"`
	Seen     int    `json:"seen"`
	Of       int    `json:"of"`
	On       bool   `json:"on"`
	Looser   bool   `json:"looser"` // a setting allows more here than the default does
	Refused  bool   `json:"refused"`
	Says     string `json:"says"`
	Override string `json:"override"`

	hint    string
	forget  func(*memory.Losses)
	letGone bool // more than the standard limit was seen: an override let it through
}

// Case is all that guards look at.
type Case struct {
	Want   *desired.State
	Actual *Actual
	Plan   *Comparison
	Record *memory.Record
	Now    time.Time
}

// Verdicts are what the guards saw, in a fixed order.
type Verdicts []Verdict

// Judge asks all guards.
func (g Guards) Judge(c Case) Verdicts {
	recent := c.Record.Recent(c.Now)
	losses := c.Plan.losses(c.Plan.Plan, c.Actual.Groups)
	j := judge{guards: g, standard: Standard(), c: c, recent: recent, losses: losses, members: len(c.Actual.Users)}
	verdicts := Verdicts{
		j.removals(), j.memberships(), j.oneTeam(), j.promotions(), j.demotions(), j.replaced(), j.teamsGone(),
		j.blank(), j.empty(), j.shrunken(), j.emptyTeams(), j.teamPromotions(), j.teamDemotions(), j.unlinked(),
	}
	for _, a := range c.Plan.ambiguous {
		verdicts = append(verdicts, a.verdict())
	}
	return verdicts
}

// Err is the refusal (fault.Refused) of a plan that goes beyond a guard: all
// objections at once, one a line, each with its override.
func (v Verdicts) Err() error {
	var objections []error
	for _, verdict := range v {
		if verdict.Refused {
			objections = append(objections, fault.Hint(fault.New(fault.Refused, "%s, so nothing was written", verdict.Says), "%s", verdict.hint))
		}
	}
	return errors.Join(objections...)
}

// Forgive makes count no longer what an override let through: whatever is more
// than the standard limits allow.
func (v Verdicts) Forgive(r *memory.Record) {
	for _, verdict := range v {
		if verdict.letGone && verdict.forget != nil {
			r.Forgive(verdict.forget)
		}
	}
}

// judge is one case and what the guards compare it with.
type judge struct {
	guards   Guards
	standard Guards
	c        Case
	recent   memory.Taken
	losses   memory.Losses
	members  int
}

// amount judges a number against a limit.
func (j judge) amount(v Verdict, limit, standard Limit) Verdict {
	v.On, v.Limit, v.Allowed = true, limit.String(), limit.Of(v.Of, j.guards.Floor)
	v.Refused = v.Seen > v.Allowed
	usual := standard.Of(v.Of, j.standard.Floor)
	v.Looser, v.letGone = v.Allowed > usual, v.Seen > usual
	v.Says += fmt.Sprintf(", %s allows %d (%s)", v.Setting, v.Allowed, v.Limit)
	v.hint = ifMeant(v.Override, v.Seen)
	return v
}

func ifMeant(override string, seen int) string {
	return fmt.Sprintf("see the plan with --dry-run; if it is meant, pass %s %d", override, seen)
}

// since says that earlier pushes count.
func (j judge) since(earlier int) string {
	if earlier == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of them in the last 7 days)", earlier)
}

// before is the size at the beginning of the window, or now where nothing was
// taken in it.
func (j judge) before(then, now int) int {
	if j.recent.At.IsZero() {
		return now
	}
	return then
}

func (j judge) removals() Verdict {
	seen, of := j.losses.Removed+j.recent.Removed, j.before(j.recent.Members, j.members)
	return j.amount(Verdict{
		Guard: "removals", Setting: "scim.guard.max_removals", Seen: seen, Of: of, Override: "--max-removals",
		Says:   fmt.Sprintf("the plan removes %s of %d%s", phrase.Count(seen, "member", "members"), of, j.since(j.recent.Removed)),
		forget: func(l *memory.Losses) { l.Removed = 0 },
	}, j.guards.Removals, j.standard.Removals)
}

func (j judge) empty() Verdict {
	people := len(j.c.Want.People)
	return Verdict{
		Guard: "empty_directory", Setting: "scim.guard.allow_empty", Seen: people, On: !j.guards.AllowEmpty, Looser: j.guards.AllowEmpty, Override: "--allow-empty",
		Refused: people == 0 && !j.guards.AllowEmpty,
		Says:    fmt.Sprintf("the directory has %s to provision (%d skipped)", phrase.Count(people, "person", "people"), len(j.c.Want.Skipped)),
		hint:    "a source that is empty by mistake would empty Sentry; if it is meant, pass --allow-empty",
	}
}

// shrunken objects to a source that was cut off: it would be read without an
// error. One that is empty has its own objection.
func (j judge) shrunken() Verdict {
	active := j.c.Want.Active()
	v := Verdict{
		Guard: "shrunken_directory", Setting: "scim.guard.allow_shrink", Limit: "50%", Seen: active, Override: "--allow-shrink",
		On: !j.guards.AllowShrink && !j.c.Record.Fresh(), Looser: j.guards.AllowShrink, hint: "a source that was cut off looks like this; if it is meant, pass --allow-shrink, once",
	}
	if j.c.Record.Fresh() {
		v.Says = offWithoutMemory
		return v
	}
	v.Of = j.c.Record.People
	v.Allowed = (v.Of + 1) / 2
	v.Refused = v.On && len(j.c.Want.People) > 0 && 2*active < v.Of
	v.Says = fmt.Sprintf("the directory has %s, the last push had %d", phrase.Count(active, "active person", "active people"), v.Of)
	if v.Refused {
		v.Says = fmt.Sprintf("the directory has %s, less than half of the %d of the last push", phrase.Count(active, "active person", "active people"), v.Of)
	}
	return v
}

const offWithoutMemory = "no earlier push is remembered"
