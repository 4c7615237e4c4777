package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const maxOperations = 100

// userOperation is one validated operation on a user.
type userOperation struct {
	path  string
	value any // a bool or an object
}

// patchUser is PATCH /Users/{id}. It can only set active to false, which
// deletes the membership, and only its first operation counts.
func (s *Sentry) patchUser(c *call) (reply, error) {
	operations, err := s.userOperations(c)
	if err != nil {
		return reply{}, err
	}
	if c.member.flags[flagPartnership] {
		return reply{}, plain(http.StatusForbidden, msgPartnership)
	}
	if len(operations) == 0 {
		return ok(s.user(c.member))
	}
	if !operations[0].deactivates() {
		return reply{}, s.dialect.scim(http.StatusBadRequest, "Invalid Patch Operation.")
	}
	return s.removeMember(c.member)
}

func (o userOperation) deactivates() bool {
	if object, ok := o.value.(map[string]any); ok {
		return isFalse(object["active"])
	}
	return o.path == "active" && isFalse(o.value)
}

// isFalse takes a text as well: some identity providers send booleans so.
func isFalse(value any) bool {
	text, ok := value.(string)
	return value == false || (ok && strings.EqualFold(text, "false"))
}

func (s *Sentry) userOperations(c *call) ([]userOperation, error) {
	if c.bodyErr != nil {
		return nil, c.bodyErr
	}
	var operations []userOperation
	problems := patchProblems(c.body, false, func(object map[string]any) fields {
		operation, problems := readUserOperation(object)
		operations = append(operations, operation)
		return problems
	})
	if len(problems) == 0 && len(operations) > maxOperations {
		problems.add("Operations", []string{fmt.Sprintf("Ensure this field has no more than %d elements.", maxOperations)})
	}
	if len(problems) > 0 {
		return nil, s.dialect.invalid(problems)
	}
	return operations, nil
}

func readUserOperation(object map[string]any) (userOperation, fields) {
	var problems fields
	problems.add("op", opProblems(object, "replace"))
	operation := userOperation{}
	value, ok := object["value"]
	text, isText := value.(string)
	lower := strings.ToLower(text)
	switch {
	case !ok:
		problems.add("value", []string{msgRequired})
	case value == nil:
		problems.add("value", []string{msgNull})
	case isText && (lower == "true" || lower == "false"):
		operation.value = lower == "true"
	case slices.Contains([]string{"bool", "dict"}, pyType(value)):
		operation.value = value
	default:
		problems.add("value", []string{"value must be a boolean or object"})
	}
	var pathProblems []string
	operation.path, pathProblems = optionalChar(object, "path")
	problems.add("path", pathProblems)
	return operation, problems
}

// setRole is PUT /Users/{id}, which sets sentryOrgRole and nothing else.
func (s *Sentry) setRole(c *call) (reply, error) {
	m := c.member
	if m.role == roleOwner {
		m.flags[flagRoleRestricted], m.flags[flagProvisioned] = false, true
		return ok(s.user(m))
	}
	if m.flags[flagPartnership] {
		return reply{}, plain(http.StatusForbidden, msgPartnership)
	}
	body, err := c.object()
	if err != nil {
		return reply{}, err
	}
	role, restricted := s.org.DefaultRole, false
	if asked := body["sentryOrgRole"]; pyTruthy(asked) {
		text, isText := asked.(string)
		if !isText {
			return reply{}, errInternal
		}
		role, restricted = strings.ToLower(text), true
		if m.flags[flagRoleRestricted] && m.role == role {
			return ok(s.user(m))
		}
	} else if m.role != s.org.DefaultRole && !m.flags[flagRoleRestricted] {
		return ok(s.user(m))
	}
	if !slices.Contains(s.org.roles(), role) {
		return reply{}, s.dialect.scim(http.StatusBadRequest, msgInvalidRole)
	}
	m.role = role
	m.flags[flagRoleRestricted], m.flags[flagProvisioned] = restricted, true
	return ok(s.user(m))
}

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
