package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const maxOperations = 100

// patchProblems validates the frame of a PATCH body as the two serializers of
// core/endpoints/scim do, and hands each operation to read.
func patchProblems(body any, schemasRequired bool, read func(object map[string]any) fields) fields {
	if body == nil {
		return fields{{"non_field_errors", []string{"No data provided"}}}
	}
	object, ok := body.(map[string]any)
	if !ok {
		return fields{{"non_field_errors", []string{notAnObject(body)}}}
	}
	var problems fields
	listProblems(&problems, object, "schemas", schemasRequired, func(item any) any {
		if _, problems := charField(item); len(problems) > 0 {
			return problems
		}
		return nil
	})
	listProblems(&problems, object, "Operations", true, func(item any) any {
		operation, ok := item.(map[string]any)
		switch {
		case item == nil:
			return []string{msgNull}
		case !ok:
			return fields{{"non_field_errors", []string{notAnObject(item)}}}
		}
		if problems := read(operation); len(problems) > 0 {
			return problems
		}
		return nil
	})
	return problems
}

// listProblems is Django REST framework's ListField; check returns what is
// wrong with an item or nil.
func listProblems(problems *fields, object map[string]any, key string, required bool, check func(item any) any) {
	value, ok := object[key]
	items, isList := value.([]any)
	switch {
	case !ok && !required:
	case !ok:
		problems.add(key, []string{msgRequired})
	case value == nil:
		problems.add(key, []string{msgNull})
	case !isList:
		problems.add(key, []string{fmt.Sprintf("Expected a list of items but got type %q.", pyType(value))})
	}
	var wrong fields
	for i, item := range items {
		if found := check(item); found != nil {
			wrong = append(wrong, field{strconv.Itoa(i), found})
		}
	}
	problems.nest(key, wrong)
}

func notAnObject(value any) string {
	return fmt.Sprintf("Invalid data. Expected a dictionary, but got %s.", pyType(value))
}

func opProblems(object map[string]any, choices ...string) []string {
	op, problems := requiredChar(object, "op")
	op = strings.ToLower(op)
	if len(problems) == 0 && !slices.Contains(choices, op) {
		return []string{`"` + op + `" is not a valid choice`}
	}
	return problems
}

// optionalChar is charField for a key that may be absent.
func optionalChar(object map[string]any, key string) (string, []string) {
	value, ok := object[key]
	if !ok {
		return "", nil
	}
	return charField(value)
}
