package access_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/markdown"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

const wantText = `Organization  acme on https://sentry.acme.test
Directory     people.yaml, 6 people
Reviewed      2026-09-30T12:00:00Z, since 2026-07-01T00:00:00Z
Members       7 (1 admin, 1 manager, 4 member, 1 owner); 2 invited, 4 linked to single sign-on
Teams         2
Leavers       4
Found         6 kinds of findings about 5 members, and 1 source was not read
Not read      audit log: the API token needs org:write

FINDING             COUNT  WHO
leaver-inside       1      ivan@acme.test
no-directory-entry  2      left@acme.test, owner@acme.test
owner               1      owner@acme.test
not-linked          1      ivan@acme.test
invitation-expired  1      grace@acme.test
invited-never-came  1      back@acme.test

CHANGE  COUNT  WHO
came    1      owner@acme.test

LEAVER          REMOVED         BY  IN THE DIRECTORY
ivan@acme.test  still a member      inactive; the directory has no date for it
`

func TestText(t *testing.T) {
	t.Parallel()
	last := small(t)
	last.state.Members = last.state.Members[1:]
	s := small(t)
	s.state.APITokenScopes = []string{"org:read", "member:read", "team:read"}
	r := s.review(t)
	check(t, r.Compare(last.review(t)))
	var out bytes.Buffer
	check(t, report.Write(&out, ui.Plain(), report.Text, r))
	want := strings.Replace(wantText, "Leavers       4", "Leavers       1, and the audit log was not read", 1)
	want = strings.Replace(want, "\n\nFINDING", "\nLast review   2026-09-30T12:00:00Z\n\nFINDING", 1)
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// hostile is a review whose texts are meant for whoever reads it.
func hostile(t *testing.T) *access.Review {
	t.Helper()
	s := small(t)
	s.state.Members[3].Name = `=HYPERLINK("https://evil.test") | <script>alert(1)</script> ` + "`x` @all [y](https://evil.test) \u202e"
	s.state.Members[0].Name = "+1|2"
	s.state.Teams[1].Slug, s.state.Teams[1].Name = "by-hand", "@cmd"
	s.state.AuditLog[1].Actor = "\tcmd|' /C calc'!A0 <b>"
	return s.review(t)
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	r := hostile(t)
	r.Members[0].Email, r.Members[1].Email, r.Members[2].Email = "-1@acme.test", "  =1@acme.test", "＝1@acme.test"
	text, err := r.CSV()
	check(t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	check(t, err)
	if len(rows) != 1+len(r.Members)+len(r.Leavers) {
		t.Errorf("found %d rows", len(rows))
	}
	apostrophes := 0
	for _, row := range rows {
		for _, cell := range row {
			if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r＝＋－＠") == 0 {
				t.Errorf("a spreadsheet calculates %q", cell)
			}
			if strings.HasPrefix(cell, "'") {
				apostrophes++
			}
		}
	}
	if apostrophes != 6 {
		t.Errorf("%d cells have an apostrophe, expected 6", apostrophes)
	}
}

func TestPagesShowTextsToTheLetter(t *testing.T) {
	t.Parallel()
	r := hostile(t)
	page, err := r.HTML()
	check(t, err)
	for _, wrong := range []string{"<script", "\u202e", "<b>"} {
		if bytes.Contains(page, []byte(wrong)) {
			t.Errorf("HTML has %q", wrong)
		}
	}
	if !bytes.Contains(page, []byte("&lt;script&gt;alert(1)")) || !bytes.Contains(page, []byte(`content="default-src 'none'; style-src 'unsafe-inline'`)) {
		t.Error("HTML lacks the name, or its policy")
	}
	for line := range strings.Lines(string(r.Markdown())) {
		if strings.HasPrefix(line, "| `") && strings.Contains(line, "acme.test") && strings.Count(line, "|") != 11 && strings.Count(line, "|") != 7 {
			t.Errorf("a cell ends early: %s", line)
		}
	}
	if bytes.Contains(r.Markdown(), []byte("<script")) {
		t.Error("Markdown has a script")
	}
}

func TestRowsWithoutAddressAreCounted(t *testing.T) {
	t.Parallel()
	s := small(t)
	s.noAPI = true
	if diff := cmp.Diff([]string{"1 row of Sentry has no address: invitations of another kind, which no token shows"}, s.review(t).Notes); diff != "" {
		t.Error(diff)
	}
}

func TestACellOfMarkdownEndsWhereItShould(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain": "`plain`", "a|b": "<code>a&#124;b</code>", `a\|<x>@y`: "<code>a&#92;&#124;&#60;x&#62;&#64;y</code>", "`|": "<code>&#96;&#124;</code>", "é|": "<code>é&#124;</code>",
	} {
		if got := markdown.Cell(text); got != want {
			t.Errorf("%q: found %s, expected %s", text, got, want)
		}
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	a, b := small(t).review(t), small(t).review(t)
	for _, format := range []report.Format{report.Text, report.JSON, report.YAML, report.CSV, report.HTML, report.Markdown} {
		var one, other bytes.Buffer
		check(t, report.Write(&one, ui.Plain(), format, a))
		check(t, report.Write(&other, ui.Plain(), format, b))
		if one.Len() == 0 || one.String() != other.String() {
			t.Errorf("%s differs", format)
		}
	}
	var text bytes.Buffer
	check(t, report.Write(&text, ui.Plain(), report.JSON, a))
	read, err := access.Parse(text.Bytes())
	check(t, err)
	if diff := cmp.Diff(a, read); diff != "" {
		t.Errorf("JSON loses something: %s", diff)
	}
}
