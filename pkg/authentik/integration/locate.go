package integration

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// locate reads the object, nil for none. One that the settings do not name is
// looked for where the integration has it first: as what the application uses. It
// may have been made by hand, under any name; recognized says so.
func (e *engine) locate(ctx context.Context, o Object) (found *actual, recognized string, err error) {
	switch {
	case o.Kind == Binding:
		found, err = e.locateBinding(ctx, o)
		return found, "", err
	case o.Named:
	case o.Kind == SAMLProvider:
		found, err = e.linkedSAML(ctx, o)
	case o.Kind == SCIMProvider:
		found, err = e.linkedSCIM(ctx)
	case o.Kind == SCIMMapping:
		found, err = e.linkedMapping(ctx)
	}
	name, _ := o.Match[0].Value.(string)
	if found == nil && err == nil {
		found, err = e.find(ctx, o.Kind, o.Match[0].Name, name)
	}
	if found == nil || err != nil {
		return nil, "", err
	}
	return found, recognize(o, found, name), nil
}

// recognize says what an object was recognized by, if its name or its text is
// another than a new one would have.
func recognize(o Object, found *actual, name string) string {
	var by []string
	if named := found.text("name"); named != name && o.Match[0].Name == "name" {
		by = append(by, map[Kind]string{
			SAMLProvider: "the application has it", SCIMProvider: "the application has it, and its url is Sentry's", SCIMMapping: "the SCIM provider uses it",
		}[o.Kind])
	}
	if o.Kind == SCIMMapping && normalForm(found.text(expression)) != normalForm(Expression()) && Accepted(found.text(expression)) {
		by = append(by, "its expression is the integration guide's")
	}
	return strings.Join(by, ", ")
}

// application reads the application, nil for none.
func (e *engine) application(ctx context.Context) (*actual, error) {
	slug := e.desired.object(idApplication).Name
	return e.find(ctx, Application, "slug", slug)
}

// linkedSAML is the application's provider, if it is one for SAML and knows
// Sentry's organization by one of its addresses.
func (e *engine) linkedSAML(ctx context.Context, o Object) (*actual, error) {
	application, err := e.application(ctx)
	if application == nil || err != nil {
		return nil, err
	}
	for _, pk := range canonical(application.fields["provider"]) {
		provider, err := e.got(ctx, SAMLProvider, pk)
		if provider == nil || err != nil {
			return nil, err
		}
		for _, name := range []string{"acs_url", "audience", "sls_url"} {
			if slices.Equal(canonical(provider.fields[name]), canonical(o.field(name).Value)) {
				return provider, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // nothing was found, and nothing failed
}

// linkedSCIM is the backchannel provider of the application that is one for SCIM
// and sends to Sentry's organization.
func (e *engine) linkedSCIM(ctx context.Context) (*actual, error) {
	application, err := e.application(ctx)
	if application == nil || err != nil {
		return nil, err
	}
	target := e.desired.object(idSCIM).field("url")
	for _, pk := range canonical(application.fields["backchannel_providers"]) {
		provider, err := e.got(ctx, SCIMProvider, pk)
		if err != nil {
			return nil, err
		}
		if provider != nil && (target.stays(provider) || slices.Equal(canonical(provider.fields["url"]), canonical(target.Value))) {
			return provider, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing was found, and nothing failed
}

// linkedMapping is the mapping of the SCIM provider that somebody wrote: first one
// that is as good as ours.
func (e *engine) linkedMapping(ctx context.Context) (*actual, error) {
	provider, _, err := e.locate(ctx, *e.desired.object(idSCIM))
	if provider == nil || err != nil {
		return nil, err
	}
	var written *actual
	for _, pk := range canonical(provider.fields["property_mappings"]) {
		mapping, err := e.got(ctx, SCIMMapping, pk)
		switch {
		case err != nil:
			return nil, err
		case mapping == nil || mapping.text("managed") != "":
		case Accepted(mapping.text(expression)):
			return mapping, nil
		case written == nil:
			written = mapping
		}
	}
	return written, nil
}

// got reads the object with the primary key, nil for none that can be seen.
func (e *engine) got(ctx context.Context, kind Kind, pk string) (*actual, error) {
	found, err := e.store(kind).get(ctx, pk)
	if errors.Is(err, authentik.ErrNotFound) {
		return nil, nil //nolint:nilnil // nothing was found, and nothing failed
	}
	return found, err
}

// loosens says why a step changes who gets in beyond what is named: an engine that
// wants all bindings to pass, with one binding more or content with any, and a
// binding that somebody switched off or turned round.
func (e *engine) loosens(ctx context.Context, o Object, step Step, found *actual) (string, error) {
	application := e.actual[idApplication]
	if application == nil || o.Kind != Application && o.Kind != Binding {
		return "", nil
	}
	changed := func(field string) bool {
		return slices.ContainsFunc(step.Changes, func(c Change) bool { return c.Field == field })
	}
	if o.Kind == Binding && found != nil {
		switch {
		case changed("negate"):
			return "somebody turned the binding round, so that it keeps " + ui.Printable(bound(o)) + " out", nil
		case changed("enabled"):
			return "somebody switched the binding off", nil
		}
		return "", nil
	}
	if application.text(policyMode) != modeAll || o.Kind == Application && !changed(policyMode) {
		return "", nil
	}
	others, err := e.counting(ctx)
	switch mode := e.desired.object(idApplication).field(policyMode); {
	case err != nil || others == 0:
		return "", err
	case o.Kind == Application && others > 1:
		return "the application lets in who passes all of its bindings, and would let in who passes any one of them", nil
	case o.Kind == Binding && mode.Kept == Always:
		return "the application lets in who passes all of its bindings: with this one more, fewer get in, and to let " + ui.Printable(bound(o)) + " in by itself, any binding would have to do", nil
	}
	return "", nil
}

// bound names what a binding is for.
func bound(o Object) string {
	lookup, _ := o.Match[1].Value.(Lookup)
	return "the " + lookup.Kind.Words() + " " + lookup.Value
}

// counting is how many bindings of the application count.
func (e *engine) counting(ctx context.Context) (int, error) {
	all, err := e.bindings(ctx)
	return len(slices.DeleteFunc(all, func(b authentik.Binding) bool { return !b.Counts(e.now) })), err
}
