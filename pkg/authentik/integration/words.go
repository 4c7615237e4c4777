package integration

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

const masked = "(secret)"

// was is a field's present value for people, "" for an object that is not there.
func (e *engine) was(kind Kind, f Field, found *actual) string {
	switch _, secret := f.Value.(Secret); {
	case found == nil:
		return ""
	case secret:
		return masked
	case f.Told != "":
		return e.words(kind, f.Told, found.fields[f.Told])
	}
	return e.words(kind, f.Name, found.fields[f.Name])
}

// becomes is a field's coming value for people.
func (e *engine) becomes(kind Kind, f Field, value any) string {
	switch _, secret := f.Value.(Secret); {
	case secret:
		return masked
	case f.Told != "":
		return f.Want
	}
	return e.words(kind, f.Name, value)
}

// words tells a value of a field, objects by their names.
func (e *engine) words(kind Kind, field string, value any) string {
	switch v := value.(type) {
	case future:
		return e.desired.object(v.id).Name
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, e.words(kind, field, item))
		}
		slices.Sort(items)
		return strings.Join(items, ", ")
	}
	text := strings.Join(canonical(value), "")
	if name := e.names[text]; name != "" && refersTo(kind, field) != "" {
		text = name
	}
	return lines(text)
}

// learn learns the names of the objects that a field refers to, and which of them
// authentik manages. Of one that the token may not see, people are shown the key.
func (e *engine) learn(ctx context.Context, kind Kind, field string, value any) error {
	target := refersTo(kind, field)
	for _, pk := range canonical(value) {
		if target == "" || e.names[pk] != "" {
			continue
		}
		found, err := e.byKey(ctx, target, pk)
		if ctx.Err() != nil {
			return err
		}
		if found == nil || err != nil {
			continue
		}
		e.names[pk] = shorter(cmp.Or(found.text("slug"), found.text("managed"), found.text("name"), found.text("username")))
		e.builtin[pk] = found.text("managed") != ""
	}
	return nil
}

// byKey reads an object by its primary key, nil for none that can be seen. Flows
// have their slugs for keys.
func (e *engine) byKey(ctx context.Context, kind Kind, pk string) (*actual, error) {
	if kind != Flow {
		return e.got(ctx, kind, pk)
	}
	if e.flows == nil {
		flows, err := e.store(Flow).list(ctx, nil)
		if err != nil {
			return nil, err
		}
		e.flows = flows
	}
	i := slices.IndexFunc(e.flows, func(f *actual) bool { return f.text("pk") == pk })
	if i < 0 {
		return nil, nil //nolint:nilnil // nothing was found, and nothing failed
	}
	return e.flows[i], nil
}

// refersTo is the kind of object that a field holds the primary keys of, "" for
// one that holds none.
func refersTo(kind Kind, field string) Kind {
	switch field {
	case "authorization_flow", "invalidation_flow":
		return Flow
	case "signing_kp", "verification_kp", "encryption_kp":
		return KeyPair
	case "group_filters", "filter_group":
		return Group
	case "name_id_mapping":
		return SAMLMapping
	case "property_mappings_group":
		return SCIMMapping
	case "property_mappings":
		return map[Kind]Kind{SAMLProvider: SAMLMapping, SCIMProvider: SCIMMapping}[kind]
	case "provider":
		return SAMLProvider
	case "backchannel_providers":
		return SCIMProvider
	}
	return ""
}

// lines makes each line safe to print.
func lines(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		all[i] = ui.Printable(line)
	}
	return strings.Join(all, "\n")
}
