package sandbox

import (
	"strconv"
	"strings"
)

// parseFilterParameter reads the parameter filter of a list.
func (d dialect) parseFilterParameter(raw string) (string, error) {
	text, ok := trimmedOrNone(raw)
	if !ok {
		return "", d.invalidFilter()
	}
	value, err := d.parseFilter(text)
	if err != nil {
		return "", err
	}
	if value == "0" && strings.HasPrefix(text, "value") {
		return "", nil // the number 0 is as good as no filter
	}
	return value, nil
}

// parseFilter is core/endpoints/scim/utils.py parse_filter_conditions: one
// condition `key eq "value"`, whose key is checked and then forgotten, and whose
// value loses its first and last character, whatever they are.
func (d dialect) parseFilter(text string) (string, error) {
	key, value, found := strings.Cut(text, " eq ")
	if !found || key == "" || value == "" || strings.Contains(text, ",") || strings.Contains(value, " eq ") {
		return "", d.invalidFilter()
	}
	value = inner(strings.TrimSpace(value))
	switch strings.TrimSpace(key) {
	case "userName", "displayName":
		return value, nil
	case "value":
		n, ok := pyInt(value)
		if !ok {
			return "", errInternal
		}
		return strconv.FormatInt(n, 10), nil
	default:
		return "", d.invalidFilter()
	}
}

// inner is text without its first and last character.
func inner(text string) string {
	runes := []rune(text)
	if len(runes) < 2 {
		return ""
	}
	return string(runes[1 : len(runes)-1])
}
