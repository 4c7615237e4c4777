package provision_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// town is an organization and a directory that differ in every way that a push
// mends, and what Sentry has to hold afterwards, told person by person.
type town struct {
	state  sandbox.State
	people directory.Directory
	roles  map[string]string   // by address
	teams  map[string][]string // addresses by name
}

const (
	townKinds  = 11
	townPeople = 4 * townKinds
	townTeams  = 6
	townLeads  = "leads"
)

// newTown has four people of each kind: to be invited; there, in capitals;
// invited; gone; gone, but an owner; to be a manager; to be invited as one; of
// Sentry alone; a manager by a rule that does not match any more; one by hand; and
// known to Sentry by a second address.
func newTown() *town {
	t := &town{state: sandbox.DefaultState("acme"), roles: map[string]string{}, teams: map[string][]string{townLeads: {}}}
	t.people.Source = "town"
	t.foundTeams()
	for i := range townPeople {
		t.settle(i)
	}
	for n := range townTeams {
		t.people.Groups = append(t.people.Groups, directory.Group{Name: teamName(n)})
	}
	t.people.Groups = append(t.people.Groups, directory.Group{Name: townLeads})
	slices.SortFunc(t.people.Groups, func(a, b directory.Group) int { return strings.Compare(a.Name, b.Name) })
	for i := range t.people.Groups {
		for _, p := range t.people.People {
			if slices.Contains(p.Groups, t.people.Groups[i].Name) {
				t.people.Groups[i].Members = append(t.people.Groups[i].Members, p.Username)
			}
		}
	}
	for name := range t.teams {
		slices.Sort(t.teams[name])
	}
	return t
}

func teamName(n int) string { return "team " + strconv.Itoa(n) }

// foundTeams makes half of the teams in Sentry, one of them in another writing,
// and ten that the directory knows nothing of.
func (t *town) foundTeams() {
	for n := range townTeams {
		t.teams[teamName(n)] = []string{}
	}
	for n := range townTeams / 2 {
		t.state.Teams = append(t.state.Teams, sandbox.Team{ID: strconv.Itoa(10 + n), Name: teamName(n), Slug: fmt.Sprintf("team-%d", n), Members: []string{}})
	}
	t.state.Teams[0].Name = "TEAM 0"
	for n := range 10 {
		name := fmt.Sprintf("by-hand-%d", n)
		t.teams[name] = []string{}
		t.state.Teams = append(t.state.Teams, sandbox.Team{ID: strconv.Itoa(50 + n), Name: name, Slug: name, Members: []string{}})
	}
}

func (t *town) settle(i int) {
	email := fmt.Sprintf("p%02d@acme.test", i)
	p := directory.Person{ID: email[:3], Username: email[:3], Email: email, Active: true, Groups: []string{teamName(i % townTeams)}}
	m := sandbox.Member{ID: strconv.Itoa(100 + i), Email: email, Linked: true, Role: "member"}
	kind := i % townKinds
	role := "member"
	switch kind {
	case 1:
		m.Email = strings.ToUpper(email)
	case 2:
		m.Linked = false
	case 3, 4:
		p.Active = false
	case 5, 6:
		p.Groups, role = append(p.Groups, townLeads), "manager"
	case 8:
		m.Role, m.Flags = "manager", []string{"idp:provisioned", "idp:role-restricted"}
	case 9:
		m.Role, role = "manager", "manager"
	case 10:
		email = "x" + email[1:]
		m.Email, m.SecondaryEmails = email, []string{p.Email}
	}
	if kind == 4 {
		m.Role, role = "owner", "owner"
	}
	inSentry, inDirectory, leaves := kind != 0 && kind != 6, kind != 7, kind == 3
	if inSentry {
		t.state.Members = append(t.state.Members, m)
		t.place(i, m.ID, email, leaves)
	}
	if inDirectory {
		t.people.People = append(t.people.People, p)
	}
	if leaves {
		return
	}
	t.roles[email] = role
	switch {
	case kind == 10: // nobody knows whether that is the person: the team they are in keeps them
		t.teams[teamName(i%(townTeams/2))] = append(t.teams[teamName(i%(townTeams/2))], email)
	case inDirectory:
		for _, name := range p.Groups {
			t.teams[name] = append(t.teams[name], email)
		}
	}
}

