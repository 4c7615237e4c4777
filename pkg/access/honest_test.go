package access_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// of makes the review of what was read, with changes.
func (s *site) of(t *testing.T, change func(*access.Facts)) *access.Review {
	t.Helper()
	found, err := s.reader(t).Read(t.Context(), since(), now())
	check(t, err)
	f := access.Facts{Now: now(), Since: since(), Organization: s.state.Org, Directory: s.people, Selection: s.selection, Sentry: found}
	change(&f)
	r, err := access.New(f)
	check(t, err)
	return r
}

// TestRemovalsWithoutADate are told as such: they are no members who stay.
func TestRemovalsWithoutADate(t *testing.T) {
	t.Parallel()
	r := small(t).of(t, func(f *access.Facts) {
		for i := range f.Sentry.Removed[:2] {
			f.Sentry.Removed[i] = sentryapi.AuditEntry{ID: "1", Note: "removed member x@acme.test"}
		}
	})
	var out bytes.Buffer
	check(t, report.Write(&out, ui.Plain(), report.Text, r))
	if n := strings.Count(out.String(), "removed, date unknown"); n != 2 {
		t.Errorf("%d are removed without a date:\n%s", n, out.String())
	}
}

// TestWhatWasNotReadIsNotNone in any format.
func TestWhatWasNotReadIsNotNone(t *testing.T) {
	t.Parallel()
	s := small(t)
	s.state.APITokenScopes, s.noSCIM = []string{"org:read", "member:read"}, true
	s.people.People = s.people.People[:0] // so that there are no leavers
	r := s.review(t)
	if m := row(t, r, "robot@acme.test"); m.Teams != nil || r.Totals.Teams != nil {
		t.Errorf("found the teams %+v, in all %v", m.Teams, *r.Totals.Teams)
	}
	page, err := r.HTML()
	check(t, err)
	var text bytes.Buffer
	check(t, report.Write(&text, ui.Plain(), report.Text, r))
	const unknown = "the audit log was not read"
	for format, got := range map[string][2]string{
		"Markdown": {string(r.Markdown()), unknown}, "HTML": {string(page), unknown}, "text": {text.String(), "Leavers       0, and " + unknown},
		"teams in HTML": {string(page), `data-name="Teams"><div><div>not read</div></div>`}, "teams in text": {text.String(), "Teams         not read"},
	} {
		if !strings.Contains(got[0], got[1]) {
			t.Errorf("%s lacks %q:\n%s", format, got[1], got[0])
		}
	}
	cells := cellsOf(t, r, "robot@acme.test")
	if cells["teams"] != "not read" || cells["teams_why"] != "not read" || cells["added_at"] != "2024-01-01T00:00:00Z" {
		t.Errorf("found %q", cells)
	}
	s = small(t)
	s.noAPI = true
	cells = cellsOf(t, s.review(t), "robot@acme.test")
	if cells["added_at"] != "not read" || cells["last_active"] != "not read" || cells["teams"] != "By Hand; engineering" {
		t.Errorf("found %q", cells)
	}
}

