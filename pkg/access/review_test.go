package access_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// row is the row of a member.
func row(t *testing.T, r *access.Review, email string) access.Member {
	t.Helper()
	i := slices.IndexFunc(r.Members, func(m access.Member) bool { return m.Email == email })
	if i < 0 {
		t.Fatalf("no row of %s", email)
	}
	return r.Members[i]
}

func at(text string) *time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return &when
}

func TestEachRowSaysWhy(t *testing.T) {
	t.Parallel()
	r := small(t).review(t)
	yes, no := true, false
	contributor, admin := "contributor", "admin"
	const source = "Sentry API, directory"
	want := []access.Member{
		{
			ID: "2", Email: "ADA@acme.test", Name: "Ada Example", Role: "manager", RoleWhy: "scim.roles: leads", Everyone: true,
			Directory: access.Entry{State: access.Active, Username: "ada", Groups: []string{"engineering", "leads"}, Why: "active in the directory, in the groups engineering, leads"},
			Teams:     []access.Membership{{Team: "engineering", Why: "group engineering", Role: &admin, RoleWhy: "the role in the organization"}}, Projects: []string{"api", "web"},
			SSOLinked: &yes, Invited: &no, Expired: &no, AddedAt: at("2024-01-01T00:00:00Z"), LastSeen: at("2026-07-15T10:00:00Z"), Source: source, Findings: []access.Code{},
		},
		{
			ID: "6", Email: "robot@acme.test", Name: "robot@acme.test", Role: "member", RoleWhy: "the default role",
			Directory: access.Entry{State: access.LeftOut, Username: "robot", Groups: []string{}, Why: "by hand: in the directory, and not provisioned: the type service_account is excluded"},
			Teams: []access.Membership{
				{Team: "by-hand", Why: "by hand: no group makes this team", Role: &contributor, RoleWhy: "the default"},
				{Team: "engineering", Why: "by hand: not in the group engineering", Role: &admin, RoleWhy: "by hand"},
			},
			Projects:  []string{"api", "data", "web"},
			SSOLinked: &yes, Invited: &no, Expired: &no, AddedAt: at("2024-01-01T00:00:00Z"), Source: source, Findings: []access.Code{},
		},
	}
	if diff := cmp.Diff(want, []access.Member{row(t, r, "ADA@acme.test"), row(t, r, "robot@acme.test")}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for email, why := range map[string][2]string{
		"owner@acme.test": {"by hand: not in the directory", "by hand: SCIM gives nobody the role owner"},
		"ivan@acme.test":  {"none: inactive in the directory", "by hand"},
		"back@acme.test":  {"active in the directory, in no group", "the default role"},
		"left@acme.test":  {"none: added or changed by SCIM, and not in the directory", "the default role"},
	} {
		m := row(t, r, email)
		if diff := cmp.Diff(why, [2]string{m.Directory.Why, m.RoleWhy}); diff != "" {
			t.Errorf("%s: %s", email, diff)
		}
	}
}

func TestFindingsAndLeavers(t *testing.T) {
	t.Parallel()
	r := small(t).review(t)
	found := map[access.Code][]string{}
	for _, f := range r.Findings {
		found[f.Code] = f.Members
	}
	if diff := cmp.Diff(map[access.Code][]string{
		access.LeaverInside: {"ivan@acme.test"}, access.NoDirectoryEntry: {"left@acme.test", "owner@acme.test"}, access.Owner: {"owner@acme.test"},
		access.NotLinked: {"ivan@acme.test"}, access.InvitationExpired: {"grace@acme.test"}, access.NeverCame: {"back@acme.test"},
	}, found); diff != "" {
		t.Error(diff)
	}
	want := []access.Leaver{
		{Email: "gone@acme.test", Directory: access.Absent, Ended: "the directory has no date for it: it does not have the address", RemovedAt: at("2026-09-02T00:00:00Z"), RemovedBy: "owner@acme.test", Source: "Sentry API (audit log, entry 4), directory"},
		{Email: "back@acme.test", Directory: access.Active, Ended: "not ended: active in the directory", RemovedAt: at("2026-09-01T00:00:00Z"), RemovedBy: "owner@acme.test", Member: true, Source: "Sentry API (audit log, entry 3), directory"},
		{Email: "away@acme.test", Directory: access.Inactive, Ended: "inactive; the directory has no date for it", RemovedAt: at("2026-08-01T00:00:00Z"), RemovedBy: "SCIM Internal Integration", Source: "Sentry API (audit log, entry 2), directory"},
		{Email: "ivan@acme.test", Directory: access.Inactive, Ended: "inactive; the directory has no date for it", Member: true, Source: "Sentry API, directory"},
	}
	if diff := cmp.Diff(want, r.Leavers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	invited, linked, teams := 2, 4, 2
	if diff := cmp.Diff(access.Totals{
		Members: 7, Roles: map[string]int{"owner": 1, "manager": 1, "admin": 1, "member": 4}, Invited: &invited, Linked: &linked, Teams: &teams, Leavers: 4,
		Activity: &access.Activity{Month: 1, Quarter: 1, Longer: 1, Never: 2},
	}, r.Totals); diff != "" {
		t.Error(diff)
	}
}

// TestWhatATokenMayNotReadIsNamed takes scopes away one by one.
func TestWhatATokenMayNotReadIsNamed(t *testing.T) {
	t.Parallel()
	const unset = "sentry.api.token is not set"
	for name, tt := range map[string]struct {
		scopes []string
		noAPI  bool
		noSCIM bool
		want   []string
		teams  int // of robot
	}{
		"all":               {scopes: nil, teams: 2},
		"no audit log":      {scopes: []string{"org:read", "member:read", "team:read"}, want: []string{"audit log: the API token needs org:write"}, teams: 2},
		"no team members":   {scopes: []string{"org:read", "org:write", "member:read"}, want: []string{"team roles: the API token needs team:read"}, teams: 2},
		"no members":        {scopes: []string{"org:read", "org:write", "team:read"}, want: []string{"logins: the API token needs member:read"}, teams: 2},
		"no organization":   {scopes: []string{"member:read"}, want: []string{"team roles: the API token needs org:read", "projects: the API token needs org:read", "auth provider: the API token needs org:read", "audit log: the API token needs org:write"}, teams: 2},
		"no SCIM":           {scopes: nil, noSCIM: true, teams: 2},
		"no SCIM, no teams": {scopes: []string{"org:read", "org:write", "member:read"}, noSCIM: true, want: []string{"teams: the API token needs team:read", "team roles: the API token needs team:read", "projects: the API token needs team:read"}},
		"SCIM alone":        {noAPI: true, want: []string{"logins: " + unset, "team roles: " + unset, "projects: " + unset, "auth provider: " + unset, "audit log: " + unset}, teams: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := small(t)
			s.state.APITokenScopes, s.noAPI, s.noSCIM = tt.scopes, tt.noAPI, tt.noSCIM
			r := s.review(t)
			if diff := cmp.Diff(tt.want, r.NotRead()); diff != "" {
				t.Error(diff)
			}
			if m := row(t, r, "robot@acme.test"); len(m.Teams) != tt.teams {
				t.Errorf("found %+v", m.Teams)
			}
			html, err := r.HTML()
			check(t, err)
			for _, missing := range tt.want {
				source, why, _ := strings.Cut(missing, ": ")
				if text := "| " + source + " | `not read: " + why + "` |"; !strings.Contains(string(r.Markdown()), text) {
					t.Errorf("Markdown has no %s", text)
				}
				if text := `<th scope="row">` + source + `</th><td class="bad">not read: ` + why + "</td>"; !strings.Contains(string(html), text) {
					t.Errorf("HTML has no %s", text)
				}
			}
		})
	}
}

func TestWithoutAnyListThereIsNoReview(t *testing.T) {
	t.Parallel()
	s := small(t)
	s.state.APITokenScopes, s.noSCIM = []string{"org:read"}, true
	_, err := s.reader(t).Read(t.Context(), since(), now())
	if err == nil || err.Error() != "the members cannot be read: the API token needs member:read, and sentry.scim.token is not set" {
		t.Errorf("found %v", err)
	}
}

func TestFailOn(t *testing.T) {
	t.Parallel()
	r := small(t).review(t)
	for _, code := range access.Codes() {
		if err := r.Fails([]string{code}); fault.CodeOf(err) != fault.Findings || !fault.IsQuiet(err) {
			t.Errorf("%s: found %v", code, err)
		}
	}
	if err := r.Fails(nil); err != nil {
		t.Error(err)
	}
	s := small(t)
	s.noAPI = true
	if err := s.review(t).Fails([]string{"not-linked"}); fault.CodeOf(err) != fault.Credential {
		t.Errorf("found %v", err)
	}
	s.state.Members = s.state.Members[1:2]
	s.state.Teams = nil
	if err := s.review(t).Fails([]string{"leaver-inside", "owner", "no-directory-entry"}); err != nil {
		t.Errorf("found %v", err)
	}
	err := access.CheckCodes([]string{"owner", "leaver-insid"})
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(strings.Join(fault.Hints(err), ""), "did you mean leaver-inside?") {
		t.Errorf("found %v", err)
	}
}

func TestNothingIsToBeLinkedWithoutAnAuthProvider(t *testing.T) {
	t.Parallel()
	s := small(t)
	s.state.Provider, s.noSCIM = nil, true
	if err := s.review(t).Fails([]string{"not-linked"}); err != nil {
		t.Errorf("found %v", err)
	}
}

func TestARefusedMappingIsRefused(t *testing.T) {
	t.Parallel()
	s := small(t)
	s.selection.Groups = []string{"nothing"}
	found, err := s.reader(t).Read(t.Context(), since(), now())
	check(t, err)
	if _, err := access.New(access.Facts{Now: now(), Since: since(), Directory: s.people, Selection: s.selection, Sentry: found}); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	last := small(t).review(t)
	s := small(t)
	s.state.Members[1].Role = "member"                                                                                                 // ADA
	s.state.Members[5].Email = "robot-2@acme.test"                                                                                     // robot
	s.state.Members[6] = sandbox.Member{ID: "9", Email: "left@acme.test", Linked: true, Role: "member", Flags: []string{"sso:linked"}} // back under another id
	s.state.Members[2] = sandbox.Member{ID: "10", Email: "new@acme.test", Role: "member"}
	s.state.Teams[0].TeamRoles = nil
	s.state.Teams[0].Members = []string{"4", "6"}
	s.state.Teams[1].Members = []string{"2", "6"}
	r := s.review(t)
	check(t, r.Compare(last))
	want := &access.Changes{
		LastReviewedAt: now(), Came: []string{"new@acme.test"}, Left: []string{"grace@acme.test"},
		Addresses: []access.Change{{Email: "robot-2@acme.test", From: "robot@acme.test", To: "robot-2@acme.test"}},
		Roles:     []access.Change{{Email: "ADA@acme.test", From: "manager", To: "member"}},
		Teams:     []access.TeamChange{{Email: "ADA@acme.test", Joined: []string{"by-hand"}, Left: []string{"engineering"}}},
		TeamRoles: []access.TeamRole{{Email: "robot-2@acme.test", Team: "engineering", From: "admin", To: "contributor"}},
	}
	if diff := cmp.Diff(want, r.Changes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	same := small(t).review(t)
	check(t, same.Compare(last))
	if !same.Changes.Empty() {
		t.Errorf("found %+v", same.Changes)
	}
	other := *last
	other.Organization = "other"
	if err := same.Compare(&other); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
}

func TestAReviewThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{}", `{"sentryidp_access_review": 2}`, `{"sentryidp_access_review": 1, "members": 5}`} {
		if _, err := access.Parse([]byte(text)); fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0 {
			t.Errorf("%q: found %v", text, err)
		}
	}
	if _, err := access.Parse([]byte(`{"sentryidp_access_review": 1, "a later key": 1}`)); err != nil {
		t.Error(err)
	}
}

