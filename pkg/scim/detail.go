package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

const (
	maxShown   = 512      // bytes of an answer that are kept
	maxRefusal = 64 << 10 // bytes of a refusal that are read
	maxDepth   = 8        // levels of it
	maxReasons = 10       // reasons of it
)

// title finds the words of an HTML page that say what it is.
var title = regexp.MustCompile(`(?is)<title[^>]*>\s*(.*?)\s*</title>`)

// reason reads the body of a refusal: Sentry's SCIM envelope, the plain bodies
// of Django REST framework, which are maps of fields to texts, or whatever a
// proxy says. The content type is not asked: Sentry's 429 is JSON that calls
// itself HTML (middleware/ratelimit.py).
func reason(body []byte) (detail, scimType string, isJSON bool) {
	var fields map[string]any
	if len(body) > maxRefusal || json.Unmarshal(body, &fields) != nil || fields == nil {
		return describe(body), "", false
	}
	scimType, _ = fields["scimType"].(string)
	scimType = printable(scimType)
	if text, ok := fields["detail"].(string); ok {
		return readDetail(text), scimType, true
	}
	if scimType != "" {
		return scimType, scimType, true // Sentry's invalidFilter has no detail
	}
	delete(fields, "schemas")
	delete(fields, "status")
	return printable(flatten("", fields, 0)), "", true
}

// readDetail reads a detail that may itself be JSON text.
func readDetail(text string) string {
	var fields map[string]any
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &fields) == nil {
		return printable(flatten("", fields, 0))
	}
	return printable(text)
}

// flatten writes a tree of texts as "field: text; other.field: text", each once.
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

// describe says what a body is that is no JSON object.
func describe(body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return ""
	case body[0] == '<':
		if found := title.FindSubmatch(body[:min(len(body), 8<<10)]); found != nil {
			return fmt.Sprintf("an HTML page titled %q", printable(string(found[1])))
		}
		return "an HTML page"
	case body[0] == '{':
		return "JSON that cannot be read"
	case body[0] == '[':
		return "a JSON list"
	}
	return fmt.Sprintf("the text %q", printable(string(body[:min(len(body), 160)])))
}

// printable cuts text from outside to what may be shown: one line, no control
// characters, at most maxShown bytes.
func printable(text string) string {
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
