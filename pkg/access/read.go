package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// Reader reads Sentry's side: from its own API, and by SCIM what that does not open.
// Either may be nil, with the reason.
type Reader struct {
	API    *sentryapi.Client
	SCIM   *scim.Client
	NoAPI  string // why there is no API
	NoSCIM string // why there is no SCIM
	// Workers is how many teams are read at once.
	Workers int
}

// Sentry is Sentry's side as it was read. Whether a part of it was, Sources says.
type Sentry struct {
	Members  []sentryapi.Member
	Teams    []Team
	Removed  []sentryapi.AuditEntry // the newest first
	Provider sentryapi.AuthProvider
	Sources  []Source
}

// Team is a team of Sentry. Roles are those of the members who have one of their own,
// by id, and Projects slugs; both are empty where they were not read.
type Team struct {
	ID, Slug, Name string
	Members        []string // ids
	Roles          map[string]string
	Projects       []string
}

// The places that sources are read from.
const (
	fromAPI  = "Sentry API"
	fromSCIM = "Sentry SCIM"
)

// Read reads everything that the tokens open. What a token may not read (403) is
// named in Sources; any other failure is an error, for a review that lacks a part
// would look complete.
func (r *Reader) Read(ctx context.Context, since, now time.Time) (*Sentry, error) {
	s := &Sentry{}
	for _, read := range []func(context.Context, *Sentry) error{r.members, r.teams, r.provider} {
		if err := read(ctx, s); err != nil {
			return nil, err
		}
	}
	return s, r.audit(ctx, s, since, now)
}

func (s *Sentry) told(name, from string, entries int) {
	s.Sources = append(s.Sources, Source{Name: name, Read: true, From: from, Entries: entries})
}

func (s *Sentry) untold(name, why string) {
	s.Sources = append(s.Sources, Source{Name: name, Why: why})
}

// refused says in words that a token may not read something, and returns other errors.
func refused(err error) (why string, other error) {
	if e, ok := errors.AsType[*sentryapi.APIError](err); ok && errors.Is(err, sentryapi.ErrForbidden) {
		return "the API token needs " + e.Need, nil
	}
	return "", err
}

// ask reads something from Sentry's own API; why says why it cannot be read.
func ask[T any](r *Reader, read func() (T, error)) (got T, why string, err error) {
	if r.API == nil {
		return got, r.NoAPI, nil
	}
	got, err = read()
	why, err = refused(err)
	return got, why, err
}

func (r *Reader) members(ctx context.Context, s *Sentry) error {
	members, why, err := ask(r, func() ([]sentryapi.Member, error) { return r.API.Members(ctx) })
	if err != nil {
		return err
	}
	if why == "" {
		s.Members = members
		s.told(SourceMembers, fromAPI, len(members))
		s.told(SourceLogins, fromAPI, len(members))
		return nil
	}
	if r.SCIM == nil {
		return fmt.Errorf("the members cannot be read: %s, and %s", why, r.NoSCIM)
	}
	users, err := r.SCIM.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		s.Members = append(s.Members, sentryapi.Member{ID: u.ID, Email: u.UserName, Name: u.UserName, Role: u.Role})
	}
	s.told(SourceMembers, fromSCIM, len(users))
	s.untold(SourceLogins, why)
	return nil
}

// teams reads the teams with their projects and members. Without the roles in teams,
// SCIM tells who is in which.
func (r *Reader) teams(ctx context.Context, s *Sentry) error {
	teams, why, err := ask(r, func() ([]sentryapi.Team, error) { return r.API.Teams(ctx) })
	if err != nil {
		return err
	}
	if why != "" {
		if err := r.teamsBySCIM(ctx, s, why); err != nil {
			return err
		}
		s.untold(SourceTeamRoles, why)
		s.untold(SourceProjects, why)
		return nil
	}
	projects := map[string]bool{}
	for _, t := range teams {
		team := Team{ID: t.ID, Slug: t.Slug, Name: t.Name}
		for _, p := range t.Projects {
			projects[p.Slug] = true
			team.Projects = append(team.Projects, p.Slug)
		}
		s.Teams = append(s.Teams, team)
	}
	why, err = r.teamMembers(ctx, s.Teams)
	switch {
	case err != nil:
		return err
	case why == "":
		s.told(SourceTeams, fromAPI, len(teams))
		s.told(SourceTeamRoles, fromAPI, len(teams))
	default:
		if err := r.teamsBySCIM(ctx, s, why); err != nil {
			return err
		}
		s.untold(SourceTeamRoles, why)
	}
	if len(s.Teams) < len(teams) && r.SCIM == nil {
		s.untold(SourceProjects, why) // nobody is known to be in a team
		return nil
	}
	s.told(SourceProjects, fromAPI, len(projects))
	return nil
}

// teamMembers reads who is in each team, several at once. A team that went meanwhile
// has nobody.
func (r *Reader) teamMembers(ctx context.Context, teams []Team) (why string, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, r.Workers))
	for i := range teams {
		group.Go(func() error {
			t := &teams[i]
			members, err := r.API.TeamMembers(ctx, t.Slug)
			if errors.Is(err, sentryapi.ErrNotFound) {
				return nil
			}
			t.Roles = map[string]string{}
			for _, m := range members {
				t.Members = append(t.Members, m.ID)
				if m.TeamRole != "" {
					t.Roles[m.ID] = m.TeamRole
				}
			}
			return err
		})
	}
	return refused(group.Wait())
}

// teamsBySCIM reads who is in which team. Teams that are known keep their slug and
// projects. Without SCIM there are none, which is told.
func (r *Reader) teamsBySCIM(ctx context.Context, s *Sentry, why string) error {
	if r.SCIM == nil {
		s.Teams = nil
		s.untold(SourceTeams, why)
		return nil
	}
	groups, err := r.SCIM.Groups(ctx)
	if err != nil {
		return err
	}
	known := map[string]Team{}
	for _, t := range s.Teams {
		known[t.ID] = t
	}
	s.Teams = nil
	for _, g := range groups {
		t := known[g.ID]
		t.ID, t.Name, t.Roles, t.Members = g.ID, g.DisplayName, nil, nil
		for _, m := range g.Members {
			t.Members = append(t.Members, m.ID)
		}
		s.Teams = append(s.Teams, t)
	}
	s.told(SourceTeams, fromSCIM, len(groups))
	return nil
}

func (r *Reader) provider(ctx context.Context, s *Sentry) error {
	provider, why, err := ask(r, func() (sentryapi.AuthProvider, error) { return r.API.AuthProvider(ctx) })
	if err != nil {
		return err
	}
	if why != "" {
		s.untold(SourceProvider, why)
		return nil
	}
	s.Provider = provider
	entries := 0
	if provider.Key != "" {
		entries = 1
	}
	s.told(SourceProvider, fromAPI, entries)
	return nil
}

func (r *Reader) audit(ctx context.Context, s *Sentry, since, now time.Time) error {
	removed, why, err := ask(r, func() ([]sentryapi.AuditEntry, error) {
		return r.API.AuditLog(ctx, sentryapi.AuditQuery{Event: sentryapi.EventMemberRemove, Since: since, Until: now})
	})
	if err != nil {
		return err
	}
	if why != "" {
		s.untold(SourceAudit, why)
		return nil
	}
	s.Removed = removed
	s.told(SourceAudit, fromAPI, len(removed))
	return nil
}