// place puts a member into one team that is managed and one that is not. Only
// the latter keeps them for sure.
func (t *town) place(i int, id, email string, leaves bool) {
	for _, n := range []int{i % (townTeams / 2), townTeams/2 + i%10} {
		t.state.Teams[n].Members = append(t.state.Teams[n].Members, id)
	}
	if name := t.state.Teams[townTeams/2+i%10].Name; !leaves {
		t.teams[name] = append(t.teams[name], email)
	}
}

func (t *town) desired(tb testing.TB) *desired.State {
	tb.Helper()
	want, err := desired.Want(&t.people, desired.Selection{Roles: []desired.RoleRule{{Group: townLeads, Role: "manager"}}})
	if err != nil {
		tb.Fatal(err)
	}
	return want
}

// reached tells how Sentry differs from what it has to hold. Nobody is there
// twice, in any writing.
func (t *town) reached(state sandbox.State) string {
	roles, names := map[string]string{}, map[string]string{}
	var problems strings.Builder
	for _, m := range state.Members {
		key := strings.ToLower(m.Email)
		if _, twice := roles[key]; twice {
			problems.WriteString(key + " is there twice\n")
		}
		roles[key], names[m.ID] = m.Role, key
	}
	teams := map[string][]string{}
	for _, team := range state.Teams {
		if _, twice := teams[team.Name]; twice {
			problems.WriteString("the team " + team.Name + " is there twice\n")
		}
		teams[team.Name] = []string{}
		for _, id := range team.Members {
			teams[team.Name] = append(teams[team.Name], names[id])
		}
		slices.Sort(teams[team.Name])
	}
	return problems.String() + cmp.Diff(t.roles, roles) + cmp.Diff(t.teams, teams)
}

// line is how a push is connected with a server.
type line struct {
	concurrency int
	pageSize    int
	timeout     time.Duration // of an attempt
	bubble      bool          // of synctest: over pipes
}

// lead makes handler answer at an address, over a network or the usual one.
func (l line) lead(tb testing.TB, handler http.Handler) (address string, network http.RoundTripper) {
	tb.Helper()
	if l.bubble {
		return "http://localhost", serve(tb, handler, l.concurrency)
	}
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL, nil
}

// pushOver makes a push into handler that takes no snapshots and whose guard
// lets everything through.
func pushOver(tb testing.TB, handler http.Handler, token string, l line) *provision.Push {
	tb.Helper()
	address, network := l.lead(tb, handler)
	endpoint := address + "/api/0/organizations/acme/scim/v2"
	sent, clock := &transport.Counter{}, transport.Clock{Now: time.Now, Rand: rand.Reader}
	client, err := transport.New(transport.Options{
		Origin: endpoint, Token: secret.New(token), Counter: sent, Clock: clock,
		Concurrency: l.concurrency, AttemptTimeout: l.timeout, Base: network,
	})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := scim.New(endpoint, client, scim.PageSize(l.pageSize), scim.Clock(clock))
	if err != nil {
		tb.Fatal(err)
	}
	return &provision.Push{
		Client: c, SentryURL: address, Org: "acme", Source: "test", Policy: plan.Policy{Remove: plan.RemoveInactive},
		Workers: l.concurrency, Now: time.Now, Guards: open(), Say: func(string, ...any) {},
		SaveSnapshot: func(*plan.Actual) (string, error) { return "", nil },
		Requests:     func() output.Requests { return output.Requests{Total: sent.Total(), ByMethod: sent.ByMethod()} },
	}
}
