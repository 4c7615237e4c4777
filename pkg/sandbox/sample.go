package sandbox

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
)

//go:embed sample/people.yaml
var samplePeople []byte

// SamplePeople is a directory of some thirty invented people and five groups,
// as YAML: users with username, name, email, active, type and groups, and
// groups with name and members.
func SamplePeople() []byte { return slices.Clone(samplePeople) }

// SampleState is the organization acme, part of which the sample directory
// wants otherwise:
//
//   - ada is a member already, whose account has a second address; grace is invited, with another case in her address;
//   - ivan is a member and inactive in the directory: the one to be removed;
//   - nobody@acme.test is a member whom the directory does not know;
//   - Release Managers is a team made by hand, whose slug was edited and which the
//     directory does not name;
//   - design has a member, ada, whom the directory does not put there;
//   - there are three projects, one of them linked to Release Managers.
func SampleState() State {
	state := DefaultState("acme")
	state.Members = []Member{
		{ID: "1", Email: "owner@acme.test", Linked: true, Role: roleOwner},
		{ID: "2", Email: "ada.example@acme.test", Linked: true, Role: roleMember, SecondaryEmails: []string{"ada@example.test"}},
		{ID: "3", Email: "Grace.Sample@acme.test", Role: roleMember, InviteStatus: inviteApproved},
		{ID: "4", Email: "ivan.inactive@acme.test", Linked: true, Role: roleMember},
		{ID: "5", Email: "nobody@acme.test", Linked: true, Role: "manager"},
	}
	state.Teams = []Team{
		{ID: "1", Name: "Release Managers", Slug: "releases", Members: []string{"1", "5"}, Projects: []string{"web-frontend"}},
		{ID: "2", Name: "Design", Slug: "design", Members: []string{"2", "3"}},
	}
	state.Projects = []Project{
		{ID: "1", Slug: "web-frontend"}, {ID: "2", Slug: "web-api"}, {ID: "3", Slug: "data-pipeline"},
	}
	return state
}

// Sound is the organization with nothing to be found fault with: everybody has
// accepted and linked an SSO identity, and two owners can let each other in.
func (st State) Sound() State {
	members := []Member{}
	owners, last := 0, int64(0)
	for _, m := range st.Members {
		last = max(last, id(m.ID))
		if m.Placeholder || m.InviteStatus != "" && m.InviteStatus != inviteApproved {
			continue
		}
		m.Linked, m.Expired = true, false
		if !slices.Contains(m.Flags, flagSSOLinked) {
			m.Flags = append(slices.Clone(m.Flags), flagSSOLinked)
		}
		if m.Role == roleOwner {
			owners++
		}
		members = append(members, m)
	}
	for ; owners < 2; owners++ {
		last++
		members = append(members, Member{ID: strconv.FormatInt(last, 10), Email: fmt.Sprintf("owner%d@acme.test", last), Linked: true, Role: roleOwner, Flags: []string{flagSSOLinked}})
	}
	st.Members = members
	return st
}
