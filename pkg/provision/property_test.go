package provision_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// row is a member as Sentry has it, without its id.
type row struct{ email, role string }

// outcome is what Sentry holds, by keys of people and names of teams. A person
// may have several rows: Sentry tells invitations apart by case.
type outcome struct {
	People map[string][]row
	Teams  map[string][]string

	rows map[string][]string // the addresses in each team, to the letter
}

func outcomeOf(state sandbox.State) outcome {
	o := outcome{People: map[string][]row{}, Teams: map[string][]string{}, rows: map[string][]string{}}
	email := map[string]string{}
	for _, m := range state.Members {
		email[m.ID] = m.Email
		key := strings.ToLower(m.Email)
		o.People[key] = append(o.People[key], row{m.Email, m.Role})
	}
	for _, team := range state.Teams {
		keys := map[string]bool{}
		for _, id := range team.Members {
			keys[strings.ToLower(email[id])] = true
			o.rows[team.Name] = append(o.rows[team.Name], email[id])
		}
		o.Teams[team.Name] = slices.Sorted(maps.Keys(keys))
	}
	return o
}

// scene is a random organization, a random directory, and what to do with them.
type scene struct {
	state  sandbox.State
	people directory.Directory
	sel    desired.Selection
	remove plan.Remove
	held   map[string][]string // addresses of members by keys of their second addresses
	given  map[string]bool     // addresses of members whose role SCIM gave
}

func spelled(t *rapid.T, email string) string {
	if rapid.Bool().Draw(t, "in capitals") {
		return strings.ToUpper(email[:2]) + email[2:]
	}
	return email
}

func drawScene(t *rapid.T) scene {
	const people = 8
	s := scene{
		state: sandbox.DefaultState("acme"), sel: desired.Selection{ExcludeTypes: []string{"service_account"}},
		held: map[string][]string{}, given: map[string]bool{},
	}
	s.remove = rapid.SampledFrom([]plan.Remove{plan.RemoveNever, plan.RemoveInactive, plan.RemoveAbsent}).Draw(t, "remove")
	s.state.Members = []sandbox.Member{{ID: "1", Email: "first.owner@acme.test", Linked: true, Role: "owner"}}
	names := []string{"Web", "Data & Insights", "SRE:On-Call", "Über Ops"}
	groups := map[string]map[string]bool{}
	for i := range people {
		username := "u" + strconv.Itoa(i)
		email := username + "@acme.test"
		s.drawMember(t, i, email)
		if !rapid.Bool().Draw(t, "in the directory") {
			continue
		}
		p := directory.Person{
			Username: username, Name: "Sample " + username, Email: spelled(t, email), Active: rapid.Bool().Draw(t, "active"),
			Type: rapid.SampledFrom([]string{"internal", "internal", "internal", "service_account"}).Draw(t, "type"),
		}
		for _, name := range names[:3] { // the last is hand-made at most
			if rapid.Bool().Draw(t, "in "+name) {
				if groups[name] == nil {
					groups[name] = map[string]bool{}
				}
				groups[name][username] = true
			}
		}
		s.people.People = append(s.people.People, p)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		s.people.Groups = append(s.people.Groups, directory.Group{Name: name, Members: slices.Sorted(maps.Keys(groups[name]))})
	}
	s.drawTeams(t, names)
	if len(s.people.Groups) > 0 && rapid.Bool().Draw(t, "with a rule") {
		s.sel.Roles = []desired.RoleRule{{Group: s.people.Groups[0].Name, Role: "manager"}}
	}
	return s
}

func (s *scene) drawMember(t *rapid.T, i int, email string) {
	kind := rapid.SampledFrom([]string{"none", "none", "linked", "invited", "invited twice"}).Draw(t, "in Sentry")
	if kind == "none" {
		return
	}
	role := rapid.SampledFrom([]string{"member", "member", "manager", "owner"}).Draw(t, "role")
	m := sandbox.Member{ID: strconv.Itoa(100 + i), Email: spelled(t, email), Linked: kind == "linked", Role: role}
	if kind == "invited twice" {
		m.Email = email
		s.state.Members = append(s.state.Members, sandbox.Member{ID: strconv.Itoa(200 + i), Email: strings.ToUpper(email), Role: "member"})
	}
	if m.Linked && rapid.Bool().Draw(t, "has a second address") { // that of one of the next two
		other := "u" + strconv.Itoa(i+rapid.IntRange(1, 2).Draw(t, "of")) + "@acme.test"
		m.SecondaryEmails, s.held[other] = []string{spelled(t, other)}, append(s.held[other], m.Email)
	}
	if role == "manager" && rapid.Bool().Draw(t, "a role by a rule") {
		m.Flags, s.given[m.Email] = []string{"idp:provisioned", "idp:role-restricted"}, true
	}
	s.state.Members = append(s.state.Members, m)
}

func (s *scene) drawTeams(t *rapid.T, names []string) {
	slugs := []string{"web", "data-insights", "sreon-call", "uber-ops"}
	for i, name := range names {
		if !rapid.Bool().Draw(t, "has "+name) {
			continue
		}
		if i == 0 && rapid.Bool().Draw(t, "by its slug") {
			name = slugs[i]
		}
		team := sandbox.Team{ID: strconv.Itoa(10 + i), Name: name, Slug: slugs[i], Members: []string{}}
		for _, m := range s.state.Members {
			if rapid.Bool().Draw(t, m.Email+" in "+name) {
				team.Members = append(team.Members, m.ID)
			}
		}
		s.state.Teams = append(s.state.Teams, team)
	}
}