// TestAServerThatFailsEndsTheReview has each address fail by itself: a review that
// lacks a part without a word would be believed.
func TestAServerThatFailsEndsTheReview(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{
		"/organizations/acme/members/": 500, "/organizations/acme/teams/": 500, "/teams/acme/engineering/members/": 500,
		"/organizations/acme/auth-provider/": 500, "/organizations/acme/audit-logs/": 500, "/organizations/acme/audit-logs": 401,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := small(t)
			s.fails = func(r *http.Request) int {
				if strings.Contains(r.URL.Path, path) {
					return status
				}
				return 0
			}
			if _, err := s.reader(t).Read(t.Context(), since(), now()); err == nil || !strings.Contains(err.Error(), strconv.Itoa(status)) {
				t.Errorf("found %v", err)
			}
		})
	}
}

func TestATeamThatGoesMeanwhileHasNobody(t *testing.T) {
	t.Parallel()
	s := small(t)
	gone := false
	s.fails = func(r *http.Request) int {
		if strings.Contains(r.URL.Path, "/teams/acme/by-hand/") && !gone {
			gone = true
			return http.StatusNotFound
		}
		return 0
	}
	if r := s.review(t); len(row(t, r, "robot@acme.test").Teams) != 1 || len(r.NotRead()) > 0 {
		t.Errorf("found %+v, %v", row(t, r, "robot@acme.test").Teams, r.NotRead())
	}
}

