package provision

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// facts are what is known of this Sentry before it is asked: from earlier pushes,
// and what Sentry refuses unless its members show otherwise.
func (p *Push) facts(want *desired.State, actual *plan.Actual) memory.Known {
	known := memory.Known{}.Clone()
	if p.Record != nil {
		known = p.Record.Known.Since(p.Now())
	}
	billing, taken := false, false
	for _, u := range actual.Users {
		billing = billing || strings.EqualFold(u.Role, "billing")
		taken = taken || sentry.RefusesAddress(u.UserName)
	}
	for _, person := range want.People {
		switch {
		case !sentry.RefusesAddress(person.Email):
		case taken: // a member has such an address: this Sentry takes them
			delete(known.Refused, person.Key())
		default:
			known.Refused[person.Key()] = memory.Fact{At: p.Now().UTC(),
				Why: "its setting INVALID_EMAIL_ADDRESS_PATTERN refuses it; where yours does not, invite one such person by hand"}
		}
	}
	delete(known.Roles, "billing")
	if !billing && !onSaaS(p.SentryURL) {
		known.Roles["billing"] = memory.Fact{Why: "the role exists on Sentry's SaaS alone", At: p.Now().UTC()}
	}
	return known
}

func onSaaS(sentryURL string) bool {
	u, err := url.Parse(sentryURL)
	saas, _ := url.Parse(sentry.SaaS)
	return err == nil && (u.Hostname() == saas.Hostname() || strings.HasSuffix(u.Hostname(), "."+saas.Hostname()))
}

// ask looks up what a plan depends on and lists do not show, several at once.
func (p *Push) ask(ctx context.Context, q plan.Questions, known *memory.Known) error {
	if q.Empty() {
		return nil
	}
	now := p.Now().UTC()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, p.Workers))
	learn := func(facts map[string]memory.Fact, key string, f memory.Fact) {
		mu.Lock()
		defer mu.Unlock()
		f.At = now
		facts[key] = f
	}
	for _, address := range q.Addresses {
		group.Go(func() error {
			users, err := p.Client.Lookup(ctx, address)
			fact := memory.Fact{}
			for _, u := range users {
				fact.IDs = append(fact.IDs, u.ID)
			}
			if len(fact.IDs) > 0 {
				learn(known.Held, mapping.Key(address), fact)
			}
			return err
		})
	}
	for _, slug := range q.Slugs {
		group.Go(func() error {
			team, found, err := p.Client.GroupByName(ctx, slug)
			if found {
				learn(known.Slugs, slug, memory.Fact{IDs: []string{team.ID}})
			}
			return err
		})
	}
	for id, name := range q.Renames {
		group.Go(func() error {
			team, found, err := p.Client.GroupByName(ctx, name)
			if err == nil && (!found || team.ID != id) {
				learn(known.Edited, id, memory.Fact{Why: name})
			}
			return err
		})
	}
	for _, id := range q.Roles {
		group.Go(func() error {
			given, err := p.Client.RoleGiven(ctx, id)
			refused, is := errors.AsType[*scim.APIError](err)
			switch {
			case is && refused.Status < http.StatusInternalServerError, fault.CodeOf(err) == fault.Usage: // it cannot be known here
				learn(known.ByHand, id, memory.Fact{Why: err.Error()})
				return nil
			case err != nil:
				return err
			case given:
				learn(known.Given, id, memory.Fact{})
			default:
				learn(known.ByHand, id, memory.Fact{})
			}
			return nil
		})
	}
	return group.Wait()
}
