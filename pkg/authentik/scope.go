package authentik

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
)

// scope is what decides who is in scope, read from authentik.
type scope struct {
	Selection

	client   *Client
	bindings []Binding // those that count
	all      bool      // the application's policy_engine_mode is all, not any
	each     bool      // with all, each binding to a group or user has to let somebody in
	notes    []string
}

// String says which scope it is, for people to read.
func (s *scope) String() string {
	switch s.Scope {
	case ScopeGroups:
		return "groups " + describe(s.Groups)
	case ScopeAll:
		return "all people"
	case ScopeApplication:
	}
	return "application " + s.Application
}

func (s *scope) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// scope reads what decides about people, before they are read: a mistake in it
// shows at once.
func (c *Client) scope(ctx context.Context, selection Selection) (*scope, error) {
	capabilities, err := c.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	s := &scope{Selection: selection, client: c, each: capabilities.EachCounts}
	switch selection.Scope {
	case ScopeAll:
		return s, nil
	case ScopeGroups:
		if len(selection.Groups) == 0 {
			return nil, fault.Hint(fault.Usagef("scim.scope is groups, and scim.groups names none"), "name groups with --group or scim.groups")
		}
		return s, nil
	case ScopeApplication:
	}
	return s, s.readBindings(ctx)
}

func (s *scope) readBindings(ctx context.Context) error {
	app, err := s.client.Applications().Get(ctx, s.Application)
	if errors.Is(err, ErrNotFound) {
		return fault.Hint(fmt.Errorf("authentik has no application %q: %w", s.Application, err),
			"name its slug with --application or authentik.application, or choose people with scim.scope: groups or all")
	}
	if err != nil {
		return fmt.Errorf("read the application %s: %w", s.Application, err)
	}
	bindings, err := s.client.Bindings().List(ctx, url.Values{"target": {app.PK}})
	if err != nil {
		return fmt.Errorf("read the bindings of the application %s: %w", s.Application, err)
	}
	s.all = app.PolicyEngineMode == "all"
	idle := 0
	for _, b := range bindings {
		switch {
		case b.Target != app.PK: // a server that ignores the filter
		case b.Counts(s.Now):
			s.bindings = append(s.bindings, b)
		default:
			idle++
		}
	}
	if idle > 0 {
		s.note("the application %s has bindings that do not count, because they are disabled, expired or in dry-run mode: %d", s.Application, idle)
	}
	if static := slices.DeleteFunc(slices.Clone(s.bindings), func(b Binding) bool { return !b.static() }); s.all && !s.each && len(static) > 1 {
		s.note("the policy engine mode of the application %s is all, but authentik before 2026.5 grants access when a single group or user binding passes; this run does the same, and an update of authentik removes access from users who do not pass all bindings", s.Application)
	}
	return nil
}

// Counts reports whether authentik asks the binding at that time.
func (b Binding) Counts(now time.Time) bool { return b.Enabled && b.Void(now) == "" }

// Void says why the binding is none at that time, whoever it binds; empty for one
// that is. One that has ended is still listed (policies/engine.py), and one on a
// dry run is written down and counts for nothing, so that an application with no
// other is open to everybody (docs bindings.mdx, after 2026.8).
func (b Binding) Void(now time.Time) string {
	switch {
	case b.Expiring && b.Expires != nil && !now.Before(*b.Expires):
		return "it expired on " + b.Expires.UTC().Format(time.DateOnly)
	case b.DryRun:
		return "it is in dry-run mode"
	}
	return ""
}

// static reports whether the binding can be judged from outside.
func (b Binding) static() bool { return b.Policy == "" }

// lets reports whether a static binding lets the user in, who is in those groups.
func (b Binding) lets(u User, in map[string]bool) bool {
	if b.User != nil {
		return (*b.User == u.PK) != b.Negate
	}
	return in[b.Group] != b.Negate
}

