package cmd

import (
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
)

// newRehearsal makes a single sign-on between an emulated authentik at idpURL
// and an emulated Sentry.
func (a *app) newRehearsal(sentry *sandbox.Sentry, sentryURL, idpURL string) (*sso.Rehearsal, error) {
	return sso.New(sso.Config{SentryURL: sentryURL, IDPURL: idpURL, Org: rehearsalOrg(sentry), Now: a.now, Rand: a.rand})
}

// rehearsalOrg is what the pages of the single sign-on see of an emulated Sentry.
func rehearsalOrg(sentry *sandbox.Sentry) sso.Org {
	return sso.Org{
		Slug: sentry.Snapshot().Org,
		Members: func() []sso.Member {
			var members []sso.Member
			for _, m := range sentry.Snapshot().Members {
				inactive := m.UserActive != nil && !*m.UserActive
				members = append(members, sso.Member{ID: m.ID, Email: m.Email, Role: m.Role, Linked: m.Linked, Inactive: inactive, Flags: m.Flags})
			}
			return members
		},
		Teams: func() []sso.Team {
			var teams []sso.Team
			for _, t := range sentry.Snapshot().Teams {
				if t.Status != "pending_deletion" {
					teams = append(teams, sso.Team{Name: t.Name, Slug: t.Slug, Members: t.Members})
				}
			}
			return teams
		},
		Requests: func() []sso.Request {
			var requests []sso.Request
			for _, r := range sentry.Requests() {
				requests = append(requests, sso.Request{N: r.N, Method: r.Method, Path: r.Path, Status: r.Status})
			}
			return requests
		},
		Join: sentry.Join,
	}
}
