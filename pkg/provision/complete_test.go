package provision_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/access"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// shop is an organization whose teams have admins and projects by the directory.
type shop struct {
	state     sandbox.State
	people    directory.Directory
	selection desired.Selection
}

// newShop has teams of three people, the first of whom is to be the admin, and who
// is in the group of that name; each team has its own project and the common one.
func newShop(teams int) *shop {
	s := &shop{state: sandbox.DefaultState("acme"), people: directory.Directory{Source: "shop"}}
	s.state.Members = []sandbox.Member{{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"}}
	s.state.Projects = []sandbox.Project{{ID: "9000", Slug: "common"}}
	for n := range teams {
		name := fmt.Sprintf("team-%03d", n)
		leads := directory.Group{Name: name + "-leads"}
		group := directory.Group{Name: name}
		for i := range 3 {
			email := fmt.Sprintf("p%03d-%d@acme.test", n, i)
			p := directory.Person{ID: email, Username: email, Email: email, Active: true, Groups: []string{name}}
			group.Members = append(group.Members, email)
			if i == 0 {
				p.Groups = append(p.Groups, leads.Name)
				leads.Members = append(leads.Members, email)
			}
			s.people.People = append(s.people.People, p)
		}
		s.people.Groups = append(s.people.Groups, group, leads)
		s.state.Projects = append(s.state.Projects, sandbox.Project{ID: strconv.Itoa(9001 + n), Slug: name + "-api"})
		s.selection.Groups = append(s.selection.Groups, name)
		s.selection.TeamRoles = append(s.selection.TeamRoles, desired.TeamRoleRule{Group: leads.Name, Team: name, Role: "admin"})
		s.selection.Projects = append(s.selection.Projects, desired.TeamProjects{Team: name, Projects: []string{"common", name + "-*"}})
	}
	return s
}

func (s *shop) want(t *testing.T) *desired.State {
	t.Helper()
	want, err := desired.Want(&s.people, s.selection)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// completing makes a push into handler that can complete teams, with both tokens.
// Without an API token, there is none.
func completing(t *testing.T, handler http.Handler, scimToken, apiToken string, l line) *provision.Push {
	t.Helper()
	address, network := l.lead(t, handler)
	sent := &transport.Counter{}
	push := pushOver(t, handler, scimToken, l)
	own := func(token string) *sentryapi.Client {
		web, err := transport.New(transport.Options{
			Origin: address, Token: secret.New(token), Counter: sent, Clock: transport.Clock{Now: time.Now, Rand: rand.Reader},
			Concurrency: l.concurrency, AttemptTimeout: l.timeout, Base: network,
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := sentryapi.New(address, "acme", web)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	before := push.Requests
	push.Requests = func() output.Requests {
		all := before()
		byMethod := map[string]int{}
		for _, each := range []map[string]int{all.ByMethod, sent.ByMethod()} {
			for method, n := range each {
				byMethod[method] += n
			}
		}
		return output.Requests{Total: all.Total + sent.Total(), ByMethod: byMethod}
	}
	push.Teams = &access.Teams{SCIM: own(scimToken), API: func(context.Context) (*sentryapi.Client, error) {
		if apiToken == "" {
			return nil, fault.New(fault.Credential, "Sentry's API token is not set")
		}
		return own(apiToken), nil
	}}
	push.Record = memory.New("http://localhost", "acme")
	push.SaveRecord = func(*memory.Record) error { return nil }
	return push
}

// served is a shop behind an emulated Sentry with faults.
func (s *shop) served(t *testing.T, on ...string) (*sandbox.Sentry, *faults.Board) {
	t.Helper()
	board, err := faults.New(sandbox.Faults())
	if err != nil {
		t.Fatal(err)
	}
	sentry, err := sandbox.NewSentry(s.state, sandbox.Config{Now: time.Now, Rand: rand.Reader, Faults: board})
	if err != nil {
		t.Fatal(err)
	}
	if err := board.Set(on); err != nil {
		t.Fatal(err)
	}
	return sentry, board
}

// admins are the addresses of the admins of each team, projects its projects.
func inTeams(state sandbox.State) (admins, projects map[string][]string) {
	email := map[string]string{}
	for _, m := range state.Members {
		email[m.ID] = m.Email
	}
	admins, projects = map[string][]string{}, map[string][]string{}
	for _, team := range state.Teams {
		for id, role := range team.TeamRoles {
			if role == "admin" {
				admins[team.Name] = append(admins[team.Name], email[id])
			}
		}
		slices.Sort(admins[team.Name])
		projects[team.Name] = slices.Sorted(slices.Values(team.Projects))
	}
	return admins, projects
}

// reached tells how Sentry differs from what it has to hold.
func (s *shop) reached(state sandbox.State) string {
	wantAdmins, wantProjects := map[string][]string{}, map[string][]string{}
	for n, name := range s.selection.Groups {
		wantAdmins[name] = []string{fmt.Sprintf("p%03d-0@acme.test", n)}
		wantProjects[name] = []string{"common", name + "-api"}
	}
	admins, projects := inTeams(state)
	return cmp.Diff(wantAdmins, admins) + cmp.Diff(wantProjects, projects)
}

// TestTwoHundredTeamsAreRightAfterOnePush with the standard guards, and the second
// push writes nothing: it sends the lists of members and teams, one list for each team
// with a rule, and the list of projects.
func TestTwoHundredTeamsAreRightAfterOnePush(t *testing.T) {
	t.Parallel()
	const teams = 200
	s := newShop(teams)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 8, pageSize: 100})
	push.Guards = plan.Standard()
	want := s.want(t)
	report, err := push.Run(t.Context(), want)
	if err != nil || !report.Verified || report.Applied.TeamRoles != teams || report.Applied.ProjectsAdd != 2*teams {
		t.Fatalf("%v: applied %+v, failed %+v, refused %q", err, report.Applied, report.Failed, report.Refused)
	}
	if diff := s.reached(sentry.Snapshot()); diff != "" {
		t.Error(diff)
	}
	sent := push.Requests()
	again, err := push.Run(t.Context(), want)
	if err != nil || !again.Plan.Empty() {
		t.Fatalf("second push: %v, plans %q", err, again.Plan.Lines())
	}
	lists := (3*teams+1+99)/100 + teams/100 + teams + (teams+1+99)/100
	if diff := cmp.Diff(map[string]int{http.MethodGet: lists}, difference(push.Requests().ByMethod, sent.ByMethod)); diff != "" {
		t.Error(diff)
	}
}

// TestWithoutRulesNothingMoreIsSent neither in a push nor in a comparison, whatever
// is remembered.
func TestWithoutRulesNothingMoreIsSent(t *testing.T) {
	t.Parallel()
	s := newShop(3)
	s.selection.TeamRoles, s.selection.Projects = nil, nil
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 1, pageSize: 100})
	push.Record.Admins, push.Record.Links = []memory.Admin{{Team: "1", Member: "2"}}, []memory.Link{{Team: "1", Project: "9000"}}
	push.Policy.UnlinkProjects = false
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := push.Status(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	for _, r := range sentry.Requests() {
		if !strings.Contains(r.Path, "/scim/v2/") {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
}

// TestEveryTroubleCompletesTeams lets every 2nd or 3rd request go wrong in each way,
// those of Sentry's own API too.
func TestEveryTroubleCompletesTeams(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles() {
		if trouble.fault == nil {
			continue // of SCIM's lists alone
		}
		for _, every := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s on every %d", trouble.name, every), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { completeUnder(t, trouble, every) })
			})
		}
	}
}

func completeUnder(t *testing.T, trouble trouble, every int) {
	t.Helper()
	s := newShop(4)
	b := &brokenSentry{every: every, inRow: map[string]int{}}
	var err error
	b.sentry, err = sandbox.NewSentry(s.state, sandbox.Config{Now: time.Now, Rand: rand.Reader, Fault: func(n int, r *http.Request) sandbox.Fault {
		if b.well.Load() || n%every != 0 || b.spares(r) {
			return sandbox.Fault{}
		}
		return trouble.fault(b)
	}})
	if err != nil {
		t.Fatal(err)
	}
	push := completing(t, b, b.sentry.Token(), b.sentry.APIToken(), line{concurrency: 4, pageSize: 10, timeout: patience, bubble: true})
	report, err := push.Run(t.Context(), s.want(t))
	b.well.Store(true)
	time.Sleep(2 * patience)
	if err != nil || !report.Verified {
		failed, unverified := told(report)
		t.Fatalf("push: %v\nfailed %+v\nunverified %q", err, failed, unverified)
	}
	if diff := s.reached(b.sentry.Snapshot()); diff != "" {
		t.Errorf("Sentry differs:\n%s", diff)
	}
	again, err := push.Run(t.Context(), s.want(t))
	if err != nil || !again.Plan.Empty() {
		t.Fatalf("second push: %v, plans %q", err, again.Plan.Lines())
	}

	// and taken back, under the same trouble
	b.well.Store(false)
	s.selection.TeamRoles, s.selection.Projects[0].Projects = s.selection.TeamRoles[1:], []string{"common"}
	push.Policy.UnlinkProjects = true
	report, err = push.Run(t.Context(), s.want(t))
	b.well.Store(true)
	time.Sleep(2 * patience)
	admins, projects := inTeams(b.sentry.Snapshot())
	if err != nil || !report.Verified || len(admins["team-000"]) > 0 || !slices.Equal(projects["team-000"], []string{"common"}) || len(projects["team-001"]) != 2 {
		failed, unverified := told(report)
		t.Fatalf("taking back: %v\nfailed %+v\nunverified %q\nadmins %v, projects %v", err, failed, unverified, admins, projects)
	}
}

// TestSentryWithoutRolesInTeams answers 200 to one change, which is told; the rest is
// not sent, nor is anything the next night, until a week has passed.
func TestSentryWithoutRolesInTeams(t *testing.T) {
	t.Parallel()
	s := newShop(5)
	sentry, board := s.served(t, "team-roles-off")
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 4, pageSize: 100})
	puts := func() int {
		n := 0
		for _, r := range sentry.Requests() {
			if r.Method == http.MethodPut || strings.HasSuffix(strings.Split(r.Path, "?")[0], "/members/") {
				n++
			}
		}
		return n
	}
	report, err := push.Run(t.Context(), s.want(t))
	if fault.CodeOf(err) != fault.Partial || len(report.Failed) != 1 || report.Applied.TeamRoles != 0 || puts() != 1 || report.Applied.ProjectsAdd != 10 {
		t.Fatalf("%v: %d requests for roles, applied %+v, failed %+v, unverified %q", err, puts(), report.Applied, report.Failed, report.Unverified)
	}
	if f := report.Failed[0]; f.Kind != "team_roles" || !strings.Contains(f.Sentence(), "team-roles is off") {
		t.Errorf("found %+v", f)
	}
	report, err = push.Run(t.Context(), s.want(t))
	if err != nil || puts() != 1 || !report.Plan.Empty() || !strings.Contains(strings.Join(report.Notes, "\n"), "roles in teams are not set: ") {
		t.Errorf("the next night: %v, %d requests, notes %q", err, puts(), report.Notes)
	}
	if err := board.Set(nil); err != nil {
		t.Fatal(err)
	}
	push.Now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	report, err = push.Run(t.Context(), s.want(t))
	if err != nil || report.Applied.TeamRoles != 5 {
		t.Errorf("a week later: %v, applied %+v, failed %+v", err, report.Applied, report.Failed)
	}
}

