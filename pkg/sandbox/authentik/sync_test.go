package authentik_test

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// linked is an authentik whose SCIM provider is an emulated Sentry's, in the
// background of the application.
type linked struct {
	*authentik.Authentik

	sentry   *sandbox.Sentry
	provider string // its key
}

// silent is a Sentry release that does not say what its SCIM can do.
const silent = sandbox.Release268

func connect(t *testing.T, release authentik.Release, target sandbox.State, says sandbox.Release, more map[string]any) linked {
	t.Helper()
	sentry, err := sandbox.NewSentry(target, sandbox.Config{Release: says, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sentry)
	l := linked{Authentik: serve(t, release, fresh()), sentry: sentry}
	t.Cleanup(func() {
		l.Wait()
		server.Close()
	})
	_, mapping := ask(t, l, "POST", "/api/v3/propertymappings/provider/scim/", body(t, map[string]any{"name": "mine", "expression": integration.Expression()}))
	_, managed := ask(t, l, "GET", "/api/v3/propertymappings/provider/scim/?managed=goauthentik.io/providers/scim/group", "")
	fields := map[string]any{
		"name": "SCIM", "url": server.URL + "/api/0/organizations/acme/scim/v2/", "token": sentry.Token(), "exclude_users_service_account": true,
		"property_mappings": []any{mapping["pk"]}, "property_mappings_group": []any{first(t, managed)["pk"]},
	}
	maps.Copy(fields, more)
	status, made := ask(t, l, "POST", "/api/v3/providers/scim/", body(t, fields))
	if status != 201 {
		t.Fatal(status, made)
	}
	l.provider = fmt.Sprint(made["pk"])
	l.Wait()
	if _, got := ask(t, l, "GET", "/api/v3/tasks/tasks/", ""); !strings.Contains(fmt.Sprint(got), "Is it assigned to an application?") {
		t.Errorf("the sync of a provider that no application has: %v", got)
	}
	if status, got := ask(t, l, "PATCH", "/api/v3/core/applications/sentry/", body(t, map[string]any{"backchannel_providers": []any{made["pk"]}})); status != 200 {
		t.Fatal(status, got)
	}
	return l
}

// send runs the schedule to its end and returns the requests, without what they
// are about.
func (l linked) send(t *testing.T) []string {
	t.Helper()
	_, schedules := ask(t, l, "GET", "/api/v3/tasks/schedules/?rel_obj_id="+l.provider, "")
	before := len(l.sentry.Requests())
	if status, got := ask(t, l, "POST", fmt.Sprintf("/api/v3/tasks/schedules/%v/send/", first(t, schedules)["id"]), ""); status != 204 {
		t.Fatal(status, got)
	}
	l.Wait()
	requests := []string{}
	for _, r := range l.sentry.Requests()[before:] {
		_, path, _ := strings.Cut(r.Path, "/scim/v2/")
		path, _, _ = strings.Cut(path, "?")
		kind, _, _ := strings.Cut(path, "/")
		requests = append(requests, r.Method+" "+kind)
	}
	return requests
}

// members are the addresses of the members, without their domain.
func (l linked) members() string {
	var names []string
	for _, m := range l.sentry.Snapshot().Members {
		name, _, _ := strings.Cut(m.Email, "@")
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// wrote are the words of the tasks with that status.
func (l linked) wrote(t *testing.T, status string) string {
	t.Helper()
	_, got := ask(t, l, "GET", "/api/v3/tasks/tasks/?aggregated_status="+status, "")
	return fmt.Sprint(got["results"])
}

func organization(emails ...string) sandbox.State {
	state := sandbox.DefaultState("acme")
	for i, email := range emails {
		state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(i + 1), Email: email + "@acme.test", Linked: true, Role: "member"})
	}
	return state
}

func repeat(times int, request string) []string { return slices.Repeat([]string{request}, times) }

// TestEverySyncSendsEverybody holds the requests of a first and a second sync
// against a Sentry that does not say what it can do, and repeats no externalId.
func TestEverySyncSendsEverybody(t *testing.T) {
	t.Parallel()
	discovery := []string{"GET Users", "GET Groups"}
	for _, release := range authentik.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			people, discovered := 2, []string{}
			if release < authentik.Release202602 { // the bindings of the application mean nothing
				people = 3
			}
			if release >= authentik.Release202602 {
				discovered = discovery
			}
			l := connect(t, release, organization(), silent, nil)
			want := slices.Concat([]string{"GET ServiceProviderConfig"}, discovered, repeat(people, "POST Users"), []string{"POST Groups", "PATCH Groups"})
			if diff := cmp.Diff(want, l.send(t)); diff != "" {
				t.Errorf("first: %s", diff)
			}
			teams := l.sentry.Snapshot().Teams
			if len(teams) != 1 || teams[0].Name != "staff" || len(teams[0].Members) != 2 {
				t.Errorf("teams: %v", teams)
			}
			want = slices.Concat(discovered, repeat(people, "PUT Users"), []string{"PUT Groups", "PATCH Groups", "GET Groups"})
			if diff := cmp.Diff(want, l.send(t)); diff != "" {
				t.Errorf("second: %s", diff)
			}
			if who := l.members(); !strings.Contains(who, "bo") {
				t.Errorf("Sentry heeds active in a PUT: %s", who)
			}
		})
	}
}