// TestPeopleUnderAnotherAddress has what decides for a push decide here too: further
// addresses and the memory of earlier pushes, and what is only alike is not the same.
func TestPeopleUnderAnotherAddress(t *testing.T) {
	t.Parallel()
	people, err := directory.Parse([]byte(`
users:
  - {username: ada, id: "1", email: ada@acme.test, emails: [ada@old.test], groups: [leads]}
  - {username: bob, id: "2", email: bob@new.test}
  - {username: cid@acme.test, id: "3", email: other@acme.test}
  - {username: dan, id: "4", email: dan@acme.test, active: false}
  - {username: dan-2, id: "5", email: dan@acme.test, groups: [eng]}
groups: [{name: leads}, {name: eng}]
`), "people.yaml", directory.YAML)
	check(t, err)
	s := &site{people: people, state: sandbox.DefaultState("acme"), selection: desired.Selection{Roles: []desired.RoleRule{{Group: "leads", Role: "manager"}}}}
	s.state.Members = []sandbox.Member{
		{ID: "1", Email: "ada@old.test", Linked: true, Role: "admin"},
		{ID: "2", Email: "bob@old.test", Linked: true, Role: "manager", Flags: []string{"idp:role-restricted"}},
		{ID: "3", Email: "cid@acme.test", Linked: true},
		{ID: "4", Email: "dan@acme.test", Linked: true},
	}
	found, err := s.reader(t).Read(t.Context(), since(), now())
	check(t, err)
	record := memory.New("https://sentry.acme.test", "acme")
	record.Persons, record.PushedAt = []memory.Person{{ID: "2", Member: "2", Address: "bob@old.test"}}, now()
	r, err := access.New(access.Facts{Now: now(), Since: since(), Directory: s.people, Selection: s.selection, Record: record, Sentry: found})
	check(t, err)
	for email, want := range map[string][3]string{
		"ada@old.test":  {"active", "active in the directory, in the group leads; recognised by a further address", "by hand: scim.roles: leads gives manager"},
		"bob@old.test":  {"active", "active in the directory, in no group; recognised by an earlier push, under another address", "by SCIM, and no rule gives it now"},
		"cid@acme.test": {"absent", "by hand: cid@acme.test in the directory has the address, and is not known to be this member", "the default role"},
		"dan@acme.test": {"active", "active in the directory, in the group eng", "the default role"},
	} {
		m := row(t, r, email)
		if diff := cmp.Diff(want, [3]string{string(m.Directory.State), m.Directory.Why, m.RoleWhy}); diff != "" {
			t.Errorf("%s: %s", email, diff)
		}
	}
}

