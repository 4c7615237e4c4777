package integration

import (
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
