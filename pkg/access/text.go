package access

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var (
	_ report.MarkdownDocument = (*Review)(nil)
	_ report.HTMLDocument     = (*Review)(nil)
	_ report.CSVDocument      = (*Review)(nil)
)

// RenderText writes a summary: the numbers, the findings, the changes and who left.
// Every member is in the other formats.
func (r *Review) RenderText(w io.Writer, s ui.Styles) error {
	rows := [][2]string{}
	for _, f := range r.facts() {
		rows = append(rows, [2]string{f.Name, f.Value})
	}
	if err := s.Pairs(w, rows); err != nil {
		return err
	}
	table := func(header []string, rows [][]string) error {
		if len(rows) == 0 {
			return nil
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		return s.Table(w, header, rows)
	}
	findings := [][]string{}
	for _, f := range r.Findings {
		findings = append(findings, []string{string(f.Code), strconv.Itoa(len(f.Members)), phrase.List(f.Members)})
	}
	if err := table([]string{"FINDING", "COUNT", "WHO"}, clean(findings)); err != nil {
		return err
	}
	changes := [][]string{}
	for _, c := range r.Changes.lists() {
		changes = append(changes, []string{c.Title, strconv.Itoa(len(c.Items)), phrase.List(c.Items)})
	}
	if err := table([]string{"CHANGE", "COUNT", "WHO"}, clean(changes)); err != nil {
		return err
	}
	leavers := [][]string{}
	for _, l := range r.Leavers {
		leavers = append(leavers, []string{l.Email, l.removed(), l.RemovedBy, l.Ended})
	}
	if err := table([]string{"LEAVER", "REMOVED", "BY", "IN THE DIRECTORY"}, clean(leavers)); err != nil {
		return err
	}
	for _, note := range r.Notes {
		if _, err := fmt.Fprintf(w, "\nnote: %s\n", ui.Printable(note)); err != nil {
			return err
		}
	}
	return nil
}

// clean makes texts from outside harmless for whoever reads them.
func clean(rows [][]string) [][]string {
	for _, row := range rows {
		for i := range row {
			row[i] = ui.Printable(row[i])
		}
	}
	return rows
}

// foundFact is the name of what a page has as its headline.
const foundFact = "Found"

type fact struct{ Name, Value string }

// facts are what the review is about, in a few lines.
func (r *Review) facts() []fact {
	facts := []fact{
		{"Organization", r.Organization + " on " + r.SentryURL},
		{"Directory", fmt.Sprintf("%s, %s", r.Directory, phrase.Count(r.source(SourceDirectory).Entries, "person", "people"))},
		{"Reviewed", r.ReviewedAt.Format(time.RFC3339) + ", since " + r.Since.Format(time.RFC3339)},
		{"Members", r.Totals.words()},
		{"Teams", number(r.Totals.Teams)},
		{"Leavers", strconv.Itoa(r.Totals.Leavers) + r.unknownLeavers()},
		{foundFact, r.Headline()},
	}
	if missing := r.NotRead(); len(missing) > 0 {
		facts = append(facts, fact{"Not read", strings.Join(missing, "\n")})
	}
	if r.Signer != nil {
		facts = append(facts, fact{"Signed", r.Signer.Algorithm + ", key " + r.Signer.Fingerprint})
	}
	if r.Changes != nil {
		facts = append(facts, fact{"Last review", r.Changes.LastReviewedAt.Format(time.RFC3339)})
	}
	for i := range facts {
		lines := strings.Split(facts[i].Value, "\n")
		for j := range lines {
			lines[j] = ui.Printable(lines[j])
		}
		facts[i].Value = strings.Join(lines, "\n")
	}
	return facts
}

// number is a number, where it was read.
func number(told *int) string {
	if told == nil {
		return notRead
	}
	return strconv.Itoa(*told)
}

// unknownLeavers says that more people may have left than are known.
func (r *Review) unknownLeavers() string {
	if r.source(SourceAudit).Read {
		return ""
	}
	return ", and the audit log was not read"
}

func (t Totals) words() string {
	roles := []string{}
	for _, role := range slices.Sorted(maps.Keys(t.Roles)) {
		roles = append(roles, fmt.Sprintf("%d %s", t.Roles[role], role))
	}
	words := strconv.Itoa(t.Members)
	if len(roles) > 0 {
		words += " (" + strings.Join(roles, ", ") + ")"
	}
	if t.Invited != nil {
		words += fmt.Sprintf("; %d invited, %d linked to single sign-on", *t.Invited, *t.Linked)
	}
	return words
}

// Headline says in a line what was found, and whether all was read.
func (r *Review) Headline() string {
	people := map[string]bool{}
	for _, f := range r.Findings {
		for _, m := range f.Members {
			people[m] = true
		}
	}
	line := "nothing to look at"
	if len(people) > 0 {
		line = fmt.Sprintf("%s about %s", phrase.Count(len(r.Findings), "kind of finding", "kinds of findings"), phrase.Count(len(people), "member", "members"))
	}
	if missing := len(r.NotRead()); missing > 0 {
		line += fmt.Sprintf(", and %s not read", phrase.Count(missing, "source was", "sources were"))
	}
	return line
}

// removed says when a person was removed, or that they were not.
func (l Leaver) removed() string {
	switch {
	case l.RemovedAt == nil && l.RemovedBy == "":
		return "still a member"
	case l.RemovedAt == nil:
		return "removed, date unknown"
	case l.Member:
		return l.RemovedAt.Format(time.RFC3339) + ", and a member again"
	}
	return l.RemovedAt.Format(time.RFC3339)
}

// changeList is a kind of change, in words.
type changeList struct {
	Title string
	Items []string
}

// lists are the changes in words, those that there are. A nil c has none.
func (c *Changes) lists() []changeList {
	if c == nil {
		return nil
	}
	all := []changeList{{"came", c.Came}, {"left", c.Left}, {"address", nil}, {"role", nil}, {"teams", nil}, {"team role", nil}}
	for _, a := range c.Addresses {
		all[2].Items = append(all[2].Items, fmt.Sprintf("%s (was %s)", a.To, a.From))
	}
	for _, r := range c.Roles {
		all[3].Items = append(all[3].Items, fmt.Sprintf("%s (%s -> %s)", r.Email, r.From, r.To))
	}
	for _, t := range c.Teams {
		moves := []string{}
		for _, name := range t.Joined {
			moves = append(moves, "+"+name)
		}
		for _, name := range t.Left {
			moves = append(moves, "-"+name)
		}
		all[4].Items = append(all[4].Items, fmt.Sprintf("%s (%s)", t.Email, strings.Join(moves, " ")))
	}
	for _, r := range c.TeamRoles {
		all[5].Items = append(all[5].Items, fmt.Sprintf("%s (%s: %s -> %s)", r.Email, r.Team, r.From, r.To))
	}
	return slices.DeleteFunc(all, func(l changeList) bool { return len(l.Items) == 0 })
}
