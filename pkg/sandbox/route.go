package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// endpoint is one of Sentry's classes of views.
type endpoint struct {
	methods []method
	scopes  func(method string) []string
	// find runs once access is granted, before the method: it looks up what the
	// address names, and refuses what the endpoint never does.
	find func(c *call) error
	// scimNotFound puts an unknown organization into SCIM's envelope.
	scimNotFound bool
	// withoutSCIM serves an organization that has SCIM switched off too.
	withoutSCIM bool
	// scimNotAllowed does so for a method that the endpoint lacks.
	scimNotAllowed bool
}

type method struct {
	name   string
	handle func(c *call) (reply, error)
}

// call is one request on its way through an endpoint.
type call struct {
	r        *http.Request
	endpoint endpoint
	org      string // slug or number, as asked for
	name     string // the last part of the address
	query    url.Values
	member   *member
	team     *team
	project  *project
	owner    string // what the address names before the last part: a member or a project

	body    any
	bodyErr error
}

// Sentry's routes (api/urls.py): ids are digits, and no address of SCIM ends in a
// slash, while all others do.
var (
	scimPath   = lazily(`^/api/0/organizations/([^/]+)/scim/v2/(Users|Groups|Schemas|ResourceTypes|ServiceProviderConfig)(?:/([^/]+))?$`)
	memberPath = lazily(`^/api/0/organizations/([^/]+)/members/([0-9]+)/$`)
	ownPath    = lazily(`^/api/0/organizations/([^/]+)/(?:(auth-provider|members|audit-logs|teams|projects)/)?$`)
	teamPath   = lazily(`^/api/0/teams/([^/]+)/([^/]+)/(members|projects)/$`)
	rolePath   = lazily(`^/api/0/organizations/([^/]+)/members/([0-9]+)/teams/([^/]+)/$`)
	linkPath   = lazily(`^/api/0/projects/([^/]+)/([^/]+)/teams/([^/]+)/$`)
	digitsOnly = lazily(`^[0-9]+$`)
)

const kindConfig = "ServiceProviderConfig"

// route finds the endpoint of a request.
func (s *Sentry) route(r *http.Request) (*call, bool) {
	if match := memberPath().FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], name: match[2], query: r.URL.Query(), endpoint: s.memberDetails()}, true
	}
	if c, found := s.routeTeam(r); found {
		return c, true
	}
	if match := ownPath().FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], name: match[2], query: r.URL.Query(), endpoint: s.own(match[2])}, true
	}
	match := scimPath().FindStringSubmatch(r.URL.Path)
	if match == nil {
		return nil, false
	}
	c := &call{r: r, org: match[1], name: match[3], query: r.URL.Query()}
	var ok bool
	switch kind := match[2]; {
	case kind == "Users" && c.name == "":
		c.endpoint, ok = s.userIndex(), true
	case kind == "Users":
		c.endpoint, ok = s.userDetails(), digitsOnly().MatchString(c.name)
	case kind == "Groups" && c.name == "":
		c.endpoint, ok = s.groupIndex(), true
	case kind == "Groups":
		c.endpoint, ok = s.groupDetails(), digitsOnly().MatchString(c.name)
	case kind == "Schemas" && c.name == "" && !s.dialect.discovery:
		c.endpoint, ok = s.oldSchemaIndex(), true
	default:
		c.endpoint, ok = s.discovery(kind, c.name), s.dialect.discovery && (kind != kindConfig || c.name == "")
	}
	return c, ok
}

// own is the endpoint of Sentry's own API for a part of the organization.
func (s *Sentry) own(part string) endpoint {
	switch part {
	case "auth-provider":
		return s.authProvider()
	case "members":
		return s.memberIndex()
	case "audit-logs":
		return s.auditLogs()
	case "teams":
		return s.teamIndex()
	case "projects":
		return s.projectIndex()
	}
	return s.organization()
}

// allow is the header Allow.
func (c *call) allow() string {
	names := make([]string, 0, len(c.endpoint.methods)+2)
	for _, m := range c.endpoint.methods {
		names = append(names, m.name)
	}
	return strings.Join(append(names, http.MethodHead, http.MethodOptions), ", ")
}

// handle runs a request through an endpoint in the order of Sentry's
// api/base.py dispatch: who asks, may they, does it exist, and only then the
// method.
func (s *Sentry) handle(c *call) (reply, error) {
	if err := s.authenticate(c); err != nil {
		return reply{}, err
	}
	if c.r.Method != http.MethodGet {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	if err := s.permit(c); err != nil {
		return reply{}, err
	}
	if c.endpoint.find != nil {
		if err := c.endpoint.find(c); err != nil {
			return reply{}, err
		}
	}
	at := slices.IndexFunc(c.endpoint.methods, func(m method) bool { return m.name == c.r.Method })
	if at >= 0 {
		return c.endpoint.methods[at].handle(c)
	}
	return reply{}, s.notAllowed(c)
}

func (s *Sentry) notAllowed(c *call) error {
	detail := methodNotAllowed(c.r.Method)
	err := plain(http.StatusMethodNotAllowed, detail)
	if c.endpoint.scimNotAllowed {
		err = s.dialect.scim(http.StatusMethodNotAllowed, detail)
	}
	return withHeader(err, "Allow", c.allow())
}

// object is the body where Sentry takes it for an object without looking.
func (c *call) object() (map[string]any, error) {
	if c.bodyErr != nil {
		return nil, c.bodyErr
	}
	object, ok := c.body.(map[string]any)
	if !ok {
		return nil, errInternal
	}
	return object, nil
}

// ok answers 200 with body.
func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// created answers 201 with body.
func created(body any) (reply, error) { return reply{status: http.StatusCreated, body: body}, nil }

// done answers 204.
func done() (reply, error) { return reply{status: http.StatusNoContent}, nil }
