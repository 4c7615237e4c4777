package provision

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

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
			known.Refused[person.Key()] = memory.Fact{
				At:  p.Now().UTC(),
				Why: "its setting INVALID_EMAIL_ADDRESS_PATTERN refuses it; where yours does not, invite one such person by hand",
			}
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
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, p.Workers))
	a := &asking{client: p.Client, known: known, now: p.Now().UTC()}
	for _, address := range q.Addresses {
		group.Go(func() error { return a.holder(ctx, address) })
	}
	for _, slug := range q.Slugs {
		group.Go(func() error { return a.slug(ctx, slug) })
	}
	for id, name := range q.Renames {
		group.Go(func() error { return a.edited(ctx, id, name) })
	}
	for _, id := range q.Roles {
		group.Go(func() error { return a.giver(ctx, id) })
	}
	return group.Wait()
}

// asking collects what Sentry tells beside its lists.
type asking struct {
	client *scim.Client
	now    time.Time

	mu    sync.Mutex
	known *memory.Known
}

func (a *asking) learn(facts map[string]memory.Fact, key string, f memory.Fact) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.At = a.now
	facts[key] = f
}

// holder finds the members who have an address as a further one.
func (a *asking) holder(ctx context.Context, address string) error {
	users, err := a.client.Lookup(ctx, address)
	fact := memory.Fact{}
	for _, u := range users {
		fact.IDs = append(fact.IDs, u.ID)
	}
	if len(fact.IDs) > 0 {
		a.learn(a.known.Held, mapping.Key(address), fact)
	}
	return err
}

// slug finds the team that has a slug although its name says otherwise.
func (a *asking) slug(ctx context.Context, slug string) error {
	team, found, err := a.client.GroupByName(ctx, slug)
	if found {
		a.learn(a.known.Slugs, slug, memory.Fact{IDs: []string{team.ID}})
	}
	return err
}

// edited finds out whether the slug of a team is not the one of its name.
func (a *asking) edited(ctx context.Context, id, name string) error {
	team, found, err := a.client.GroupByName(ctx, name)
	if err == nil && (!found || team.ID != id) {
		a.learn(a.known.Edited, id, memory.Fact{Why: name})
	}
	return err
}

// giver finds out whether SCIM gave a member's role. Where that cannot be known,
// the role is left alone.
func (a *asking) giver(ctx context.Context, id string) error {
	given, err := a.client.RoleGiven(ctx, id)
	refused, is := errors.AsType[*scim.APIError](err)
	switch {
	case is && refused.Status < http.StatusInternalServerError, fault.CodeOf(err) == fault.Usage:
		a.learn(a.known.ByHand, id, memory.Fact{Why: err.Error()})
		return nil
	case err != nil:
		return err
	case given:
		a.learn(a.known.Given, id, memory.Fact{})
	default:
		a.learn(a.known.ByHand, id, memory.Fact{})
	}
	return nil
}
