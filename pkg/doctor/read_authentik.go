package doctor

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

// built is what the application has in authentik, whoever made it.
type built struct {
	saml  *authentik.SAMLProvider // nil: none
	names []string                // of the attributes that are sent, one for each mapping
	blind int                     // mappings of the SAML provider that the token does not show
	err   error                   // why names cannot be had

	denied string // username of a user that is bound and gets no access; empty: none is known
	scim   []pushing

	scimErr error // why a provider that the application pushes by cannot be had
}

// pushing is a SCIM provider of the application.
type pushing struct {
	authentik.SCIMProvider

	own []sample // of the user mappings that are not known to be right
}

// sample is what a mapping gives for a user.
type sample struct {
	mapping  string // name
	userName string
	told     bool // authentik said what it gives
}

func (d *Doctor) readAuthentik(ctx context.Context, f *facts) {
	f.release, f.releaseErr = d.Authentik.Capabilities(ctx)
	f.self, f.selfErr = d.Authentik.Self(ctx)
}

// readIntegration compares the provider that the application has, whose name may
// have been chosen by hand.
func (d *Doctor) readIntegration(ctx context.Context, f *facts) {
	run := *d.Integration
	application, err := d.Authentik.Applications().Get(ctx, d.Subject.Application)
	var group sync.WaitGroup
	if err == nil {
		f.built.saml = d.samlProvider(ctx, application)
		if saml := f.built.saml; saml != nil && run.Settings.SAMLProvider == "" {
			run.Settings.SAMLProvider = saml.Name
		}
		group.Go(func() { d.readBuilt(ctx, application, f) })
	}
	f.plan, f.planErr = run.Plan(ctx)
	group.Wait()
}

// samlProvider is the SAML provider that the application has, nil for none.
func (d *Doctor) samlProvider(ctx context.Context, of authentik.Application) *authentik.SAMLProvider {
	if of.Provider == nil {
		return nil
	}
	found, err := d.Authentik.SAMLProviders().Get(ctx, authentik.SAMLProvider{PK: *of.Provider}.Key())
	if err != nil {
		return nil
	}
	return &found
}

// readBuilt reads what the application has. What the token may not see is left out.
func (d *Doctor) readBuilt(ctx context.Context, of authentik.Application, f *facts) {
	b := &f.built
	if b.saml != nil {
		b.names, b.err = d.attributes(ctx, *b.saml)
		b.blind = len(b.saml.PropertyMappings) - len(b.names)
	}
	bindings, _ := d.Authentik.Bindings().List(ctx, url.Values{"target": {of.PK}})
	bindings = slices.DeleteFunc(bindings, func(b authentik.Binding) bool { return b.Target != of.PK || !b.Counts(f.now) })
	user := sync.OnceValue(func() *authentik.User { return d.boundUser(ctx, bindings) })
	if conditional(of, bindings) && user() != nil {
		passes, err := d.Authentik.CheckAccess(ctx, of.Slug, user().PK)
		if err == nil && !passes {
			b.denied = user().Username
		}
	}
	for _, key := range of.BackchannelProviders[:min(len(of.BackchannelProviders), maxPushing)] {
		provider, err := d.Authentik.SCIMProviders().Get(ctx, strconv.Itoa(key))
		if err != nil {
			b.scimErr = err
			continue
		}
		b.scim = append(b.scim, pushing{provider, d.samples(ctx, provider, user)})
	}
}

// maxPushing bounds the SCIM providers and the mappings of each that are read.
const maxPushing = 3

// conditional reports whether a policy may keep out a user that a binding names:
// all have to pass.
func conditional(of authentik.Application, bindings []authentik.Binding) bool {
	return of.PolicyEngineMode == "all" && slices.ContainsFunc(bindings, func(b authentik.Binding) bool { return b.Policy != "" })
}

// attributes are the names of the attributes that a provider sends.
func (d *Doctor) attributes(ctx context.Context, of authentik.SAMLProvider) ([]string, error) {
	all, err := d.Authentik.SAMLMappings().List(ctx, nil)
	var names []string
	for _, m := range all {
		if slices.Contains(of.PropertyMappings, m.PK) {
			names = append(names, m.SAMLName)
		}
	}
	return names, err
}

// boundUser is a user with an e-mail address that the bindings name, or any user
// where they name none.
func (d *Doctor) boundUser(ctx context.Context, bindings []authentik.Binding) *authentik.User {
	query := url.Values{"is_active": {"true"}, "type": {"internal"}, "include_groups": {"false"}, "page_size": {"20"}}
	for _, b := range bindings {
		switch {
		case b.Negate:
		case b.User != nil:
			if user, err := d.Authentik.Users().Get(ctx, strconv.Itoa(*b.User)); err == nil && user.Email != "" {
				return &user
			}
		case b.Group != "":
			query.Set("groups_by_pk", b.Group)
		}
	}
	page, err := d.Authentik.Users().Page(ctx, query, 1)
	at := slices.IndexFunc(page.Items, func(u authentik.User) bool { return u.Email != "" && u.IsActive })
	if err != nil || at < 0 {
		return nil
	}
	return &page.Items[at]
}

// samples lets the user mappings that are not known to be right run for a user.
func (d *Doctor) samples(ctx context.Context, provider authentik.SCIMProvider, bound func() *authentik.User) []sample {
	var own []sample
	for _, key := range provider.PropertyMappings[:min(len(provider.PropertyMappings), maxPushing)] {
		mapping, err := d.Authentik.SCIMMappings().Get(ctx, key)
		if err != nil || integration.Accepted(mapping.Expression) {
			continue
		}
		s := sample{mapping: mapping.Name}
		if user := bound(); user != nil {
			got, err := d.Authentik.TestMapping(ctx, mapping.PK, user.PK)
			var gives struct {
				UserName string `json:"userName"` //nolint:tagliatelle // SCIM's name (RFC 7643, section 4.1.1)
			}
			if err == nil && got.Successful && json.Unmarshal([]byte(got.Result), &gives) == nil {
				s.userName, s.told = strings.TrimSpace(gives.UserName), true
			}
		}
		own = append(own, s)
	}
	return own
}
