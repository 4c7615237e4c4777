package provision

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Lines returns the plan as sentences, one a change, in the order of applying.
func (p *Plan) Lines() []string {
	lines := []string{}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, c := range p.UsersCreate {
		add("invite %s%s", c.Email, asRole(c.Role))
	}
	for _, c := range p.UsersRole {
		add("change the role of %s from %s to %s", c.Email, c.From, c.To)
	}
	for _, c := range p.TeamsCreate {
		add("create the team %s", c.Name)
	}
	for _, c := range p.TeamsRename {
		add("rename the team %s to %s", c.From, c.To)
	}
	for _, c := range p.memberChanges() {
		for _, m := range c.add {
			add("add %s to %s", m.Email, c.team)
		}
		for _, m := range c.remove {
			add("take %s out of %s", m.Email, c.team)
		}
	}
	for _, c := range p.UsersRemove {
		add("remove %s (%s)", c.Email, c.Reason)
	}
	for _, c := range p.TeamsDelete {
		add("delete the team %s (%s)", c.Name, c.Reason)
	}
	return lines
}

func asRole(role string) string {
	if role == "" {
		return ""
	}
	return " as " + role
}

// RenderText writes what changes, what was left out, what failed, and a
// closing line.
func (r *Report) RenderText(w io.Writer, s ui.Styles) error {
	out := &textReport{s: s}
	out.plan(r.Plan)
	out.skipped(r.Skipped)
	out.notes(r.Notes)
	out.failures(r)
	out.line("%s", out.closing(r))
	_, err := io.WriteString(w, out.text.String())
	return err
}

// RenderPlan writes what would change and what would be left out, for somebody
// who is asked whether it is meant.
func (r *Report) RenderPlan(w io.Writer, s ui.Styles) error {
	out := &textReport{s: s}
	out.plan(r.Plan)
	out.skipped(r.Skipped)
	out.notes(r.Notes)
	out.line("%s: %s", out.s.Title("plan"), r.Plan.Counts().words(planned))
	_, err := io.WriteString(w, out.text.String())
	return err
}

// indent puts names below the change they belong to.
const indent = "         "

type textReport struct {
	s    ui.Styles
	text strings.Builder
}

func (t *textReport) line(format string, args ...any) { fmt.Fprintf(&t.text, format+"\n", args...) }

func (t *textReport) change(mark, verb, what string) {
	style := t.s.Good
	switch mark {
	case "-":
		style = t.s.Bad
	case "~":
		style = t.s.Warn
	}
	t.line("%s %s %s", style(mark), t.s.Dim(fmt.Sprintf("%-6s", verb)), ui.Printable(what))
}

func (t *textReport) plan(p *Plan) {
	for _, c := range p.UsersCreate {
		t.change("+", "person", c.Email+asRole(c.Role))
	}
	for _, c := range p.UsersRole {
		t.change("~", "role", fmt.Sprintf("%s: %s -> %s", c.Email, c.From, c.To))
	}
	for _, c := range p.TeamsCreate {
		t.change("+", "team", c.Name)
	}
	for _, c := range p.TeamsRename {
		t.change("~", "team", fmt.Sprintf("%s -> %s", c.From, c.To))
	}
	for _, c := range p.memberChanges() {
		t.members("+", c.team, c.add)
		t.members("-", c.team, c.remove)
	}
	for _, c := range p.UsersRemove {
		t.change("-", "person", fmt.Sprintf("%s (%s): Sentry deletes the membership", c.Email, c.Reason))
	}
	for _, c := range p.TeamsDelete {
		t.change("-", "team", fmt.Sprintf("%s (%s): its projects are left without it", c.Name, c.Reason))
	}
}

// members writes a team and its people, several to a line.
func (t *textReport) members(mark, team string, members []Membership) {
	if len(members) == 0 {
		return
	}
	t.change(mark, "member", fmt.Sprintf("%s: %d", team, len(members)))
	emails := make([]string, 0, len(members))
	for _, m := range members {
		emails = append(emails, ui.Printable(m.Email))
	}
	t.names(emails)
}

