package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// patchGroup is PATCH /Groups/{id}: all operations or none, but for one case.
func (s *Sentry) patchGroup(c *call) (reply, error) {
	operations, err := s.teamOperations(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.claim(c); err != nil {
		return reply{}, err
	}
	defer s.release(c.team)
	d, err := s.draft(c.team, operations)
	if wait := d.takes(s.config.MemberLatency); wait > 0 {
		// Others go on meanwhile, and see the team as it was. A client that gives up
		// is not noticed.
		s.mu.Unlock()
		time.Sleep(wait)
		s.mu.Lock()
		d, err = s.draft(c.team, operations)
	}
	switch {
	case errors.Is(err, errReplaceAttribute):
		// Sentry returns this answer from inside the transaction, which keeps
		// what was done before.
		d.commit()
		s.recordTeam(c, d)
		return reply{}, s.dialect.scim(http.StatusBadRequest, "Invalid Replace attr. Only displayName and members supported.")
	case errors.Is(err, errNoMember):
		return reply{}, s.dialect.scim(http.StatusNotFound, "User not found.")
	case err != nil:
		return reply{}, err
	}
	d.commit()
	s.recordTeam(c, d)
	return done()
}

// draft is the team after the operations, up to the first that fails.
func (s *Sentry) draft(t *team, operations []map[string]any) (*draft, error) {
	d := s.newDraft(t)
	for _, operation := range operations {
		if err := s.applyOperation(d, operation); err != nil {
			return d, err
		}
	}
	return d, nil
}

// claim waits for the transaction that has written the team's row, if there is
// one, and begins another. The team may be gone by then.
func (s *Sentry) claim(c *call) error {
	for c.team.claimed {
		s.settled.Wait()
	}
	if err := s.findTeam(c); err != nil {
		return err
	}
	c.team.claimed = true
	return nil
}

func (s *Sentry) release(t *team) {
	t.claimed = false
	s.settled.Broadcast()
}

var (
	errReplaceAttribute = errors.New("replace of another attribute")
	errNoMember         = errors.New("no such member")
)

// teamOperations validates the body. What follows uses the operations as they
// were sent, as Sentry does.
func (s *Sentry) teamOperations(c *call) ([]map[string]any, error) {
	if c.bodyErr != nil {
		return nil, c.bodyErr
	}
	var operations []map[string]any
	problems := patchProblems(c.body, true, func(object map[string]any) fields {
		operations = append(operations, object)
		var problems fields
		problems.add("op", opProblems(object, "add", "remove", "replace"))
		if value, found := object["value"]; found && value == nil {
			problems.add("value", []string{msgNull})
		}
		_, pathProblems := optionalChar(object, "path")
		problems.add("path", pathProblems)
		return problems
	})
	if len(problems) > 0 {
		return nil, s.dialect.invalid(problems)
	}
	if len(operations) > maxOperations {
		return nil, s.dialect.scim(http.StatusBadRequest, "Too many patch ops sent, limit is 100.")
	}
	return operations, nil
}

func (s *Sentry) applyOperation(d *draft, operation map[string]any) error {
	op, isText := operation["op"].(string)
	if !isText {
		return errInternal
	}
	path, hasPath := operation["path"]
	switch strings.ToLower(op) {
	case "add":
		switch {
		case !hasPath:
			return errInternal
		case path == "members":
			return d.add(operation["value"])
		}
	case "remove":
		text, isText := path.(string)
		switch {
		case !isText:
			return errInternal
		case strings.Contains(text, "members"):
			return s.applyRemove(d, operation, text)
		}
	case "replace":
		return s.applyReplace(d, operation)
	}
	return nil
}

func (s *Sentry) applyReplace(d *draft, operation map[string]any) error {
	path, hasPath := operation["path"]
	value, hasValue := operation["value"]
	switch {
	case path == "members":
		return d.replace(value)
	case !hasPath:
		object, _ := value.(map[string]any)
		name, found := object["displayName"]
		if !found {
			return errInternal
		}
		return d.rename(name)
	case path == "displayName":
		if !hasValue {
			return errInternal
		}
		return d.rename(value)
	default:
		return errReplaceAttribute
	}
}

var bracketed = lazily(`\[(.*?)\]`)

// applyRemove removes one member: the first of a value list, as Azure sends it,
// or the one that a filter in the path names.
func (s *Sentry) applyRemove(d *draft, operation map[string]any, path string) error {
	value, found := operation["value"]
	if found {
		items, _ := value.([]any)
		if len(items) == 0 {
			return errInternal
		}
		object, _ := items[0].(map[string]any)
		member, found := object["value"]
		if !found {
			return errInternal
		}
		return d.remove(member)
	}
	match := bracketed().FindStringSubmatch(path)
	if match == nil {
		return s.dialect.invalidFilter()
	}
	member, err := s.dialect.parseFilter(match[1])
	if err != nil {
		return err
	}
	return d.remove(member)
}
