package authentik

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const pk = "pk"

// shape is what a field holds.
type shape int

const (
	text    shape = iota
	address       // a URL
	integer
	boolean
	choice
	one  // the key of another object
	many // several of them
	texts
	anything // JSON
)

// field is a field of a kind, with the rules that Django REST framework derives
// from authentik's models.
type field struct {
	name      string
	shape     shape
	required  bool
	null      bool // null is a value
	blank     bool // the empty text is a value
	readOnly  bool
	writeOnly bool
	// secretSince is the first release that does not tell it any more.
	secretSince Release
	unique      bool
	standard    any      // the default
	choices     []string // of a choice
	to          string   // the collection that one and many refer to
	since       Release  // the first that has it
	until       Release  // the first that no longer has it
}

func (f field) in(r Release) bool { return r >= f.since && (f.until == "" || r < f.until) }

// clean returns what is kept for a value that was sent, or what is wrong with it
// in the words of Django REST framework (fields.py, relations.py).
func (f field) clean(a *Authentik, value any) (clean any, problems []string) {
	if value == nil {
		if f.null {
			return nil, nil
		}
		return nil, []string{"This field may not be null."}
	}
	switch f.shape {
	case boolean:
		return f.truth(value)
	case integer:
		if n, ok := whole(value); ok {
			return n, nil
		}
		return nil, []string{"A valid integer is required."}
	case one:
		return f.reference(a, value)
	case many, texts:
		return f.list(a, value)
	case anything:
		return value, nil
	case text, address, choice:
	}
	return f.words(value)
}

func (f field) truth(value any) (any, []string) {
	switch fmt.Sprint(value) {
	case "true", "True", "1":
		return true, nil
	case "false", "False", "0":
		return false, nil
	}
	return nil, []string{"Must be a valid boolean."}
}

func whole(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case json.Number, string:
		n, err := strconv.Atoi(fmt.Sprint(v))
		return n, err == nil
	}
	return 0, false
}

func (f field) words(value any) (any, []string) {
	var written string
	switch v := value.(type) {
	case string:
		written = strings.TrimSpace(v)
	case json.Number, int:
		written = fmt.Sprint(v)
	default:
		return nil, []string{"Not a valid string."}
	}
	switch {
	case f.shape == choice && !slices.Contains(f.choices, written):
		return nil, []string{strconv.Quote(written) + " is not a valid choice."}
	case written == "" && !f.blank && f.shape != choice:
		return nil, []string{"This field may not be blank."}
	case f.shape == address && written != "" && !isURL(written):
		return nil, []string{"Enter a valid URL."}
	}
	return written, nil
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

func (f field) reference(a *Authentik, value any) (any, []string) {
	if f.to == pathProviders || a.kinds[f.to].numbered {
		n, ok := whole(value)
		if !ok {
			return nil, []string{fmt.Sprintf("Incorrect type. Expected pk value, received %s.", typeName(value))}
		}
		value = n
	}
	if f.to == pathProviders && a.provider(value) != nil {
		return value, nil
	}
	if a.find(f.to, value) == nil {
		return nil, []string{fmt.Sprintf("Invalid pk %q - object does not exist.", fmt.Sprint(value))}
	}
	return value, nil
}

func typeName(value any) string {
	switch value.(type) {
	case string:
		return "str"
	case bool:
		return "bool"
	case map[string]any:
		return "dict"
	case []any:
		return "list"
	}
	return "float"
}

func (f field) list(a *Authentik, value any) (any, []string) {
	items, ok := value.([]any)
	if !ok {
		return nil, []string{fmt.Sprintf("Expected a list of items but got type %q.", typeName(value))}
	}
	kept := make([]any, 0, len(items))
	for _, item := range items {
		clean, problems := f.words(item)
		if f.shape == many {
			clean, problems = f.reference(a, item)
		}
		if len(problems) > 0 {
			return nil, problems
		}
		if f.shape == texts || !slices.Contains(kept, clean) {
			kept = append(kept, clean)
		}
	}
	return kept, nil
}
