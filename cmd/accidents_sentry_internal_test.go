package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// settingAccidents are mistakes in the configuration.
func settingAccidents() []accident {
	setting := func(name, expression string) []string {
		return []string{"SENTRYIDP_SCIM_MAPPING_" + name + "=" + expression}
	}
	return []accident{
		{name: "only one group is named", args: []string{"--group", "Docs"}},
		{name: "no group of that name", verdict: refused, args: []string{"--group", "Nowhere"}},
		{name: "the expression of active is wrong", env: setting("ACTIVE", `user.active and memberOf("Leads")`)},
		{name: "the expression of active is inverted", env: setting("ACTIVE", `not user.active`)},
		{name: "the expression of active is false", env: setting("ACTIVE", `false`)},
		{name: "the expression of include is wrong", env: setting("INCLUDE", `memberOf("Leads")`)},
		{name: "the expression of include holds of nobody", env: setting("INCLUDE", `memberOf("Nowhere")`)},
		{name: "the expression of the address makes another domain", env: setting("EMAIL", `user.username + "@acme.example"`)},
		{name: "the expression of the address makes none", env: setting("EMAIL", `""`)},
		{name: "the expression of the team makes other names", env: setting("TEAM", `"sentry-" + group.name`)},
		{name: "the expression of the team makes no team", env: setting("TEAM", `""`)},
		{name: "people of that type are excluded", env: []string{"SENTRYIDP_SCIM_EXCLUDE_TYPES=internal"}},
	}
}

// sentryAccidents befall what Sentry holds.
func sentryAccidents() []accident {
	return []accident{
		{name: "first push into an empty Sentry", verdict: harmless, nights: 2, want: asEver, with: func(state *sandbox.State, _ *company) {
			state.Members = slices.DeleteFunc(state.Members, func(m sandbox.Member) bool { return m.Role != "owner" })
			state.Teams = nil
		}},
		{name: "a team has an edited slug", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			editTeam(state, "Support", "Support", "helpdesk")
		}},
		{name: "a team has an edited slug and another name", verdict: harmless, nights: 2, want: asEver, with: func(state *sandbox.State, _ *company) {
			editTeam(state, "Support", "Customer Care", "support")
		}},
		{name: "an invitation in another case", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			for i := range state.Members {
				if m := &state.Members[i]; !m.Linked {
					m.Email = strings.ToUpper(m.Email[:1]) + m.Email[1:]
				}
			}
		}},
		{name: "a person has a second address in Sentry", verdict: harmless, nights: 3, with: func(state *sandbox.State, c *company) {
			secondAddress(state, c, 60)
		}},
		{name: "ten people have second addresses in Sentry", verdict: harmless, nights: 3, with: func(state *sandbox.State, c *company) {
			for i := 60; i < 80; i += 2 {
				secondAddress(state, c, i)
			}
		}},
		{name: "invitations of the newer model", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			for n := range 8 {
				state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(5000 + n), Role: "member", Placeholder: true})
			}
		}},
		{name: "half of the accounts are deactivated", with: func(state *sandbox.State, _ *company) {
			for i := range state.Members {
				if m := &state.Members[i]; m.Linked && i%2 == 0 && m.Role == "member" {
					m.UserActive = new(bool)
				}
			}
		}},
	}
}

// secondAddress gives a member's account another primary address; the one of the
// directory becomes its second, so that Sentry refuses to invite it.
func secondAddress(state *sandbox.State, c *company, i int) {
	for j := range state.Members {
		if m := &state.Members[j]; m.Email == c.people[i].email {
			m.Linked, m.SecondaryEmails, m.Email = true, []string{m.Email}, fmt.Sprintf("private%d@home.test", i)
			c.people[i].former = []string{m.Email}
		}
	}
}

func asEver(c *company, _ int) *company { return c }

func editTeam(state *sandbox.State, group, name, slug string) {
	for i := range state.Teams {
		if state.Teams[i].Name == group {
			state.Teams[i].Name, state.Teams[i].Slug = name, slug
		}
	}
}
