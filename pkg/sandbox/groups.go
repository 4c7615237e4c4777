package sandbox

import (
	"net/http"
	"strconv"
)

const urnGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"

// groupResource is TeamSCIMSerializer of api/serializers/models/team.py.
type groupResource struct {
	Schemas     []string       `json:"schemas"`
	ID          string         `json:"id"`
	DisplayName string         `json:"displayName"`
	Meta        meta           `json:"meta"`
	Members     *[]groupMember `json:"members,omitempty"`
}

type groupMember struct {
	Value   string `json:"value"`
	Display string `json:"display"`
}

func (s *Sentry) group(t *team, withMembers bool) groupResource {
	g := groupResource{Schemas: []string{urnGroup}, ID: strconv.FormatInt(t.id, 10), DisplayName: t.name, Meta: meta{ResourceType: "Group"}}
	if !withMembers {
		return g
	}
	members := make([]groupMember, 0, len(t.members))
	for _, m := range s.store.membersOf(t) {
		members = append(members, groupMember{Value: strconv.FormatInt(m.id, 10), Display: m.email})
	}
	g.Members = &members
	return g
}

// groupIndex is core/endpoints/scim/teams.py OrganizationSCIMTeamIndex.
func (s *Sentry) groupIndex() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listGroups}, {http.MethodPost, s.createGroup}},
		scopes:  teamScopes,
	}
}

// groupDetails is OrganizationSCIMTeamDetails of the same file. Its PUT never
// gets past the scopes.
func (s *Sentry) groupDetails() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.getGroup}, {http.MethodPatch, s.patchGroup}, {http.MethodDelete, s.deleteGroup}},
		scopes:  teamScopes, find: s.findTeam,
	}
}

func (s *Sentry) findTeam(c *call) error {
	n, _ := pyInt(c.name)
	t, ok := s.store.teams[n]
	if !ok || t.deleted {
		return s.dialect.scim(http.StatusNotFound, "Group not found.")
	}
	c.team = t
	return nil
}

func (s *Sentry) listGroups(c *call) (reply, error) {
	q, err := s.dialect.parseQuery(c.query)
	if err != nil {
		return reply{}, err
	}
	offset, limit, err := q.page(c.query)
	if err != nil {
		return reply{}, err
	}
	rows, total := s.store.teamPage(q.filter, offset, limit)
	groups := make([]groupResource, len(rows))
	for i, t := range rows {
		groups[i] = s.group(t, !q.excludeMembers)
	}
	return listOf(groups, total, q.start), nil
}

func (s *Sentry) getGroup(c *call) (reply, error) {
	q, err := s.dialect.parseQuery(c.query)
	if err != nil {
		return reply{}, err
	}
	return ok(s.group(c.team, !q.excludeMembers))
}

// createGroup is POST /Groups: the team begins empty, whoever is named.
func (s *Sentry) createGroup(c *call) (reply, error) {
	body, err := c.object()
	if err != nil {
		return reply{}, err
	}
	asked, found := body["displayName"]
	if !found {
		return reply{}, errInternal
	}
	slug := slugify(pyStr(asked))
	var problems fields
	problems.add("slug", slugProblems(slug))
	name, nameErrors := nameProblems(asked, true)
	problems.add("name", nameErrors)
	if len(problems) > 0 {
		return reply{}, refuse(http.StatusBadRequest, problems)
	}
	if _, taken := s.store.bySlug[slug]; taken {
		return reply{}, refuse(http.StatusConflict, struct {
			NonFieldErrors []string `json:"non_field_errors"`
			Detail         string   `json:"detail"`
		}{[]string{msgSlugConflict}, msgSlugConflict})
	}
	if name == "" {
		name = slug
	}
	t := s.store.create(name, slug)
	s.record(c, eventTeamCreate, t.id, "created team "+t.slug)
	return created(s.group(t, true))
}

func (s *Sentry) deleteGroup(c *call) (reply, error) {
	if err := s.claim(c); err != nil {
		return reply{}, err
	}
	defer s.release(c.team)
	suffix, err := randomHex(s.config.Rand, 16)
	if err != nil {
		return reply{}, err
	}
	slug := c.team.slug
	if !s.store.discard(c.team, suffix) {
		return reply{}, errInternal
	}
	s.record(c, eventTeamRemove, c.team.id, "removed team "+slug)
	return done()
}