func TestRolesInTeamsSayWhatGaveThem(t *testing.T) {
	t.Parallel()
	people, err := directory.Parse([]byte(`
users:
  - {username: a, email: a@acme.test, groups: [web, leads]}
  - {username: b, email: b@acme.test, groups: [web]}
  - {username: c, email: c@acme.test, groups: [web, leads]}
  - {username: d, email: d@acme.test, groups: [web]}
groups: [{name: web}, {name: leads}]
`), "people.yaml", directory.YAML)
	check(t, err)
	s := &site{people: people, state: sandbox.DefaultState("acme"), selection: desired.Selection{
		Groups: []string{"web"}, TeamRoles: []desired.TeamRoleRule{{Group: "leads", Team: "web", Role: "admin"}},
	}}
	for i, name := range []string{"a", "b", "c", "d"} {
		s.state.Members = append(s.state.Members, sandbox.Member{ID: strconv.Itoa(i + 1), Email: name + "@acme.test", Linked: true})
	}
	s.state.Members[3].Role = "manager"
	s.state.Teams = []sandbox.Team{{ID: "1", Name: "web", Slug: "web", Members: []string{"1", "2", "3", "4"}, TeamRoles: map[string]string{"1": "admin", "2": "admin", "4": "contributor"}}}
	r := s.review(t)
	for email, want := range map[string]string{
		"a@acme.test": "admin, a rule (scim.team_roles, scim.mapping.team_role)", "b@acme.test": "admin, by hand", "c@acme.test": "contributor, the default", "d@acme.test": "admin, the role in the organization",
	} {
		if m := row(t, r, email).Teams[0]; *m.Role+", "+m.RoleWhy != want {
			t.Errorf("%s: found %s, %s; expected %s", email, *m.Role, m.RoleWhy, want)
		}
	}
}
