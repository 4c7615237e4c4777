package access

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// columns are those of the table, for members and leavers alike.
func columns() []string {
	return []string{
		"kind", "email", "name", "id", "directory", "username", "groups", "why", "role", "role_why", "teams", "teams_why", "projects", "all_projects",
		"sso_linked", "invited", "invitation_expired", "added_at", "last_active", "findings", "ended_in_directory", "removed_at", "removed_by", "is_member", "source",
	}
}

// CSV is a row for each member and each leaver (RFC 4180). "not read" stands where
// Sentry did not tell. A cell that a spreadsheet would take for a formula has an
// apostrophe before it (OWASP, CSV Injection), and no cell has control characters.
func (r *Review) CSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(columns()); err != nil {
		return nil, err
	}
	for _, m := range r.Members {
		if err := w.Write(cleanAll(inert(m.record()))); err != nil {
			return nil, err
		}
	}
	for _, l := range r.Leavers {
		if err := w.Write(cleanAll(inert(l.record()))); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func (m Member) record() []string {
	teams, whys := []string{}, []string{}
	for _, t := range m.Teams {
		teams = append(teams, t.words())
		whys = append(whys, t.Team+": "+t.Why)
	}
	if m.Teams == nil {
		teams, whys = []string{notRead}, []string{notRead}
	}
	projects := notRead
	if m.Projects != nil {
		projects = strings.Join(m.Projects, "; ")
	}
	codes := []string{}
	for _, code := range m.Findings {
		codes = append(codes, string(code))
	}
	return []string{
		"member", m.Email, m.Name, m.ID, string(m.Directory.State), m.Directory.Username, strings.Join(m.Directory.Groups, "; "), m.Directory.Why,
		m.Role, m.RoleWhy, strings.Join(teams, "; "), strings.Join(whys, "; "), projects, strconv.FormatBool(m.Everyone),
		yes(m.SSOLinked), yes(m.Invited), yes(m.Expired), m.when(m.AddedAt), m.when(m.LastSeen), strings.Join(codes, "; "), "", "", "", "true", m.Source,
	}
}

func (l Leaver) record() []string {
	row := make([]string, len(columns()))
	row[0], row[1], row[4] = "leaver", l.Email, string(l.Directory)
	copy(row[20:], []string{l.Ended, when(l.RemovedAt), l.RemovedBy, strconv.FormatBool(l.Member), l.Source})
	return row
}

const notRead = "not read"

// words is the team with the role in it, where that was read, and with what gave it
// unless that is the default.
func (m Membership) words() string {
	switch {
	case m.Role == nil:
		return m.Team
	case m.RoleWhy == byDefault:
		return m.Team + " (" + *m.Role + ")"
	}
	return m.Team + " (" + *m.Role + ", " + m.RoleWhy + ")"
}

func yes(told *bool) string {
	if told == nil {
		return notRead
	}
	return strconv.FormatBool(*told)
}

// when is a time of the member, where such times were read.
func (m Member) when(t *time.Time) string {
	if m.Invited == nil {
		return notRead
	}
	return when(t)
}

func when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

// inert puts an apostrophe before what a spreadsheet would calculate: it begins, after
// blanks and what is not seen, with an operator, also of full width, or with a control
// character.
func inert(row []string) []string {
	const starts = "=+-@\t\r\n\x00＝＋－＠"
	for i, cell := range row {
		unseen := func(r rune) bool { return unicode.IsSpace(r) || ui.IsControl(r) }
		if strings.IndexAny(strings.TrimLeftFunc(cell, unseen), starts) == 0 || strings.IndexAny(cell, starts) == 0 {
			row[i] = "'" + cell
		}
	}
	return row
}
