package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

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
	return s.removeMember(c)
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
