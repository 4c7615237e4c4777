// Package answer says in words what the body of an HTTP answer is that was not
// expected: the reasons of Django REST framework, HTML pages, broken JSON. What
// it returns is one line and safe to print.
package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

const (
	maxShown   = 512      // bytes of an answer that are kept
	maxRefusal = 64 << 10 // bytes of a refusal that are read
	maxDepth   = 8        // levels of it
	maxReasons = 10       // reasons of it
)

// title finds the words of an HTML page that say what it is.
var title = pattern.New(`(?is)<title[^>]*>\s*(.*?)\s*</title>`)

// Reason reads the body of a refusal: a text under "detail", or Django REST
// framework's map of fields to texts, or whatever a proxy says. isJSON tells the
// server's own words from a proxy's.
func Reason(body []byte) (detail string, isJSON bool) {
	fields := Fields(body)
	if fields == nil {
		return Describe(body), false
	}
	if text, ok := fields["detail"].(string); ok {
		return Printable(text), true
	}
	return Flatten(fields), true
}

// Fields reads the body of a refusal as a JSON object, or returns nil where it
// is none or too large.
func Fields(body []byte) map[string]any {
	var fields map[string]any
	if len(body) > maxRefusal || json.Unmarshal(body, &fields) != nil {
		return nil
	}
	return fields
}

// Flatten writes a tree of texts as "field: text; other.field: text", each once.
func Flatten(fields map[string]any) string { return Printable(flatten("", fields, 0)) }

func flatten(name string, value any, depth int) string {
	if depth > maxDepth {
		return "…"
	}
	var parts []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, flatten(strings.TrimPrefix(name+"."+key, "."), v[key], depth+1))
		}
	case []any:
		for _, item := range v {
			parts = append(parts, flatten(name, item, depth+1))
		}
	case nil:
		return ""
	default:
		return strings.TrimPrefix(fmt.Sprintf("%s: %v", name, v), ": ")
	}
	return strings.Join(unique(parts), "; ")
}

func unique(parts []string) []string {
	var kept []string
	for _, part := range parts {
		if part != "" && len(kept) < maxReasons && !slices.Contains(kept, part) {
			kept = append(kept, part)
		}
	}
	return kept
}

// Describe says what a body is that is no JSON object.
func Describe(body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return ""
	case body[0] == '<':
		if found := title().FindSubmatch(body[:min(len(body), 8<<10)]); found != nil {
			return fmt.Sprintf("an HTML page titled %q", Printable(string(found[1])))
		}
		return "an HTML page"
	case body[0] == '{':
		return "JSON that cannot be read"
	case body[0] == '[':
		return "a JSON list"
	}
	return fmt.Sprintf("the text %q", Printable(string(body[:min(len(body), 160)])))
}

// Printable cuts text from outside to what may be shown: one line, no control
// characters, at most 512 bytes.
func Printable(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown]
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	text = ui.Printable(text)
	for len(text) > maxShown { // a replacement is longer than what it replaces
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