// TestASentryThatSaysWhatItCan is sent no members with a group, and no PUT of one.
func TestASentryThatSaysWhatItCan(t *testing.T) {
	t.Parallel()
	l := connect(t, authentik.Release202605, organization("ada"), sandbox.ReleaseLatest, map[string]any{"discovery_enabled": false})
	want := []string{"GET ServiceProviderConfig", "GET Users", "GET Groups", "PUT Users", "POST Users", "POST Groups", "PATCH Groups"}
	if diff := cmp.Diff(want, l.send(t)); diff != "" {
		t.Error(diff)
	}
	again := l.send(t)
	if slices.Contains(again, "PUT Groups") || slices.Contains(again, "GET ServiceProviderConfig") {
		t.Errorf("the second sync: %v", again)
	}
}

func TestDiscoveryDeletesWhoIsOutOfScope(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		release authentik.Release
		more    map[string]any
		want    string
	}{
		"2026.5":                       {authentik.Release202605, nil, "ada bo hand"},
		"2026.8":                       {authentik.Release202608, nil, "ada bo hand"},
		"2026.5 knows no such setting": {authentik.Release202605, map[string]any{"discovery_enabled": false}, "ada bo hand"},
		"2026.8 without discovery":     {authentik.Release202608, map[string]any{"discovery_enabled": false}, "ada bo hand out"},
		"dry run":                      {authentik.Release202608, map[string]any{"dry_run": true}, "hand out"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := connect(t, tt.release, organization("hand", "out"), silent, tt.more)
			l.send(t)
			if got := l.members(); got != tt.want {
				t.Errorf("members %q, want %q", got, tt.want)
			}
			if dry := strings.Contains(l.wrote(t, "info"), "due to dry run"); dry != (tt.more["dry_run"] == true) {
				t.Errorf("the tasks: %s", l.wrote(t, "info"))
			}
		})
	}
}

// TestWhoIsThereAlreadyEndsThePage: without discovery and filters, authentik
// stops at the first member whom it did not make.
func TestWhoIsThereAlreadyEndsThePage(t *testing.T) {
	t.Parallel()
	for release, more := range map[authentik.Release]map[string]any{
		authentik.Release202510: nil, authentik.Release202512: nil, authentik.Release202608: {"discovery_enabled": false},
	} {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			l := connect(t, release, organization("ada"), silent, more)
			l.send(t)
			if got := l.members(); got != "ada" {
				t.Errorf("who comes after ada was sent: %q", got)
			}
			wrote := l.wrote(t, "rejected")
			if !strings.Contains(wrote, "SCIM:user:1") || !strings.Contains(wrote, "ObjectExistsSyncException") {
				t.Errorf("the tasks: %s", wrote)
			}
			able := connect(t, release, organization("ada"), sandbox.ReleaseLatest, more)
			able.send(t)
			if got := able.members(); !strings.HasPrefix(got, "ada bo") {
				t.Errorf("a Sentry that filters has %q", got)
			}
		})
	}
}

