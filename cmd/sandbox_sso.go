package cmd

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// newRehearsal makes a single sign-on between the emulated authentik and the
// emulated Sentry. The people of a state that was given log in; otherwise some of
// the sample.
func (a *app) newRehearsal(s *runningSandbox, given bool) (*sso.Rehearsal, error) {
	org := rehearsalOrg(s.sentry)
	org.Plan = func(ctx context.Context) ([]string, error) { return a.rehearsedPlan(ctx, s) }
	judge, err := rehearsalJudge(s.url, s.org)
	if err != nil {
		return nil, err
	}
	config := sso.Config{
		SentryURL: s.url, IDPURL: s.authentikURL, Org: org, Now: a.now, Rand: a.rand, Judge: judge, Faults: s.faults,
		Provider: func() (sso.Provider, bool) { return rehearsedProvider(s.authentik) },
	}
	if given {
		config.People = whoLogIn(s.authentik)
	}
	return sso.New(config)
}

// rehearsedProvider is the SAML provider of the sample's application in the emulated
// authentik, if somebody made one.
func rehearsedProvider(a *emulated.Authentik) (sso.Provider, bool) {
	p, ok := a.SAML(sampleApplication)
	return sso.Provider{
		Metadata: []byte(p.Metadata), Issuer: p.Issuer, ACSURL: p.ACSURL, Audience: p.Audience, SLSURL: p.SLSURL, Redirect: p.Redirect,
		Certificate: p.Certificate, Key: p.Key, Algorithm: p.Algorithm,
		SignAssertion: p.SignAssertion, SignResponse: p.SignResponse, Encrypt: p.Encrypt,
		Subject: func(username string) (sso.Subject, error) {
			told, err := a.Subject(sampleApplication, username)
			subject := sso.Subject{NameID: told.NameID}
			for _, one := range told.Attributes {
				subject.Attributes = append(subject.Attributes, sso.Attribute{Name: one.Name, Values: one.Values})
			}
			return subject, err
		},
	}, ok
}

// maxLogins is how many people a login page names.
const maxLogins = 100

// whoLogIn are the active people of an emulated authentik.
func whoLogIn(a *emulated.Authentik) []sso.Person {
	state := a.Snapshot()
	names := map[any]string{}
	for _, g := range state.Objects["core/groups"] {
		names[g["pk"]] = fmt.Sprint(g["name"])
	}
	people := []sso.Person{}
	for _, u := range state.Objects["core/users"] {
		number, err := strconv.Atoi(fmt.Sprint(u["pk"]))
		if err != nil || u["type"] != "internal" || u["is_active"] != true || len(people) == maxLogins {
			continue
		}
		p := sso.Person{ID: number, Username: fmt.Sprint(u["username"]), Name: fmt.Sprint(u["name"]), Email: fmt.Sprint(u["email"])}
		in, _ := u["groups"].([]any)
		for _, g := range in {
			p.Groups = append(p.Groups, names[g])
		}
		people = append(people, p)
	}
	return people
}

// rehearsedPlan is what a push of the emulated authentik's people would change.
func (a *app) rehearsedPlan(ctx context.Context, s *runningSandbox) ([]string, error) {
	back, err := a.rehearsalClient(s.authentikURL, s.authentik.Token())
	if err != nil {
		return nil, err
	}
	client, err := authentik.New(s.authentikURL, back)
	if err != nil {
		return nil, err
	}
	people, err := client.People(ctx, authentik.Selection{Scope: authentik.ScopeApplication, Application: sampleApplication, Flatten: true, Now: a.now()})
	if err != nil {
		return nil, err
	}
	groups := make([]string, 0, len(people.Bound))
	for _, name := range people.Bound {
		groups = append(groups, directory.Quote(name))
	}
	want, err := desired.Want(people.Directory, desired.Selection{Groups: groups, ExcludeTypes: []string{"service_account", "internal_service_account"}})
	if err != nil {
		return nil, err
	}
	front, err := a.rehearsalClient(s.url, s.sentry.Token())
	if err != nil {
		return nil, err
	}
	actual, err := readSentry(ctx, s.url+"/api/0/organizations/"+s.org+"/scim/v2", front)
	if err != nil {
		return nil, err
	}
	return plan.Compare(want, actual, plan.Policy{Remove: plan.RemoveInactive}, nil, memory.Known{}).Lines(), nil
}

func (a *app) rehearsalClient(origin, token string) (*http.Client, error) {
	return transport.New(transport.Options{Origin: origin, Token: secret.New(token), Clock: transport.Clock{Now: a.now, Rand: a.rand}})
}

func readSentry(ctx context.Context, endpoint string, client *http.Client) (*plan.Actual, error) {
	c, err := scim.New(endpoint, client)
	if err != nil {
		return nil, err
	}
	users, err := c.Users(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := c.Groups(ctx)
	return &plan.Actual{Users: users, Groups: groups}, err
}

// rehearsalOrg is what the pages of the single sign-on see of an emulated Sentry.
func rehearsalOrg(sentry *sandbox.Sentry) sso.Org {
	return sso.Org{
		Slug: sentry.Snapshot().Org,
		Members: func() []sso.Member {
			var members []sso.Member
			for _, m := range sentry.Snapshot().Members {
				inactive := m.UserActive != nil && !*m.UserActive
				members = append(members, sso.Member{
					ID: m.ID, Email: m.Email, SecondaryEmails: m.SecondaryEmails, Role: m.Role, Linked: m.Linked, Inactive: inactive,
					Requested: m.InviteStatus != "" && m.InviteStatus != "approved", Flags: m.Flags,
				})
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
