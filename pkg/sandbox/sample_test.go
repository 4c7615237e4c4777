package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

type people struct {
	Users []struct {
		Username, Name, Email, Type string
		Active                      *bool
		Groups                      []string
	}
	Groups []struct {
		Name    string
		Members []string
	}
}

// TestSamplesFit proves that the sample state differs from the sample directory
// in the ways its comment says.
func TestSamplesFit(t *testing.T) {
	t.Parallel()
	var p people
	if err := yaml.Unmarshal(sandbox.SamplePeople(), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Users) != 30 || len(p.Groups) != 5 {
		t.Errorf("got %d users and %d groups, want 30 and 5", len(p.Users), len(p.Groups))
	}
	byEmail, byName := map[string]int{}, map[string]bool{}
	for i, u := range p.Users {
		if byName[u.Username] || (u.Email != "" && !strings.HasSuffix(strings.ToLower(u.Email), "@acme.test")) {
			t.Errorf("user %+v", u)
		}
		byName[u.Username] = true
		byEmail[strings.ToLower(u.Email)] = i
	}
	for _, g := range p.Groups {
		for _, m := range g.Members {
			if !byName[m] {
				t.Errorf("group %s has an unknown member %s", g.Name, m)
			}
		}
	}
	members := map[string]string{}
	sample := newSentry(t, sandbox.SampleState(), config()).Snapshot()
	if ada, team := sample.Members[1], sample.Teams[0]; len(ada.SecondaryEmails) != 1 || team.Slug == "release-managers" {
		t.Errorf("got %+v and %+v, want a second address and an edited slug", ada, team)
	}
	for _, m := range sample.Members {
		i, known := byEmail[strings.ToLower(m.Email)]
		switch {
		case !known:
			members[m.Email] = "unknown"
		case p.Users[i].Active != nil && !*p.Users[i].Active:
			members[m.Email] = "inactive"
		case p.Users[i].Email != m.Email:
			members[m.Email] = "another case"
		default:
			members[m.Email] = "known"
		}
	}
	wanted := map[string]string{
		"owner@acme.test": "unknown", "ada.example@acme.test": "known", "Grace.Sample@acme.test": "another case",
		"ivan.inactive@acme.test": "inactive", "nobody@acme.test": "unknown",
	}
	for email, what := range wanted {
		if members[email] != what {
			t.Errorf("%s: got %s, want %s", email, members[email], what)
		}
	}
	if slices.Contains(p.Users[byEmail["ada.example@acme.test"]].Groups, "Design") {
		t.Error("ada is in Design in the directory too")
	}
}
