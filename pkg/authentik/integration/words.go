package integration

import (
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

const masked = "(secret)"

// was is a field's present value for people, "" for an object that is not there.
func (e *engine) was(f Field, found *actual) string {
	switch _, secret := f.Value.(Secret); {
	case found == nil:
		return ""
	case secret:
		return masked
	case f.Told != "":
		return e.words(f, found.fields[f.Told])
	}
	return e.words(f, found.fields[f.Name])
}

// becomes is a field's coming value for people.
func (e *engine) becomes(f Field, value any) string {
	switch _, secret := f.Value.(Secret); {
	case secret:
		return masked
	case f.Told != "":
		return f.Want
	}
	return e.words(f, value)
}

// words tells a value of the field, objects by their names.
func (e *engine) words(f Field, value any) string {
	switch v := value.(type) {
	case future:
		return e.desired.object(v.id).Name
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, e.words(f, item))
		}
		slices.Sort(items)
		return strings.Join(items, ", ")
	}
	text := strings.Join(canonical(value), "")
	if name := e.names[text]; name != "" && refers(f.Value) {
		text = name
	}
	return lines(text)
}

// nameOld learns the names of the objects that a field refers to and will not any
// more. Without them, people are shown their keys.
func (e *engine) nameOld(ctx context.Context, f Field, found *actual) {
	kind, listed := e.target(f.Value)
	if !listed {
		return
	}
	for _, pk := range canonical(found.fields[f.Name]) {
		if e.names[pk] != "" {
			continue
		}
		if old, err := e.store(kind).get(ctx, pk); err == nil {
			e.names[pk] = old.text("name")
		}
	}
}

// target is the kind that a value refers to, if its objects are read by primary
// key; flows are not.
func (e *engine) target(value Value) (Kind, bool) {
	switch v := value.(type) {
	case Ref:
		return e.desired.object(string(v)).Kind, true
	case Lookup:
		return v.Kind, v.Kind != Flow
	case List:
		if len(v) > 0 {
			return e.target(v[0])
		}
	case Includes:
		return e.target(v[0])
	}
	return "", false
}

// refers reports whether a value is, or lists, primary keys.
func refers(value Value) bool {
	switch value.(type) {
	case Ref, Lookup, List, Includes:
		return true
	}
	return false
}

// lines makes each line safe to print.
func lines(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		all[i] = ui.Printable(line)
	}
	return strings.Join(all, "\n")
}