// names writes names below a change, as many to a line as fit.
func (t *textReport) names(names []string) {
	for _, line := range ui.Wrap(names, indent, t.s.Width()) {
		t.line("%s", t.s.Dim(line))
	}
}

// skipped groups what was left out by reason: nightly runs repeat it.
func (t *textReport) skipped(skipped []Skipped) {
	byReason := map[string][]string{}
	for _, s := range skipped {
		byReason[s.Reason] = append(byReason[s.Reason], ui.Printable(s.Who))
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		t.change("~", "skip", fmt.Sprintf("%d: %s", len(byReason[reason]), reason))
		t.names(byReason[reason])
	}
}

func (t *textReport) notes(notes []string) {
	for _, note := range notes {
		t.line("%s %s", t.s.Warn("note:"), ui.Printable(note))
	}
}

func (t *textReport) failures(r *Report) {
	for _, f := range r.Failed {
		t.line("%s could not %s: %s", t.s.Bad("failed:"), ui.Printable(f.Change), ui.Printable(f.Error))
	}
	for _, change := range r.Unverified {
		t.line("%s Sentry still needs to %s", t.s.Bad("not verified:"), ui.Printable(change))
	}
}

func (t *textReport) closing(r *Report) string {
	requests := count(r.Requests.Total, "request", "requests")
	switch {
	case len(r.Refused) > 0:
		return t.s.Bad("refused") + ": nothing was written, " + requests
	case r.Plan.Empty():
		return t.s.Good("nothing to do") + ": " + r.reached() + ", " + requests
	case r.DryRun:
		return t.s.Title("dry run") + ": " + r.Plan.Counts().words(planned) + "; nothing was written, " + requests
	case len(r.Failed) > 0 || len(r.Unverified) > 0 || !r.Verified:
		return t.s.Bad("incomplete") + ": " + r.Applied.words(done) + fmt.Sprintf("; %d failed, %s", len(r.Failed), requests)
	}
	return t.s.Good("done") + ": " + r.Applied.words(done) + "; verified, " + requests
}

// reached says what holds when nothing is left to do.
func (r *Report) reached() string {
	if r.Kind == KindRestore {
		return "Sentry has all that the snapshot has"
	}
	return "Sentry is as the directory says"
}

// tense says whether changes are told as still to make or as made.
type tense bool

const (
	planned tense = false
	done    tense = true
)

// Planned returns what is to be done in words, "2 people to invite, 1 role to
// change"; without any, "nothing changed".
func (c Counts) Planned() string { return c.words(planned) }

// Done returns what was done in words, "2 people invited, 1 role changed";
// without any, "nothing changed".
func (c Counts) Done() string { return c.words(done) }

// words returns the counts that are not zero, as a list.
func (c Counts) words(t tense) string {
	var parts []string
	add := func(n int, one, many, infinitive, participle string) {
		verb := "to " + infinitive
		if t == done {
			verb = participle
		}
		if n > 0 {
			parts = append(parts, count(n, one, many)+" "+verb)
		}
	}
	add(c.UsersCreate, "person", "people", "invite", "invited")
	add(c.UsersRemove, "person", "people", "remove", "removed")
	add(c.UsersRole, "role", "roles", "change", "changed")
	add(c.TeamsCreate, "team", "teams", "create", "created")
	add(c.TeamsRename, "team", "teams", "rename", "renamed")
	add(c.TeamsDelete, "team", "teams", "delete", "deleted")
	add(c.MembersAdd, "member", "members", "add", "added")
	add(c.MembersRemove, "member", "members", "take out", "taken out")
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// count is a number with its noun.
func count(n int, one, many string) string { return strconv.Itoa(n) + " " + noun(n, one, many) }

func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
