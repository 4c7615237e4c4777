package directory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// attributesKey is the key of a user's attributes, and before a dot the prefix
// of their columns in CSV.
const attributesKey = "attributes"

// The bounds of one person's attributes: levels of nesting, values (of lists
// and mappings, themselves included), and bytes of keys and texts.
const (
	maxAttributeDepth = 8
	maxAttributes     = 1000
	maxAttributeBytes = 64 << 10
)

// Attributes returns a person's attributes as other packages may rely on them:
// values are nil, string, bool, int, float64, []any or map[string]any, nested 8
// levels deep at most, 1,000 values and 64 KiB of text in all. The error says
// what goes beyond. raw is what a decoder of YAML or JSON makes; its numbers may
// be json.Number.
func Attributes(raw map[string]any) (map[string]any, error) {
	r := attributeReader{}
	clean, err := r.mapping(raw, 1)
	if err != nil || len(clean) == 0 {
		return nil, err
	}
	return clean, nil
}

type attributeReader struct{ values, bytes int }

func (r *attributeReader) mapping(raw map[string]any, depth int) (map[string]any, error) {
	if depth > maxAttributeDepth {
		return nil, fmt.Errorf("are nested deeper than %d levels", maxAttributeDepth)
	}
	clean := make(map[string]any, len(raw))
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if err := r.count(key); err != nil {
			return nil, err
		}
		value, err := r.value(raw[key], depth)
		if err != nil {
			return nil, err
		}
		clean[key] = value
	}
	return clean, nil
}

func (r *attributeReader) list(raw []any, depth int) ([]any, error) {
	if depth > maxAttributeDepth {
		return nil, fmt.Errorf("are nested deeper than %d levels", maxAttributeDepth)
	}
	clean := make([]any, 0, len(raw))
	for _, entry := range raw {
		if err := r.count(""); err != nil {
			return nil, err
		}
		value, err := r.value(entry, depth)
		if err != nil {
			return nil, err
		}
		clean = append(clean, value)
	}
	return clean, nil
}

// count counts one value and the bytes of its key.
func (r *attributeReader) count(key string) error {
	r.values++
	if r.values > maxAttributes {
		return fmt.Errorf("have more than %d values", maxAttributes)
	}
	return r.text(key)
}

func (r *attributeReader) text(text string) error {
	r.bytes += len(text)
	if r.bytes > maxAttributeBytes {
		return fmt.Errorf("have more than %d KiB of text", maxAttributeBytes>>10)
	}
	return nil
}

func (r *attributeReader) value(raw any, depth int) (any, error) {
	switch v := raw.(type) {
	case nil, bool, int, float64:
		return v, nil
	case string:
		return v, r.text(v)
	case json.Number:
		return number(string(v))
	case []any:
		return r.list(v, depth+1)
	case map[string]any:
		return r.mapping(v, depth+1)
	}
	return nil, fmt.Errorf("have a value of the type %T", raw)
}

// number reads a number of JSON or YAML; YAML's may have a base and underscores.
func number(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 0, 0); err == nil {
		return int(n), nil
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil {
		return nil, fmt.Errorf("have the number %.80q, which cannot be held", text)
	}
	return f, nil
}

// attributes reads the attributes of a record.
func (b *builder) attributes(r record) map[string]any {
	switch value := r.values[attributesKey].(type) {
	case nil:
		return nil
	case map[string]any:
		clean, err := Attributes(value)
		if err != nil {
			b.problem(r.line, "the attributes %v", err)
		}
		return clean
	default:
		b.problem(r.line, "%s is %s, want a mapping", attributesKey, kindOf(value))
		return nil
	}
}

// Attribute follows a path of keys, separated by dots, into attributes. What is not
// there is nil.
func Attribute(attributes map[string]any, path string) any {
	var value any = attributes
	for key := range strings.SplitSeq(path, ".") {
		below, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = below[key]
	}
	return value
}