func TestPagesAreTasks(t *testing.T) {
	t.Parallel()
	l := connect(t, authentik.Release202608, organization(), silent, map[string]any{"sync_page_size": 1})
	l.send(t)
	for _, uid := range []string{":SCIM:user:1", ":SCIM:user:2", ":SCIM:group:1"} {
		if wrote := l.wrote(t, "info"); !strings.Contains(wrote, "scim_sync_objects"+uid) {
			t.Errorf("no task %s in %s", uid, wrote)
		}
	}
	if status, got := ask(t, l, "GET", "/api/v3/providers/scim/"+l.provider+"/sync/status/", ""); status != 200 || got["is_running"] != false || got["last_sync_status"] != "info" {
		t.Errorf("status: %d %v", status, got)
	}
}

func TestMembersAreCompared(t *testing.T) {
	t.Parallel()
	for _, release := range authentik.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			l := connect(t, release, organization(), silent, nil)
			group := l.Snapshot().Objects["core/groups"][0]["pk"]
			l.send(t)
			ask(t, l, "POST", fmt.Sprintf("/api/v3/core/groups/%v/remove_user/", group), `{"pk":2}`)
			l.send(t)
			if members := l.sentry.Snapshot().Teams[0].Members; len(members) != 1 {
				t.Errorf("members after one was taken out: %v", members)
			}
			ask(t, l, "POST", fmt.Sprintf("/api/v3/core/groups/%v/add_user/", group), `{"pk":2}`)
			l.send(t)
			if members := l.sentry.Snapshot().Teams[0].Members; len(members) != 2 {
				t.Errorf("members after one was added: %v", members)
			}
		})
	}
}

func TestOneObjectIsSent(t *testing.T) {
	t.Parallel()
	l := connect(t, authentik.Release202608, organization(), silent, map[string]any{"dry_run": true})
	path := "/api/v3/providers/scim/" + l.provider + "/sync/object/"
	tests := []struct {
		sent, words, members string
		status               int
	}{
		{`{"sync_object_model":"authentik.core.models.User","sync_object_id":"2"}`, "due to dry run: dry run: POST", "", 200},
		{`{"sync_object_model":"authentik.core.models.User","sync_object_id":5,"override_dry_run":true}`, "not in the provider's scope", "", 200},
		{`{"sync_object_model":"authentik.core.models.User","sync_object_id":2,"override_dry_run":true}`, "messages:[]", "ada", 200},
		{`{"sync_object_model":"x"}`, "is not a valid choice", "ada", 400},
	}
	for _, tt := range tests {
		status, got := ask(t, l, "POST", path, tt.sent)
		if status != tt.status || !strings.Contains(fmt.Sprint(got), tt.words) || l.members() != tt.members {
			t.Errorf("%s: %d %v, members %q", tt.sent, status, got, l.members())
		}
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{"refuses": "token", "is dead": "http://127.0.0.1:1/scim/v2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := connect(t, authentik.Release202512, organization(), silent, nil)
			change := map[string]any{"url": target}
			if target == "token" {
				change = map[string]any{"token": "wrong"}
			}
			if status, got := ask(t, l, http.MethodPatch, "/api/v3/providers/scim/"+l.provider+"/", body(t, change)); status != 200 {
				t.Fatal(status, got)
			}
			l.Wait()
			if wrote := l.wrote(t, "warning"); !strings.Contains(wrote, "Failed to sync due to transient error") || strings.Contains(wrote, l.sentry.Token()) {
				t.Errorf("the tasks: %s", wrote)
			}
		})
	}
}