// cellsOf are the cells of a member's row of CSV by their columns.
func cellsOf(t *testing.T, r *access.Review, email string) map[string]string {
	t.Helper()
	text, err := r.CSV()
	check(t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	check(t, err)
	cells := map[string]string{}
	for _, row := range rows {
		for i, name := range rows[0] {
			if row[1] == email && row[0] == "member" {
				cells[name] = row[i]
			}
		}
	}
	return cells
}

// TestCellsOfCSVHoldNoControls that a terminal or a spreadsheet would obey.
func TestCellsOfCSVHoldNoControls(t *testing.T) {
	t.Parallel()
	r := small(t).review(t)
	r.Members[0].Name, r.Members[1].Name, r.Members[2].Name = "a\x1b[2J\u202eb", "\u3000=1+1", "\u200b=1+1"
	text, err := r.CSV()
	check(t, err)
	if bytes.ContainsAny(text, "\x1b\u202e\u200b") || !bytes.Contains(text, []byte("'\u3000=1+1")) {
		t.Errorf("found %q", text)
	}
}

// TestARoleInATeamThatAPushGave and that no rule gives any more is not by hand.
func TestARoleInATeamThatAPushGave(t *testing.T) {
	t.Parallel()
	r := small(t).of(t, func(f *access.Facts) {
		f.Record = memory.New("https://sentry.acme.test", "acme")
		f.Record.Admins = []memory.Admin{{Team: "1", Member: "6"}}
	})
	if m := row(t, r, "robot@acme.test").Teams[1]; m.RoleWhy != "an earlier push, and no rule gives it now" {
		t.Errorf("found %+v", m)
	}
}

// TestTheEntryOfAMemberIsTheOneThatIsLeftOut although another has the address too.
func TestTheEntryOfAMemberIsTheOneThatIsLeftOut(t *testing.T) {
	t.Parallel()
	people, err := directory.Parse([]byte(`
users:
  - {username: ada, email: ada@acme.test, emails: [robot@acme.test]}
  - {username: robot, email: robot@acme.test, type: service_account}
`), "people.yaml", directory.YAML)
	check(t, err)
	s := &site{people: people, state: sandbox.DefaultState("acme"), selection: desired.Selection{ExcludeTypes: []string{"service_account"}}}
	s.state.Members = []sandbox.Member{{ID: "1", Email: "ada@acme.test", Linked: true}, {ID: "2", Email: "robot@acme.test", Linked: true}}
	if e := row(t, s.review(t), "robot@acme.test").Directory; e.State != access.LeftOut || e.Username != "robot" || !strings.HasSuffix(e.Why, "the type service_account is excluded") {
		t.Errorf("found %+v", e)
	}
}

// TestAMemberWhoseEntryHasNoAddressIsInTheDirectory as an earlier push knows.
func TestAMemberWhoseEntryHasNoAddressIsInTheDirectory(t *testing.T) {
	t.Parallel()
	people, err := directory.Parse([]byte("users: [{username: ada, id: '1', email: ada@acme.test}, {username: bob, id: '2'}]"), "people.yaml", directory.YAML)
	check(t, err)
	s := &site{people: people, state: sandbox.DefaultState("acme")}
	s.state.Members = []sandbox.Member{{ID: "1", Email: "ada@acme.test", Linked: true}, {ID: "2", Email: "bob@acme.test", Linked: true}}
	r := s.of(t, func(f *access.Facts) {
		f.Record = memory.New("https://sentry.acme.test", "acme")
		f.Record.Persons = []memory.Person{{ID: "1", Member: "1"}, {ID: "2", Member: "2"}}
	})
	want := access.Entry{State: access.LeftOut, Username: "bob", Groups: []string{}, Why: "in the directory, which has no address of the person now; recognised by an earlier push"}
	if diff := cmp.Diff(want, row(t, r, "bob@acme.test").Directory); diff != "" {
		t.Error(diff)
	}
}

// TestDiffBelievesTheIDBeforeTheAddress: whoever comes may get the address of somebody
// who stayed.
func TestDiffBelievesTheIDBeforeTheAddress(t *testing.T) {
	t.Parallel()
	review := func(members ...access.Member) *access.Review {
		return &access.Review{Organization: "acme", Members: members}
	}
	r := review(access.Member{ID: "9", Email: "info@acme.test"}, access.Member{ID: "1", Email: "olga@acme.test"})
	check(t, r.Compare(review(access.Member{ID: "1", Email: "info@acme.test"})))
	if diff := cmp.Diff([]string{"info@acme.test"}, r.Changes.Came) + cmp.Diff([]access.Change{{Email: "olga@acme.test", From: "info@acme.test", To: "olga@acme.test"}}, r.Changes.Addresses); diff != "" {
		t.Error(diff)
	}
}
