package output

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes what changes, what was left out, what failed, and a
// closing line.
func (r *Report) RenderText(w io.Writer, s ui.Styles) error {
	out := &textReport{s: s}
	out.plan(r.Plan)
	out.skipped(r.Skipped)
	out.notes(r.Notes)
	out.guards(r.Guards)
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
	out.guards(r.Guards)
	out.line("%s: %s", out.s.Title("plan"), r.Plan.Counts().Planned())
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

// plan writes the changes, what is taken away first.
func (t *textReport) plan(p *plan.Plan) {
	for _, c := range p.UsersRemove {
		t.change("-", "person", fmt.Sprintf("%s (%s): Sentry deletes the membership", c.Email, c.Reason))
	}
	for _, c := range p.TeamsDelete {
		t.change("-", "team", fmt.Sprintf("%s (%s): its projects are left without it", c.Name, c.Reason))
	}
	t.memberships("-", p.MembersRemove)
	t.links("-", p.ProjectsRemove)
	for _, c := range p.UsersRole {
		t.change("~", "role", fmt.Sprintf("%s: %s -> %s", c.Email, c.From, c.RoleAfter()))
	}
	for _, c := range p.TeamsAdopt {
		t.change("~", "adopt", c.Name+": "+c.Consequence())
	}
	for _, c := range p.TeamsRename {
		t.change("~", "team", fmt.Sprintf("%s -> %s", c.From, c.To))
	}
	for _, c := range p.UsersCreate {
		t.change("+", "person", c.Email+plan.AsRole(c.Role))
	}
	for _, c := range p.TeamsCreate {
		t.change("+", "team", c.Name)
	}
	t.memberships("+", p.MembersAdd)
	for _, c := range p.TeamRoles {
		t.change("~", "role", fmt.Sprintf("%s in the team %s: %s -> %s", c.Email, c.Team, c.From, c.To))
	}
	t.links("+", p.ProjectsAdd)
}

// links writes each team once with its projects, several to a line.
func (t *textReport) links(mark string, links []plan.ProjectLink) {
	for start := 0; start < len(links); {
		var projects []string
		end := start
		for ; end < len(links) && links[end].Team == links[start].Team; end++ {
			projects = append(projects, ui.Printable(links[end].Project))
		}
		t.change(mark, "link", fmt.Sprintf("%s: %s", links[start].Team, phrase.Count(len(projects), "project", "projects")))
		t.names(projects)
		start = end
	}
}

// memberships writes each team once with its people, several to a line.
func (t *textReport) memberships(mark string, members []plan.Membership) {
	for start := 0; start < len(members); {
		end := start
		for end < len(members) && members[end].Team == members[start].Team {
			end++
		}
		t.members(mark, members[start].Team, members[start:end])
		start = end
	}
}

// members writes a team and its people, several to a line.
func (t *textReport) members(mark, team string, members []plan.Membership) {
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
func (t *textReport) skipped(skipped []desired.Skipped) {
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
		t.note(note)
	}
}

func (t *textReport) note(text string) { t.line("%s %s", t.s.Warn("note:"), ui.Printable(text)) }

// guards names those that a setting has loosened or switched off.
func (t *textReport) guards(verdicts plan.Verdicts) {
	for _, v := range verdicts {
		switch {
		case !v.Looser:
		case v.On:
			t.note("the guard " + v.Guard + " is looser than its default: " + v.Says)
		default:
			t.note("the guard " + v.Guard + " is off by " + v.Setting + ": " + v.Says)
		}
	}
}

func (t *textReport) failures(r *Report) {
	for _, f := range r.Failed {
		t.line("%s %s", t.s.Bad(f.Label()+":"), ui.Printable(f.Sentence()))
		for _, hint := range f.Hints {
			t.line("%s%s %s", indent, t.s.Dim("hint:"), ui.Printable(hint))
		}
	}
	for _, change := range r.Unverified {
		t.line("%s Sentry still needs to %s", t.s.Bad("not verified:"), ui.Printable(change))
	}
}

func (t *textReport) closing(r *Report) string {
	requests := phrase.Count(r.Requests.Total, "request", "requests")
	switch {
	case len(r.Refused) > 0:
		return t.s.Bad("refused") + ": nothing was written, " + requests
	case r.Plan.Empty():
		return t.s.Good("nothing to do") + ": " + r.Reached() + ", " + requests
	case r.DryRun:
		return t.s.Title("dry run") + ": " + r.Plan.Counts().Planned() + "; nothing was written, " + requests
	case r.Applied.Total() == 0 && len(r.Failed) == 0:
		return t.s.Bad("not applied") + ": " + r.Done() + ", " + requests
	case !r.Complete():
		return t.s.Bad("incomplete") + ": " + r.Done() + ", " + requests
	}
	return t.s.Good("done") + ": " + r.Done() + "; verified, " + requests
}