// teams are the names of the groups that the bindings let in, sorted.
func (s *scope) teams(t *tree) []string {
	var names []string
	for _, b := range s.bindings {
		if b.static() && b.Group != "" && !b.Negate {
			names = append(names, t.groups[b.Group].Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// judge returns the users who are in scope.
func (s *scope) judge(ctx context.Context, users []User, t *tree) ([]User, error) {
	switch s.Scope {
	case ScopeAll:
		return users, nil
	case ScopeGroups:
		return s.ofGroups(users, t)
	case ScopeApplication:
	}
	for _, b := range s.bindings {
		if _, known := t.groups[b.Group]; b.Group != "" && !known {
			return nil, missingGroup(b.Group, "which the application "+s.Application+" lets in")
		}
	}
	if len(s.bindings) == 0 {
		return s.unbound(ctx, users)
	}
	return s.bound(ctx, users, t)
}

func (s *scope) ofGroups(users []User, t *tree) ([]User, error) {
	named := t.named(s.Groups)
	if len(named) == 0 {
		var names []string
		for _, g := range t.groups {
			names = append(names, g.Name)
		}
		slices.Sort(names)
		err := fault.Usagef("scim.groups names no group of authentik: %s", strings.Join(s.Groups, ", "))
		for _, name := range s.Groups {
			if strings.Contains(name, ",") {
				err = fault.Hint(err, "a name is not split at its commas: for several, write a list, or repeat the flag: %s", phrase.Repeated("--group", name))
			}
		}
		return nil, fault.Hint(err, "authentik has %s", describe(names))
	}
	inside := make([]User, 0, len(users))
	for _, u := range users {
		for pk := range t.all(u) {
			if named[pk] {
				inside = append(inside, u)
				break
			}
		}
	}
	return inside, nil
}

// unbound is for an application without bindings. It is everybody's, unless the
// flag core_default_app_access is off (authentik/core/apps.py); what one person
// is answered then goes for all, and only superusers may ask.
func (s *scope) unbound(ctx context.Context, users []User) ([]User, error) {
	self, err := s.client.Self(ctx)
	if err != nil {
		return nil, err
	}
	if self.IsSuperuser && len(users) > 0 {
		passing, err := s.client.CheckAccess(ctx, s.Application, users[0].PK)
		if err != nil {
			return nil, err
		}
		if !passing {
			s.note("the application %s has no bindings, and authentik lets nobody into such (the flag core_default_app_access is off)", s.Application)
			return []User{}, nil
		}
	}
	s.note("the application %s has no bindings in authentik, so everybody is in scope: bind the groups that are meant", s.Application)
	return users, nil
}

// bound judges every user by the bindings as authentik does
// (authentik/policies/engine.py): those to users and groups give one result, each
// policy another, and the mode combines the results. Policies are asked for at
// the server, where they can still decide.
func (s *scope) bound(ctx context.Context, users []User, t *tree) ([]User, error) {
	var static []Binding
	for _, b := range s.bindings {
		if b.static() {
			static = append(static, b)
		}
	}
	verdicts := make([]bool, len(users))
	var open []int
	for i, u := range users {
		verdicts[i] = s.passes(static, u, t)
		undecided := verdicts[i] == s.all
		if undecided && len(static) < len(s.bindings) {
			open = append(open, i)
		}
	}
	if len(open) > 0 {
		if err := s.ask(ctx, users, open, verdicts); err != nil {
			return nil, err
		}
	}
	inside := make([]User, 0, len(users))
	for i, u := range users {
		if verdicts[i] {
			inside = append(inside, u)
		}
	}
	return inside, nil
}

// passes is the one result of all static bindings.
func (s *scope) passes(static []Binding, u User, t *tree) bool {
	if len(static) == 0 {
		return s.all
	}
	in, needsAll := t.all(u), s.all && s.each
	for _, b := range static {
		if b.lets(u, in) != needsAll {
			return !needsAll
		}
	}
	return needsAll
}

// ask asks authentik about the users at the places in open, several at once, and
// writes its answers into verdicts.
func (s *scope) ask(ctx context.Context, users []User, open []int, verdicts []bool) error {
	if err := s.client.superuser(ctx); err != nil {
		return err
	}
	s.note("the application %s has policies, so authentik was asked about %d people, one by one", s.Application, len(open))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.client.readers)
	for _, i := range open {
		group.Go(func() (err error) {
			verdicts[i], err = s.client.CheckAccess(ctx, s.Application, users[i].PK)
			if err != nil {
				return fmt.Errorf("ask whether %s may use the application %s: %w", answer.Printable(users[i].Username), s.Application, err)
			}
			return nil
		})
	}
	return group.Wait()
}
