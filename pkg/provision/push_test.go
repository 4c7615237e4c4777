package provision_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func clock() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// world is an emulated Sentry and a push into it.
type world struct {
	sentry *sandbox.Sentry
	server *httptest.Server
	push   *provision.Push
	saved  int // snapshots taken
}

func newWorld(t *testing.T, state sandbox.State, broken func(n int, r *http.Request) sandbox.Fault) *world {
	t.Helper()
	random := rand.NewChaCha8([32]byte{})
	sentry, err := sandbox.NewSentry(state, sandbox.Config{Now: time.Now, Rand: random, Fault: broken})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sentry)
	t.Cleanup(server.Close)
	endpoint := server.URL + "/api/0/organizations/acme/scim/v2"
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	sent := &transport.Counter{}
	client, err := transport.New(transport.Options{
		Origin: endpoint, Token: secret.New(sentry.Token()), Counter: sent, MaxAttempts: 2,
		Clock: transport.Clock{Now: time.Now, Rand: rand.NewChaCha8([32]byte{}), Sleep: noWait}, Concurrency: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(endpoint, client)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{sentry: sentry, server: server}
	w.push = &provision.Push{
		Client: c, SentryURL: server.URL, Org: "acme", Source: "test", Policy: plan.Policy{Remove: plan.RemoveInactive}, Workers: 1, Now: clock,
		Guards: plan.Standard(),
		SaveSnapshot: func(*plan.Actual) (string, error) {
			w.saved++
			return "snapshot.json", nil
		},
		Requests: func() output.Requests { return output.Requests{Total: sent.Total(), ByMethod: sent.ByMethod()} },
		Say:      func(string, ...any) {},
	}
	return w
}

func wantOf(t *testing.T, yaml string) *desired.State {
	t.Helper()
	d, err := directory.Parse([]byte(yaml), "people.yaml", directory.YAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := desired.Want(d, desired.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// open lifts every objection but those that have no override.
func open() plan.Guards {
	everything := plan.Limit{Count: 1 << 30}
	return plan.Guards{
		Removals: everything, Memberships: everything, Teams: everything, Promotions: everything, Demotions: everything,
		TeamPromotions: everything, TeamDemotions: everything, Unlinked: everything,
		Replaced: everything, TeamsGone: everything, Blank: everything, AllowEmpty: true, AllowShrink: true, AllowEmptyTeams: true,
	}
}

// addresses are the keys of the people of a team.
func addresses(team desired.Team) []string {
	keys := []string{}
	for _, p := range team.Members {
		keys = append(keys, p.Key())
	}
	return keys
}

// holds is what Sentry has: members with roles, and teams with who is in them.
func (w *world) holds() (people map[string]string, teams map[string][]string) {
	state := w.sentry.Snapshot()
	people, teams = map[string]string{}, map[string][]string{}
	email := map[string]string{}
	for _, m := range state.Members {
		email[m.ID] = strings.ToLower(m.Email)
		people[email[m.ID]] = m.Role
	}
	for _, team := range state.Teams {
		if team.Status == "pending_deletion" {
			continue
		}
		names := []string{}
		for _, id := range team.Members {
			names = append(names, email[id])
		}
		slices.Sort(names)
		teams[team.Name] = names
	}
	return people, teams
}

func TestThePushedSampleIsExactlyWhatTheFileSays(t *testing.T) {
	t.Parallel()
	d, err := directory.Parse(sandbox.SamplePeople(), "sample", directory.YAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := desired.Want(d, desired.Selection{ExcludeTypes: []string{"service_account"}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, sandbox.SampleState(), nil)
	before, beforeTeams := w.holds()
	report, err := w.push.Run(t.Context(), want)
	if err != nil || !report.Verified || w.saved != 1 {
		t.Fatalf("push: %v, verified %v, %d snapshots", err, report.Verified, w.saved)
	}

	wantPeople, wantTeams := before, map[string][]string{"Release Managers": beforeTeams["Release Managers"]}
	for _, p := range want.People {
		key := strings.ToLower(p.Email)
		if !p.Active {
			delete(wantPeople, key)
		} else if wantPeople[key] == "" {
			wantPeople[key] = "member"
		}
	}
	for _, team := range want.Teams {
		wantTeams[team.Name] = slices.DeleteFunc(addresses(team), func(key string) bool { return wantPeople[key] == "" })
	}
	people, teams := w.holds()
	if diff := cmp.Diff(wantPeople, people); diff != "" {
		t.Errorf("members differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantTeams, teams); diff != "" {
		t.Errorf("teams differ (-want +got):\n%s", diff)
	}
	if report.Applied != report.Plan.Counts() || len(report.Failed) != 0 {
		t.Errorf("applied %+v of %+v, failed %v", report.Applied, report.Plan.Counts(), report.Failed)
	}

	sent := w.push.Requests().Total
	again, err := w.push.Run(t.Context(), want)
	if err != nil || !again.Plan.Empty() || !again.Verified {
		t.Fatalf("second push: %v, plan %v", err, again.Plan.Lines())
	}
	if requests := again.Requests.Total - sent; requests != 2 {
		t.Errorf("the second push sent %d requests, want one list of members and one of teams", requests)
	}
}

func TestTheSecondPushSendsOnlyTheLists(t *testing.T) {
	t.Parallel()
	var people strings.Builder
	people.WriteString("users:\n")
	for i := range 250 {
		fmt.Fprintf(&people, "- {username: u%03d, email: u%03d@acme.test, groups: [team %03d]}\n", i, i, i%150)
	}
	want := wantOf(t, people.String())
	w := newWorld(t, sandbox.DefaultState("acme"), nil)
	if _, err := w.push.Run(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	sent := w.push.Requests().Total
	if _, err := w.push.Run(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if requests := w.push.Requests().Total - sent; requests != 3+2 {
		t.Errorf("%d requests for 250 members and 150 teams, want 3 + 2", requests)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.SampleState(), nil)
	w.push.DryRun = true
	before := w.sentry.Snapshot()
	report, err := w.push.Run(t.Context(), wantOf(t, "users: [{email: new@acme.test, groups: [New]}]"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"invite new@acme.test", "create the team New", "add new@acme.test to New"}, report.Plan.Lines()); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, w.sentry.Snapshot()); diff != "" || w.saved != 0 {
		t.Errorf("Sentry changed, or a snapshot was taken:\n%s", diff)
	}
	if report.Verified || report.Applied.Total() != 0 || report.Requests.ByMethod["GET"] != report.Requests.Total {
		t.Errorf("report of a dry run: %+v", report)
	}
}

func TestARefusedPlanWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.SampleState(), nil)
	w.push.Guards.Removals = plan.Limit{Count: 0}
	before := w.sentry.Snapshot()
	report, err := w.push.Run(t.Context(), wantOf(t, "users: [{email: ivan.inactive@acme.test, active: false}]"))
	if fault.CodeOf(err) != fault.Refused || len(report.Refused) != 1 {
		t.Errorf("got %v, report %+v", err, report.Refused)
	}
	if diff := cmp.Diff(before, w.sentry.Snapshot()); diff != "" {
		t.Errorf("Sentry changed:\n%s", diff)
	}
}

func TestOnePersonsFailureStopsNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), func(_ int, r *http.Request) sandbox.Fault {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err == nil && (bytes.Contains(body, []byte("refused@acme.test")) || bytes.Contains(body, []byte("Web"))) {
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"no"}`}
		}
		return sandbox.Fault{}
	})
	want := wantOf(t, `
users:
- {email: new@acme.test, groups: [Web, Data]}
- {email: refused@acme.test, groups: [Data]}
`)
	report, err := w.push.Run(t.Context(), want)
	if !fault.IsQuiet(err) || fault.CodeOf(err) != fault.Partial {
		t.Errorf("got %v, want a quiet error of code %d", err, fault.Partial)
	}
	changes := []string{}
	for _, f := range report.Failed {
		changes = append(changes, f.Change)
		if f.Error == "" {
			t.Errorf("no reason for %s", f.Change)
		}
	}
	wantChanges := []string{"add new@acme.test to Web", "add refused@acme.test to Data", "create the team Web", "invite refused@acme.test"}
	if diff := cmp.Diff(wantChanges, changes); diff != "" {
		t.Errorf("failures differ (-want +got):\n%s", diff)
	}
	_, teams := w.holds()
	if diff := cmp.Diff(map[string][]string{"Data": {"new@acme.test"}}, teams); diff != "" {
		t.Errorf("teams differ (-want +got):\n%s", diff)
	}
}

func TestARefusedTokenEndsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Groups") {
			return sandbox.Fault{Status: http.StatusUnauthorized, ContentType: "application/json", Body: `{"detail":"Invalid token"}`}
		}
		return sandbox.Fault{}
	})
	want := wantOf(t, "users: [{email: a@acme.test, groups: [one, two, three]}]")
	report, err := w.push.Run(t.Context(), want)
	if fault.CodeOf(err) != fault.Partial || fault.IsQuiet(err) {
		t.Errorf("got %v with code %d, want the refusal as a partial push", err, fault.CodeOf(err))
	}
	if report.Applied.UsersCreate != 1 || len(report.Failed) != 1 || report.Verified {
		t.Errorf("applied %+v, failed %v, verified %v", report.Applied, report.Failed, report.Verified)
	}
}

func TestAnInterruptReportsWhatWasDone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, sandbox.DefaultState("acme"), func(n int, _ *http.Request) sandbox.Fault {
		if n == 5 { // two lists, then the third invitation
			cancel()
		}
		return sandbox.Fault{}
	})
	want := wantOf(t, "users: [{email: a@acme.test}, {email: b@acme.test}, {email: c@acme.test}, {email: d@acme.test}]")
	report, err := w.push.Run(ctx, want)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if report.Applied.UsersCreate != 3 || len(w.sentry.Snapshot().Members) != 3 {
		t.Errorf("applied %+v, Sentry has %d members: the request under way must finish, and no other begin", report.Applied, len(w.sentry.Snapshot().Members))
	}
	if report, err = w.push.Run(t.Context(), want); err != nil || !report.Verified {
		t.Errorf("the next run: %v", err)
	}
}

func TestAMemberWhoVanishesMeanwhileCostsNobodyElse(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{{ID: "2", Email: "gone@acme.test", Linked: true}, {ID: "3", Email: "here@acme.test", Linked: true}}
	state.Teams = []sandbox.Team{{ID: "9", Name: "Web", Slug: "web", Members: []string{}}}
	var w *world
	w = newWorld(t, state, func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/Groups/") {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/api/0/organizations/acme/scim/v2/Users/2", nil)
			request.Header.Set("Authorization", "Bearer "+w.sentry.Token())
			w.sentry.ServeHTTP(httptest.NewRecorder(), request)
		}
		return sandbox.Fault{}
	})
	report, err := w.push.Run(t.Context(), wantOf(t, "users: [{email: gone@acme.test, groups: [Web]}, {email: here@acme.test, groups: [Web]}]"))
	if fault.CodeOf(err) != fault.Partial {
		t.Errorf("got %v, want a partial push", err)
	}
	_, teams := w.holds()
	if diff := cmp.Diff([]string{"here@acme.test"}, teams["Web"]); diff != "" {
		t.Errorf("team differs (-want +got):\n%s", diff)
	}
	if len(report.Failed) != 1 || report.Failed[0].Change != "add gone@acme.test to Web" {
		t.Errorf("failed: %+v", report.Failed)
	}
}

// A replace would lose the roles in the team of older Sentrys.
func TestManyChangesOfATeamGoInRequestsOfAHundred(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	team := sandbox.Team{ID: "9", Name: "Web", Slug: "web", Members: []string{}, TeamRoles: map[string]string{"100": "admin"}}
	for i := range 250 {
		id := strconv.Itoa(100 + i)
		state.Members = append(state.Members, sandbox.Member{ID: id, Email: "u" + id + "@acme.test", Linked: true})
		team.Members = append(team.Members, id)
	}
	state.Teams = []sandbox.Team{team}
	w := newWorld(t, state, nil)
	w.push.Guards = open()
	_, err := w.push.Run(t.Context(), wantOf(t, "users: [{email: u100@acme.test, groups: [Web]}, {email: new@acme.test, groups: [Web]}]"))
	if err != nil {
		t.Fatal(err)
	}
	_, teams := w.holds()
	if diff := cmp.Diff([]string{"new@acme.test", "u100@acme.test"}, teams["Web"]); diff != "" {
		t.Errorf("team differs (-want +got):\n%s", diff)
	}
	if patches := w.push.Requests().ByMethod[http.MethodPatch]; patches != 4 {
		t.Errorf("%d PATCH requests for one to add and 249 to remove, want 1 + 3", patches)
	}
	if role := w.sentry.Snapshot().Teams[0].TeamRoles["100"]; role != "admin" {
		t.Errorf("the role in the team is %q, want admin", role)
	}
}

// join puts a member into a team, as somebody does by hand.
func (w *world) join(t *testing.T, member, team string) {
	t.Helper()
	w.ask(t, http.MethodPatch, "/Groups/"+team, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"`+member+`"}]}]}`)
}

// ask sends a request past the push.
func (w *world) ask(t *testing.T, method, path, body string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, "/api/0/organizations/acme/scim/v2"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+w.sentry.Token())
	answer := httptest.NewRecorder()
	w.sentry.ServeHTTP(answer, request)
	if answer.Code >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
}
