package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes what drifted, or with All everybody and every team, and a
// closing line. What a push takes away stands first.
func (s *Status) RenderText(w io.Writer, styles ui.Styles) error {
	t := &textReport{s: styles}
	if err := s.people(t); err != nil {
		return err
	}
	s.teams(t)
	t.skipped(s.Skipped)
	t.notes(s.Notes)
	t.line("%s", s.closing(styles))
	_, err := io.WriteString(w, t.text.String())
	return err
}

func (s *Status) people(t *textReport) error {
	var leaving, rows [][]string
	unmanaged := 0
	for _, p := range s.People {
		if p.State == PersonUnmanaged {
			unmanaged++
		}
		row := []string{string(p.State), ui.Printable(p.Email), p.roles(), ui.Printable(strings.Join(p.Teams, ", "))}
		switch {
		case p.State == PersonInactive:
			leaving = append(leaving, row)
		case s.All || p.State == PersonMissing || p.State == PersonRole:
			rows = append(rows, row)
		}
	}
	rows = append(leaving, rows...)
	if len(rows) > 0 {
		if err := t.s.Table(&t.text, []string{"STATE", "PERSON", "ROLE", "TEAMS"}, rows); err != nil {
			return err
		}
		t.line("")
	}
	if unmanaged > 0 && !s.All {
		t.line("%s", t.s.Dim(phrase.Count(unmanaged, "member is", "members are")+" not named by the directory (--all shows who)"))
	}
	return nil
}

// roles is the role there is, and the one there ought to be where it differs.
func (p PersonStatus) roles() string {
	switch {
	case p.Wanted == "":
		return ui.Printable(p.Role)
	case p.Role == "":
		return "-> " + p.Wanted
	}
	return ui.Printable(p.Role) + " -> " + p.Wanted
}

func (s *Status) teams(t *textReport) {
	for _, team := range s.Teams {
		t.teamMembers("-", team.Name, "too many", team.Extra)
	}
	for _, team := range s.Teams {
		switch team.State {
		case TeamMissing:
			t.change("+", "team", team.Name+": not in Sentry")
		case TeamRenamed:
			t.change("~", "team", fmt.Sprintf("%s: to be called %s", team.Name, team.Wanted))
		case TeamInSync, TeamUnmanaged:
			if s.All {
				t.line("  %s %s: %s", t.s.Dim("team  "), ui.Printable(team.Name), phrase.Count(team.Members, "member", "members")+team.aside())
			}
			continue
		case TeamMembers, TeamRoles, TeamProjects:
		}
		t.teamMembers("+", team.Name, "missing", team.Missing)
		t.complete(team)
	}
}

func (t TeamStatus) aside() string {
	if t.State == TeamUnmanaged {
		return ", not named by the directory"
	}
	return ""
}

func (t *textReport) teamMembers(mark, team, what string, emails []string) {
	if len(emails) == 0 {
		return
	}
	t.change(mark, "member", fmt.Sprintf("%s: %d %s", team, len(emails), what))
	printable := make([]string, 0, len(emails))
	for _, email := range emails {
		printable = append(printable, ui.Printable(email))
	}
	t.names(printable)
}

func (s *Status) closing(styles ui.Styles) string {
	requests := phrase.Count(s.Requests.Total, "request", "requests")
	if s.Drift {
		return styles.Bad("drift") + ": a push has " + s.Plan.Planned() + "; " + requests
	}
	return styles.Good("in sync") + ": Sentry is as the directory says; " + requests
}
