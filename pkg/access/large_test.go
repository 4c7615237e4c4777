package access_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// large is a company of n people, all as they should be, in teams of fifty with a
// project each.
func large(n int) *site {
	const size = 50
	d := &directory.Directory{Source: "people.yaml"}
	state := sandbox.DefaultState("acme")
	for i := range n {
		name, email, id := fmt.Sprintf("p%05d", i), fmt.Sprintf("p%05d@acme.test", i), strconv.Itoa(i+1)
		if i%size == 0 {
			team := fmt.Sprintf("team-%04d", i/size)
			d.Groups = append(d.Groups, directory.Group{Name: team})
			state.Projects = append(state.Projects, sandbox.Project{ID: strconv.Itoa(i/size + 1), Slug: "project-" + team})
			state.Teams = append(state.Teams, sandbox.Team{ID: strconv.Itoa(i/size + 1), Name: team, Slug: team, Projects: []string{"project-" + team}, TeamRoles: map[string]string{id: "admin"}})
		}
		g, t := &d.Groups[i/size], &state.Teams[i/size]
		g.Members, t.Members = append(g.Members, name), append(t.Members, id)
		d.People = append(d.People, directory.Person{ID: name, Username: name, Email: email, Active: true, Type: "internal", Groups: []string{g.Name}})
		state.Members = append(state.Members, sandbox.Member{
			ID: id, Email: email, Linked: true, Role: "member", Flags: []string{"sso:linked", "idp:provisioned"}, LastActive: "2026-09-29T00:00:00Z", DateCreated: "2025-01-01T00:00:00Z",
		})
	}
	return &site{people: d, state: state, selection: desired.Selection{}}
}

// plant makes fifty people odd, each in one way or two, and returns what is to be
// found of whom.
func plant(s *site) map[access.Code][]string {
	want := map[access.Code][]string{}
	chosen := rand.New(rand.NewPCG(18, 7)).Perm(len(s.state.Members))[:50]
	gone := map[string]bool{}
	for k, i := range chosen {
		m, p := &s.state.Members[i], &s.people.People[i]
		add := func(codes ...access.Code) {
			for _, code := range codes {
				want[code] = append(want[code], m.Email)
			}
		}
		switch k % 7 {
		case 0:
			p.Active = false
			add(access.LeaverInside)
		case 1:
			gone[p.Username] = true
			add(access.NoDirectoryEntry)
		case 2:
			m.Role = "owner"
			add(access.Owner)
		case 3:
			m.Flags = nil
			add(access.NotLinked)
		case 4:
			m.Linked, m.Expired, m.Flags, m.LastActive = false, true, nil, ""
			add(access.InvitationExpired)
		case 5:
			m.Linked, m.Flags, m.LastActive = false, nil, ""
			add(access.NeverCame)
		case 6:
			p.Active, m.Role, m.Flags = false, "owner", nil
			add(access.LeaverInside, access.Owner, access.NotLinked)
		}
	}
	s.people, _ = s.people.Except(func(p directory.Person) string {
		if gone[p.Username] {
			return "planted"
		}
		return ""
	})
	for code := range want {
		slices.Sort(want[code])
	}
	return want
}

func TestPlantedOdditiesAreNamedAndNoOthers(t *testing.T) {
	t.Parallel()
	s := large(1000)
	want := plant(s)
	checkPlanted(t, want, s.review(t))
}

// checkPlanted holds the findings against what was planted.
func checkPlanted(tb testing.TB, want map[access.Code][]string, r *access.Review) {
	tb.Helper()
	found, odd := map[access.Code][]string{}, map[string]bool{}
	for _, f := range r.Findings {
		found[f.Code] = f.Members
		for _, email := range f.Members {
			odd[email] = true
		}
	}
	if diff := cmp.Diff(want, found); diff != "" || len(odd) != 50 {
		tb.Errorf("%d people of %d are odd (-want +got):\n%s", len(odd), len(r.Members), diff)
	}
}

// BenchmarkReview is a review of 10,000 people in 200 teams, with its HTML.
func BenchmarkReview(b *testing.B) {
	s := large(10_000)
	want := plant(s)
	for b.Loop() {
		r := s.review(b)
		checkPlanted(b, want, r)
		if _, err := r.HTML(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys>>20), "MiB-system")
}
