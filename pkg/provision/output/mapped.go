package output

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Mapped is a mapping with its text.
type Mapped struct{ *desired.Mapped }

// MappedOne is the mapping of one person with its text.
type MappedOne struct{ *desired.MappedOne }

// noRole stands for the role that Sentry gives by default.
const noRole = "-"

// RenderText writes a table of people, what gave the roles, who is skipped, and
// a closing line.
func (m *Mapped) RenderText(w io.Writer, s ui.Styles) error {
	out := &textReport{s: s}
	var people []desired.MappedPerson
	for _, p := range m.People {
		if p.Skipped == "" {
			people = append(people, p)
		}
	}
	if err := s.Table(&out.text, []string{"USERNAME", "E-MAIL", "ROLE", "TEAMS"}, mappedRows(people, s.Width())); err != nil {
		return err
	}
	out.roleRules(people)
	out.skipped(slices.Concat(m.skipped(), m.TeamsSkipped))
	active := 0
	for _, p := range people {
		if p.Active {
			active++
		}
	}
	out.line("%s: %d active, %d inactive, %d skipped", s.Title(phrase.Count(len(m.People), "person", "people")),
		active, len(people)-active, len(m.People)-len(people))
	_, err := io.WriteString(w, out.text.String())
	return err
}

func (m *Mapped) skipped() []desired.Skipped {
	var skipped []desired.Skipped
	for _, p := range m.People {
		if p.Skipped != "" {
			skipped = append(skipped, desired.Skipped{Who: p.Username, Reason: p.Skipped})
		}
	}
	return skipped
}

// mappedRows are the rows of people. Teams that do not fit beside the other
// columns go on in further rows.
func mappedRows(people []desired.MappedPerson, width int) [][]string {
	const leastTeams, gaps = 16, 6
	cells := make([][]string, 0, len(people))
	widths := []int{len("USERNAME"), len("E-MAIL"), len("ROLE")}
	for _, p := range people {
		row := []string{ui.Printable(p.Username), ui.Printable(p.Email), standing(p)}
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
		cells = append(cells, row)
	}
	room := max(leastTeams, width-gaps-widths[0]-widths[1]-widths[2])
	var rows [][]string
	for i, p := range people {
		lines := ui.Wrap(teamsOf(p), "", room)
		if len(lines) == 0 {
			lines = []string{""}
		}
		rows = append(rows, append(cells[i], lines[0]))
		for _, line := range lines[1:] {
			rows = append(rows, []string{"", "", "", line})
		}
	}
	return rows
}

// standing is the role, or that there is no membership to have one in.
func standing(p desired.MappedPerson) string {
	switch {
	case !p.Active:
		return "inactive"
	case p.Role == "":
		return noRole
	}
	return p.Role
}

// roleRules says how many people each rule gave a role.
func (t *textReport) roleRules(people []desired.MappedPerson) {
	given := map[string]int{}
	for _, p := range people {
		if p.Active && p.Role != "" {
			given[p.Role+" by "+p.RoleRule]++
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(given)) {
		t.change("~", "role", fmt.Sprintf("%d: %s", given[rule], rule))
	}
}

// RenderText writes what the directory knows, what each expression made, and
// what the person becomes.
func (m *MappedOne) RenderText(w io.Writer, s ui.Styles) error {
	rows := m.directoryRows(s)
	for i, step := range m.Steps {
		row := [2]string{string(step.Setting), expressionText(step, s) + "\n" + resultText(step, s)}
		if i > 0 && m.Steps[i-1].Setting == step.Setting {
			row = [2]string{" ", resultText(step, s)}
		}
		rows = append(rows, row)
	}
	return s.Pairs(w, append(rows, m.outcomeRows(s)...))
}

// valueWidth is the room for values beside the longest name, the path of a
// setting.
func valueWidth(s ui.Styles) int { return max(20, s.Width()-len(mapping.SettingInclude)-2) }

func (m *MappedOne) directoryRows(s ui.Styles) [][2]string {
	d := m.Directory
	rows := [][2]string{
		{"user.username", ui.Printable(d.Username)},
		{"user.name", ui.Printable(d.Name)},
		{"user.email", ui.Printable(d.Email)},
		{"user.active", strconv.FormatBool(d.Active)},
		{"user.type", ui.Printable(d.Type)},
		{"user.groups", joined(d.Groups, s)},
	}
	var attributes []string
	for _, key := range slices.Sorted(maps.Keys(d.Attributes)) {
		value, err := json.Marshal(d.Attributes[key])
		if err != nil {
			value = []byte("cannot be shown")
		}
		attributes = append(attributes, ui.Printable(key+": "+string(value)))
	}
	return append(rows, [2]string{"user.attributes", strings.Join(attributes, "\n")})
}

func expressionText(step mapping.Step, s ui.Styles) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(step.Expression), "\n") {
		lines = append(lines, s.Code(ui.Printable(line)))
	}
	return strings.Join(lines, "\n")
}

// resultText is what an expression made, texts in quotes.
func resultText(step mapping.Step, s ui.Styles) string {
	about := ""
	if step.Group != "" {
		about = ui.Printable(step.Group) + " "
	}
	if step.Error != "" {
		return about + s.Bad("fails:") + " " + ui.Printable(step.Error)
	}
	verb := "%#v"
	if _, list := step.Result.([]string); list {
		verb = "%q"
	}
	return about + s.Dim("->") + " " + ui.Printable(fmt.Sprintf(verb, step.Result))
}

func (m *MappedOne) outcomeRows(s ui.Styles) [][2]string {
	o := m.Outcome
	switch {
	case o == nil:
		return [][2]string{{"In Sentry", s.Bad("nothing: the mapping is refused")}}
	case o.Skipped != "":
		return [][2]string{{"In Sentry", s.Warn("skipped: ") + ui.Printable(o.Skipped)}}
	case !o.Active:
		return [][2]string{{"In Sentry", s.Warn("no member: ") + ui.Printable(o.Email) + " is inactive"}}
	}
	role := "Sentry's default"
	if o.Role != "" {
		role = o.Role + " by " + ui.Printable(o.RoleRule)
	}
	teams := strings.Join(ui.Wrap(teamsOf(*o), "", valueWidth(s)), "\n")
	if teams == "" {
		teams = "none"
	}
	return [][2]string{{"In Sentry", s.Good("a member: ") + ui.Printable(o.Email)}, {"Role", role}, {"Teams", teams}}
}

// teamsOf are the teams of a person, with the roles in them.
func teamsOf(p desired.MappedPerson) []string {
	teams := printables(p.Teams)
	for i, name := range p.Teams {
		if role := p.TeamRoles[name]; role != "" {
			teams[i] += " (" + ui.Printable(role) + ")"
		}
	}
	return teams
}

func joined(words []string, s ui.Styles) string {
	return strings.Join(ui.Wrap(printables(words), "", valueWidth(s)), "\n")
}

func printables(words []string) []string {
	shown := make([]string, 0, len(words))
	for _, word := range words {
		shown = append(shown, ui.Printable(word))
	}
	return shown
}
