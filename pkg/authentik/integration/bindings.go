package integration

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// locateBinding finds the binding of a group or user to the application, by what
// it binds: its order may be any. One that lasts comes before one that will end,
// and one that is none at that time is not found.
func (e *engine) locateBinding(ctx context.Context, o Object) (*actual, error) {
	all, err := e.bindings(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	bound := o.Match[1]
	want, err := e.resolve(ctx, bound.Value)
	if err != nil {
		return nil, err
	}
	var ending *actual
	for _, b := range all {
		found, err := told(b, nil)
		if err != nil {
			return nil, err
		}
		switch {
		case b.Void(e.now) != "" || !slices.Equal(canonical(found.fields[bound.Name]), canonical(want)):
		case b.Expiring:
			ending = found
		default:
			return found, nil
		}
	}
	return ending, nil
}

// bindings are those of the application, none where that is still to be made.
func (e *engine) bindings(ctx context.Context) ([]authentik.Binding, error) {
	application := e.actual[idApplication]
	if application == nil {
		return nil, nil
	}
	target := application.text("pk")
	all, err := e.client.Bindings().List(ctx, url.Values{"target": {target}})
	return slices.DeleteFunc(all, func(b authentik.Binding) bool { return b.Target != target }), err // a server may ignore the filter
}

// bindingWarnings are about who gets in: everybody where nothing counts and nothing
// will, and those whose bindings end or are none.
func (e *engine) bindingWarnings(ctx context.Context, s Settings) ([]Warning, error) {
	all, err := e.bindings(ctx)
	if err != nil {
		return nil, err
	}
	var warnings []Warning
	counts := func(b authentik.Binding) bool { return b.Counts(e.now) }
	if len(s.BindGroups)+len(s.BindUsers) == 0 && !slices.ContainsFunc(all, counts) {
		warnings = append(warnings, Warning{
			"no-bindings", "nothing is bound to the application " + s.Application + ": everybody in authentik may use it",
			"authentik lets everybody use an application without bindings, and provisions everybody.",
			"Bind the groups that are to have Sentry: --bind-group NAME.",
		})
	}
	for _, b := range all {
		void := b.Void(e.now)
		switch {
		case e.opens(b, s):
			warnings = append(warnings, Warning{
				"binding-negated", "the binding of " + b.Whom() + " to the application " + s.Application + " is negated: everybody else may use it",
				"A negated binding lets in everybody that it does not name, and with the mode any one binding is enough.",
				"Switch 'Negate result' off at the binding in authentik, or apply with --bind-group or --bind-user and --loosen-access.",
			})
		case void != "":
			warnings = append(warnings, Warning{
				"binding-void", "the binding of " + b.Whom() + " to the application " + s.Application + " has no effect: " + void,
				"authentik lists the binding but ignores it.", "Delete the binding in authentik. To grant access again, use --bind-group or --bind-user.",
			})
		case b.Expiring && b.Expires != nil:
			warnings = append(warnings, e.endWarning(s, all, b))
		}
	}
	return warnings, nil
}

// opens reports whether a binding lets in users that it does not name, and no
// setting says what it should be. With the mode all it may be a condition beside others.
func (e *engine) opens(b authentik.Binding, s Settings) bool {
	if !b.Negate || !b.Counts(e.now) || e.actual[idApplication].text(policyMode) == modeAll {
		return false
	}
	return b.GroupObj != nil && !slices.Contains(s.BindGroups, b.GroupObj.Name) || b.UserObj != nil && !slices.Contains(s.BindUsers, b.UserObj.Username)
}

// endWarning is about a binding that will end. Bindings that have ended do not count
// (authentik/policies/engine.py), so that the end of the last opens the
// application to everybody.
func (e *engine) endWarning(s Settings, all []authentik.Binding, b authentik.Binding) Warning {
	w := Warning{
		"binding-ends", "the binding of " + b.Whom() + " to the application " + s.Application + " expires on " + b.Expires.UTC().Format(time.DateOnly),
		"authentik does not let anybody change the expiry, so the binding stays as it is. After the expiry it grants no access.",
		"If access must last, apply again after the expiry with --bind-group or --bind-user, which adds a binding without an expiry.",
	}
	lasts := func(b authentik.Binding) bool { return b.Counts(e.now) && !b.Expiring }
	coming := func(o Object) bool { return o.Kind == Binding && e.actual[o.ID] == nil }
	if b.Counts(e.now) && !slices.ContainsFunc(all, lasts) && !slices.ContainsFunc(e.desired.Objects, coming) {
		w.Text += ", and no binding without an expiry is there"
		w.Reason = "authentik does not let anybody change the expiry, so the binding stays as it is. When the last binding has expired, everybody in authentik may use the application."
		w.Fix = "Before the expiry, bind a group or a user without an expiry in authentik."
	}
	return w
}