// TestTheTokenForRolesInTeams is SCIM's, and the other one where that is refused,
// which is told and remembered.
func TestTheTokenForRolesInTeams(t *testing.T) {
	t.Parallel()
	s := newShop(3)
	s.selection.Projects = nil
	sentry, _ := s.served(t, "scim-token-teams")
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 1, pageSize: 100})
	report, err := push.Run(t.Context(), s.want(t))
	if err != nil || report.Applied.TeamRoles != 3 || !strings.Contains(strings.Join(report.Notes, "\n"), "Sentry refuses the SCIM token for roles in teams") {
		t.Fatalf("%v: applied %+v, notes %q", err, report.Applied, report.Notes)
	}
	refused := func() int {
		n := 0
		for _, r := range sentry.Requests() {
			if r.Status == http.StatusForbidden {
				n++
			}
		}
		return n
	}
	if n := refused(); n != 1 {
		t.Errorf("%d requests were refused", n)
	}
	next := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 1, pageSize: 100})
	next.Record = push.Record
	if _, err := next.Run(t.Context(), s.want(t)); err != nil || refused() != 1 {
		t.Errorf("the next night: %v, %d requests were refused", err, refused())
	}

	alone := completing(t, sentry, sentry.Token(), "", line{concurrency: 1, pageSize: 100})
	_, err = alone.Run(t.Context(), s.want(t))
	if fault.CodeOf(err) != fault.Credential || !strings.Contains(strings.Join(fault.Hints(err), "\n"), "team:write") {
		t.Errorf("without another token: %v %q", err, fault.Hints(err))
	}
}