// expect says what Sentry has to hold afterwards, in the plainest words that
// can be found: it shares nothing with the code under test.
func (s *scene) expect() outcome {
	before := outcomeOf(s.state)
	after := outcome{People: map[string][]row{}, Teams: map[string][]string{}}
	person := map[string]directory.Person{}
	for _, p := range s.people.People {
		person[strings.ToLower(p.Email)] = p
	}
	for key, rows := range before.People {
		p, known := person[key]
		excluded := known && p.Type == "service_account"
		for _, r := range rows {
			if s.shielded(before, person, r.email) {
				after.People[key] = append(after.People[key], r)
				continue
			}
			leaves := !excluded && (known && !p.Active && s.remove != plan.RemoveNever || !known && s.remove == plan.RemoveAbsent)
			if leaves && r.role != "owner" {
				continue
			}
			switch {
			case !known || excluded || !p.Active || r.role == "owner":
			case s.manages(p.Username):
				r.role = "manager"
			case len(s.sel.Roles) > 0 && s.given[r.email]: // by a rule that does not match any more
				r.role = "member"
			}
			after.People[key] = append(after.People[key], r)
		}
	}
	for key, p := range person {
		if p.Active && p.Type != "service_account" && len(before.People[key]) == 0 && len(s.held[key]) == 0 {
			r := row{p.Email, "member"}
			if s.manages(p.Username) {
				r.role = "manager"
			}
			after.People[key] = []row{r}
		}
	}
	s.expectTeams(before, after, person)
	return after
}

// shielded reports whether a member could be somebody of the directory whom
// Sentry knows by an address that it does not verify, and nobody else.
func (s *scene) shielded(before outcome, person map[string]directory.Person, email string) bool {
	if _, known := person[strings.ToLower(email)]; known {
		return false
	}
	for key, holders := range s.held {
		p, known := person[key]
		if known && p.Active && p.Type != "service_account" && len(before.People[key]) == 0 && slices.Contains(holders, email) {
			return true
		}
	}
	return false
}

func (s *scene) manages(username string) bool {
	return len(s.sel.Roles) > 0 && slices.Contains(s.people.Groups[0].Members, username)
}

func (s *scene) expectTeams(before, after outcome, person map[string]directory.Person) {
	managed := map[string]directory.Group{}
	for _, g := range s.people.Groups {
		managed[g.Name] = g
		after.Teams[g.Name] = []string{}
	}
	for name := range before.Teams {
		target := name
		if _, byName := managed[name]; !byName && name == "web" && managed["Web"].Name != "" {
			target = "Web" // found by its slug
		}
		after.Teams[target] = append(after.Teams[target], []string{}...)
		for _, email := range before.rows[name] {
			key := strings.ToLower(email)
			_, isManaged := managed[target]
			excluded := person[key].Type == "service_account"
			stays := slices.ContainsFunc(after.People[key], func(r row) bool { return r.email == email })
			if stays && (!isManaged || excluded || s.shielded(before, person, email)) {
				after.Teams[target] = append(after.Teams[target], key)
			}
		}
	}
	for name, g := range managed {
		for key, p := range person {
			if p.Type != "service_account" && slices.Contains(g.Members, p.Username) && len(after.People[key]) > 0 {
				after.Teams[name] = append(after.Teams[name], key)
			}
		}
	}
	for name := range after.Teams {
		slices.Sort(after.Teams[name])
		after.Teams[name] = slices.Compact(after.Teams[name])
	}
}

func sortRows(o outcome) outcome {
	for _, rows := range o.People {
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.email, b.email) })
	}
	return o
}

func TestAPushReachesTheDesiredState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		want, err := desired.Want(&s.people, s.sel)
		if err != nil {
			rt.Fatal(err)
		}
		w := newWorld(t, s.state, nil)
		defer w.server.Close()
		w.push.Policy.Remove, w.push.Guards = s.remove, open()
		w.push.Record = memory.New(w.server.URL, "acme")
		w.push.SaveRecord = func(*memory.Record) error { return nil }
		report, err := w.push.Run(t.Context(), want)
		if err != nil {
			rt.Fatalf("push: %v, %+v", err, report)
		}
		if diff := cmp.Diff(sortRows(s.expect()), sortRows(outcomeOf(w.sentry.Snapshot())), cmp.AllowUnexported(row{}), cmpopts.IgnoreUnexported(outcome{}), cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("Sentry differs (-want +got):\n%s", diff)
		}
		if !report.Verified || len(s.held) == 0 && report.Applied != report.Plan.Counts() {
			rt.Fatalf("verified %v, applied %+v of %+v", report.Verified, report.Applied, report.Plan.Counts())
		}
		again, err := w.push.Run(t.Context(), want)
		if err != nil || !again.Plan.Without(s.heldKeys()).Empty() {
			rt.Fatalf("second push: %v, %q", err, again.Plan.Lines())
		}
		if !again.Plan.Empty() { // who had the address of somebody was removed, who comes now
			if again, err = w.push.Run(t.Context(), want); err != nil {
				rt.Fatal(err)
			}
		}
		sent := again.Requests.Total
		if again, err = w.push.Run(t.Context(), want); err != nil || !again.Plan.Empty() || again.Requests.Total-sent != 2 {
			rt.Fatalf("another push: %v, %q, %d requests", err, again.Plan.Lines(), again.Requests.Total-sent)
		}
	})
}

func (s *scene) heldKeys() map[string]bool {
	keys := map[string]bool{}
	for key := range s.held {
		keys[key] = true
	}
	return keys
}
