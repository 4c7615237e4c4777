package integration

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// canonical is a value as texts, so that what is wanted can be compared with what
// JSON told: nothing and an empty text are the same, a list is sorted.
func canonical(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, canonical(item)...)
		}
		slices.Sort(items)
		return items
	case json.Number:
		return []string{v.String()}
	case string:
		if v = trimmed(v); v == "" {
			return nil
		}
		return []string{v}
	}
	return []string{fmt.Sprint(value)}
}

// trimmed is a text as authentik keeps it (Django REST framework, CharField), with
// the line ends of a form made plain.
func trimmed(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
