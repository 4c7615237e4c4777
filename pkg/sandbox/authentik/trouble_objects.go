package authentik

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// What a fault needs and does not find.
var (
	errNoApplication = errors.New("expected an application with a SAML provider but found none; 'sentryidp authentik apply' makes them")
	errNoBindings    = errors.New("expected bindings of the application but found none")
	errNoSCIM        = errors.New("expected a SCIM provider but found none; 'sentryidp authentik apply --with-scim' makes it")
	errRelease       = errors.New("expected authentik 2026.8 or newer, whose bindings can end")
)

// change is what a fault does to what is held; it returns how it is taken back.
type change func() (undo func(), err error)

// switchFault makes the changes of a fault, and takes back those that are still as
// the fault made them. Faults of answers need none.
func (a *Authentik) switchFault(id string, on bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer a.forget()
	if !on {
		if undo := a.undo[id]; undo != nil {
			undo()
		}
		delete(a.undo, id)
		return nil
	}
	begin, known := a.changes()[id]
	if !known {
		return nil
	}
	undo, err := begin()
	if err != nil {
		return err
	}
	if a.undo == nil {
		a.undo = map[string]func(){}
	}
	a.undo[id] = undo
	return nil
}

// swap sets a field, and restores it where nobody has changed it since.
func swap(o Object, name string, value any) func() {
	before := o[name]
	o[name] = value
	return func() {
		if reflect.DeepEqual(o[name], value) {
			o[name] = before
		}
	}
}

// both takes back in the reverse order.
func both(undo ...func()) func() {
	return func() {
		for _, u := range slices.Backward(undo) {
			u()
		}
	}
}

// changes are the faults that change objects, by name.
func (a *Authentik) changes() map[string]change {
	all := map[string]change{
		"app-missing": a.loseApplication,
		"app-no-provider": func() (func(), error) {
			app, _, err := a.connected()
			if err != nil {
				return nil, err
			}
			return swap(app, "provider", nil), nil
		},
		"token-blind": func() (func(), error) {
			a.state.Denied = append(a.state.Denied, pathBindings)
			return func() {
				a.state.Denied = slices.DeleteFunc(a.state.Denied, func(path string) bool { return path == pathBindings })
			}, nil
		},
	}
	for _, some := range []map[string]change{a.addressChanges(), a.signingChanges(), a.mappingChanges(), a.bindingChanges(), a.scimChanges()} {
		maps.Copy(all, some)
	}
	return all
}

// connected is the first application with a SAML provider, and that.
func (a *Authentik) connected() (app, provider Object, err error) {
	for _, app := range a.state.Objects[pathApplications] {
		if provider := a.find(pathSAML, app["provider"]); provider != nil {
			return app, provider, nil
		}
	}
	return nil, nil, errNoApplication
}

// saml is a change of fields of the provider.
func (a *Authentik) saml(fields func(provider Object) Object) change {
	return func() (func(), error) {
		_, provider, err := a.connected()
		if err != nil {
			return nil, err
		}
		var undo []func()
		for name, value := range fields(provider) {
			undo = append(undo, swap(provider, name, value))
		}
		return both(undo...), nil
	}
}

func (a *Authentik) loseApplication() (func(), error) {
	app, _, err := a.connected()
	if err != nil {
		return nil, err
	}
	k := a.kinds[pathApplications]
	a.remove(k, app)
	return func() {
		if k.of(a, toText(app["slug"])) == nil {
			_ = a.insert(k, app) // its key is free: it was removed
		}
	}, nil
}

func (a *Authentik) addressChanges() map[string]change {
	edit := func(name string, to func(string) string) change {
		return a.saml(func(p Object) Object { return Object{name: to(toText(p[name]))} })
	}
	unslashed := func(address string) string { return strings.TrimSuffix(address, "/") }
	return map[string]change{
		"acs-slash":  edit("acs_url", unslashed),
		"acs-scheme": edit("acs_url", otherScheme),
		"acs-host":   edit("acs_url", func(address string) string { return withHost(address, "sentry.internal.test") }),
		"acs-slug": edit("acs_url", func(address string) string {
			parts := strings.Split(unslashed(address), "/")
			parts[len(parts)-1] = "another"
			return strings.Join(parts, "/") + "/"
		}),
		"audience-slash":   edit("audience", unslashed),
		"audience-empty":   edit("audience", func(string) string { return "" }),
		"binding-redirect": edit("sp_binding", func(string) string { return "redirect" }),
		"sls-post":         edit("sls_binding", func(string) string { return "post" }),
		"validity-short":   edit("assertion_valid_not_on_or_after", func(string) string { return "seconds=1" }),
		"issuer-changed": a.saml(func(Object) Object {
			if a.since(Release202605) {
				return Object{"issuer_override": "https://old.example.com/issuer"}
			}
			return Object{"issuer": "https://old.example.com/issuer"}
		}),
	}
}

func toText(v any) string { text, _ := v.(string); return text }

func otherScheme(address string) string {
	if rest, ok := strings.CutPrefix(address, "https:"); ok {
		return "http:" + rest
	}
	return "https:" + strings.TrimPrefix(address, "http:")
}

func withHost(address, host string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/" + path
}