// TestProjectsNeedTheirToken: the SCIM token is never used for them.
func TestProjectsNeedTheirToken(t *testing.T) {
	t.Parallel()
	s := newShop(1)
	s.selection.TeamRoles = nil
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), "", line{concurrency: 1, pageSize: 100})
	if _, err := push.Run(t.Context(), s.want(t)); fault.CodeOf(err) != fault.Credential {
		t.Errorf("found %v", err)
	}
	for _, r := range sentry.Requests() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "/projects/") {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
}

// TestAProjectThatIsRefusedStopsNothingElse: each failure is told.
func TestAProjectThatIsRefusedStopsNothingElse(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"project-refused", "project-vanished", "api-token-projects"} {
		s := newShop(2)
		s.selection.Projects[0].Projects = append(s.selection.Projects[0].Projects, "nowhere", "none-*")
		sentry, _ := s.served(t, id)
		push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 2, pageSize: 100})
		report, err := push.Run(t.Context(), s.want(t))
		if fault.CodeOf(err) != fault.Partial || len(report.Failed) != 4 || report.Applied.TeamRoles != 2 || report.Applied.MembersAdd != 6 {
			t.Errorf("%s: %v, applied %+v, failed %+v", id, err, report.Applied, report.Failed)
		}
		var missing []string
		for _, skipped := range report.Skipped {
			missing = append(missing, skipped.Who)
		}
		if diff := cmp.Diff([]string{"project none-*", "project nowhere"}, missing); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

