package authentik

import (
	"maps"
	"net/url"
	"slices"
)

// kind is a collection of the API and the rules of its objects.
type kind struct {
	path     string // below /api/v3, such as core/users
	name     string // as error texts write it
	lookup   string // the field by which one is addressed, if it is not the key
	id       string // the field that is the key, if it is not pk
	numbered bool   // keys are numbers, others are UUIDs
	readOnly bool   // nothing can be created or deleted
	fields   []field
	filters  []string // query parameters that select by equality
	order    string   // of its list, as the parameter ordering has it; empty: as made

	// check returns what is wrong with a write, beyond single fields. sent is what
	// the request set, merged what the object will be.
	check func(a *Authentik, sent, merged Object) map[string][]string
	// saved runs after an object was created or changed.
	saved func(a *Authentik, o Object, created bool)
	// facts are fields that are the same for all.
	facts Object
	// show adds what is worked out, and changes what is told, as the query asks for
	// it.
	show func(a *Authentik, o, out Object, asked url.Values)
	// visible tells what the list shows.
	visible func(a *Authentik, o Object, asked url.Values) bool
}

func (k *kind) key() string {
	if k.id != "" {
		return k.id
	}
	return pk
}

func (k *kind) field(name string) (field, bool) {
	i := slices.IndexFunc(k.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return k.fields[i], true
}

// fresh is an object of defaults.
func (k *kind) fresh() Object {
	o := Object{}
	for _, f := range k.fields {
		switch {
		case f.standard != nil:
			o[f.name] = f.standard
		case f.null:
			o[f.name] = nil
		case f.shape == many || f.shape == texts:
			o[f.name] = []any{}
		case f.shape == boolean:
			o[f.name] = false
		case f.shape == anything:
			o[f.name] = Object{}
		case f.shape == text || f.shape == address:
			o[f.name] = ""
		}
	}
	return o
}

// told is an object as the API tells it to somebody with that query.
func (k *kind) told(a *Authentik, o Object, asked url.Values) Object {
	out := maps.Clone(o)
	for _, f := range k.fields {
		if f.writeOnly || f.secretSince != "" && a.since(f.secretSince) || !f.in(a.config.Release) {
			delete(out, f.name)
		}
	}
	maps.Copy(out, k.facts)
	if k.show != nil {
		k.show(a, o, out, asked)
	}
	return out
}

// model are the facts that authentik tells of every object of a model with
// subclasses (authentik/core/api/utils.py MetaNameSerializer).
func model(component, name, words string) Object {
	return Object{"component": component, "meta_model_name": name, "verbose_name": words, "verbose_name_plural": words + "s"}
}

// of returns the object of the collection that a URL addresses, or nil.
func (k *kind) of(a *Authentik, key string) Object {
	if k.lookup == "" {
		return a.find(k.path, key)
	}
	for _, o := range a.state.Objects[k.path] {
		if o[k.lookup] == key {
			return o
		}
	}
	return nil
}

// kinds are all collections; those that others refer to come first.
func kinds() []*kind {
	return []*kind{
		flows(), samlMappings(), scimMappings(), keyPairs(), groups(), users(), samlProviders(), scimProviders(),
		applications(), expressionPolicies(), bindings(), schedules(), tasks(), scimUsers(), scimGroups(),
	}
}

func ref(name, to string) field { return field{name: name, shape: one, to: to, null: true} }

func refs(name, to string) field { return field{name: name, shape: many, to: to} }

func words(name string) field { return field{name: name, shape: text, blank: true} }

func flag(name string, standard bool) field {
	return field{name: name, shape: boolean, standard: standard}
}

func (f field) must() field {
	f.required, f.null, f.blank = true, false, false
	return f
}