// TestWhatARuleGaveIsTakenBack and nothing else: roles and links that were given by
// hand stay, and so do those of an earlier push without the permission to remove.
func TestWhatARuleGaveIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newShop(2)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 2, pageSize: 100})
	push.Guards = plan.Standard()
	var saved *plan.Actual
	push.SaveSnapshot = func(a *plan.Actual) (string, error) { saved = a; return "s", nil }
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	hand := byHand(t, sentry)
	hand(http.MethodPut, "organizations/acme/members/"+idOf(sentry, "p000-1@acme.test")+"/teams/team-000/", `{"teamRole":"admin"}`)
	hand(http.MethodPost, "projects/acme/team-001-api/teams/team-000/", "")

	// the lead leaves the group, and the project is named no more
	s.people.Groups[1].Members = nil
	s.people.People[0].Groups = []string{"team-000"}
	s.selection.Projects[0].Projects = []string{"common"}
	report, err := push.Run(t.Context(), s.want(t))
	if diff := cmp.Diff([]string{"make p000-0@acme.test contributor of the team team-000"}, report.Plan.Lines()); err != nil || diff != "" {
		t.Fatalf("%v: %s", err, diff)
	}
	push.Policy.UnlinkProjects = true
	report, err = push.Run(t.Context(), s.want(t))
	if diff := cmp.Diff([]string{"unlink the project team-000-api from the team team-000"}, report.Plan.Lines()); err != nil || diff != "" {
		t.Fatalf("%v: %s", err, diff)
	}
	admins, projects := inTeams(sentry.Snapshot())
	if diff := cmp.Diff([]string{"p000-1@acme.test"}, admins["team-000"]) + cmp.Diff([]string{"common", "team-001-api"}, projects["team-000"]); diff != "" {
		t.Error(diff)
	}

	// a restore of what was saved before the link was removed puts it back, and with
	// the roles those of then
	before := snapshot.Take(push.SentryURL, "acme", time.Now(), saved)
	report, err = push.Restore(t.Context(), before, provision.Restoring{Roles: true})
	if diff := cmp.Diff([]string{"link the project team-000-api to the team team-000"}, report.Plan.Lines()); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}

func idOf(sentry *sandbox.Sentry, email string) string {
	for _, m := range sentry.Snapshot().Members {
		if m.Email == email {
			return m.ID
		}
	}
	return ""
}

// byHand sends requests as somebody who works in Sentry.
func byHand(t *testing.T, sentry *sandbox.Sentry) func(method, path, body string) {
	t.Helper()
	return func(method, path, body string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/0/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+sentry.APIToken())
		w := httptest.NewRecorder()
		if sentry.ServeHTTP(w, r); w.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
}

// TestTheGuardsOfTeams refuse many changes at once, and several nights of few.
func TestTheGuardsOfTeams(t *testing.T) {
	t.Parallel()
	s := newShop(5)
	rules := s.selection.TeamRoles
	s.selection.TeamRoles = nil
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), line{concurrency: 2, pageSize: 100})
	push.Guards = plan.Standard()
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	s.selection.TeamRoles = rules
	if _, err := push.Run(t.Context(), s.want(t)); fault.CodeOf(err) != fault.Refused || !strings.Contains(strings.Join(fault.Hints(err), " "), "--max-team-promotions 5") {
		t.Errorf("all at once: %v %q", err, fault.Hints(err))
	}
	s.selection.TeamRoles = rules[:3]
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Errorf("three: %v", err)
	}
	s.selection.TeamRoles = rules[:4]
	if _, err := push.Run(t.Context(), s.want(t)); fault.CodeOf(err) != fault.Refused {
		t.Errorf("one more on the next night: %v", err)
	}
	push.Record.Taken = nil
	push.Guards.TeamDemotions, push.Guards.Unlinked, push.Guards.Floor = plan.Limit{}, plan.Limit{}, 0
	push.Policy.UnlinkProjects = true
	s.selection.TeamRoles = []desired.TeamRoleRule{{Group: "team-000", Team: "team-000", Role: "contributor"}}
	s.selection.Projects = s.selection.Projects[:4]
	_, err := push.Run(t.Context(), s.want(t))
	hints := strings.Join(fault.Hints(err), " ")
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(hints, "--max-team-demotions 3") || !strings.Contains(hints, "--max-project-removals 2") {
		t.Errorf("taking away: %v %q", err, hints)
	}
}
