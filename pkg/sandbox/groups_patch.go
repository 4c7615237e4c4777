package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// patchGroup is PATCH /Groups/{id}: all operations or none, but for one case.
func (s *Sentry) patchGroup(c *call) (reply, error) {
	operations, err := s.teamOperations(c)
	if err != nil {
		return reply{}, err
	}
	d := newDraft(s.store, c.team)
	for _, operation := range operations {
		if err = s.applyOperation(d, operation); err != nil {
			break
		}
	}
	switch {
	case errors.Is(err, errReplaceAttribute):
		// Sentry returns this answer from inside the transaction, which keeps
		// what was done before.
		d.commit()
		return reply{}, s.dialect.scim(http.StatusBadRequest, "Invalid Replace attr. Only displayName and members supported.")
	case errors.Is(err, errNoMember):
		return reply{}, s.dialect.scim(http.StatusNotFound, "User not found.")
	case err != nil:
		return reply{}, err
	}
	d.commit()
	return done()
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

var bracketed = regexp.MustCompile(`\[(.*?)\]`)

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
	match := bracketed.FindStringSubmatch(path)
	if match == nil {
		return s.dialect.invalidFilter()
	}
	member, err := s.dialect.parseFilter(match[1])
	if err != nil {
		return err
	}
	return d.remove(member)
}

// draft is a team in the course of a PATCH.
type draft struct {
	store   *store
	team    *team
	name    string
	slug    string
	members []int64
	on      map[int64]bool
}

func newDraft(st *store, t *team) *draft {
	d := &draft{store: st, team: t, name: t.name, slug: t.slug, on: make(map[int64]bool, len(t.members))}
	for _, n := range t.members {
		if _, ok := st.members[n]; ok {
			d.members = append(d.members, n)
			d.on[n] = true
		}
	}
	return d
}

func (d *draft) commit() {
	t := d.team
	t.name, t.members, t.idpProvisioned = d.name, d.members, true
	if d.slug != t.slug {
		d.store.reslug(t, d.slug)
	}
}

// add puts the members that a list of {"value": id} names on the team.
func (d *draft) add(value any) error {
	items, ok := pyItems(value)
	if !ok {
		return errInternal
	}
	for _, item := range items {
		n, err := d.memberIn(item)
		if err != nil {
			return err
		}
		if !d.on[n] {
			d.on[n] = true
			d.members = append(d.members, n)
		}
	}
	return nil
}

// replace makes the list the whole of the team; who is on it already stays.
func (d *draft) replace(value any) error {
	items, ok := pyItems(value)
	if !ok {
		return errInternal
	}
	wanted := make(map[int64]bool, len(items))
	for _, item := range items {
		object, _ := item.(map[string]any)
		n, ok := pyID(object["value"])
		if !ok {
			return errInternal
		}
		wanted[n] = true
	}
	d.members = slices.DeleteFunc(d.members, func(n int64) bool { return !wanted[n] })
	for n := range d.on {
		if !wanted[n] {
			delete(d.on, n)
		}
	}
	return d.add(value)
}

func (d *draft) remove(value any) error {
	n, err := d.find(value)
	if err != nil || !d.on[n] {
		return err
	}
	delete(d.on, n)
	d.members = slices.DeleteFunc(d.members, func(other int64) bool { return other == n })
	return nil
}

func (d *draft) memberIn(item any) (int64, error) {
	object, _ := item.(map[string]any)
	value, found := object["value"]
	if !found {
		return 0, errInternal
	}
	return d.find(value)
}

// find is the id of an existing member.
func (d *draft) find(value any) (int64, error) {
	n, ok := pyID(value)
	if value != nil && !ok {
		return 0, errInternal
	}
	if _, ok := d.store.members[n]; !ok {
		return 0, errNoMember
	}
	return n, nil
}

// rename sets name and slug.
func (d *draft) rename(value any) error {
	slug := slugify(pyStr(value))
	var problems fields
	slugErrors := slugProblems(slug)
	if other, taken := d.store.bySlug[slug]; taken && other != d.team && len(slugErrors) == 0 {
		slugErrors = []string{fmt.Sprintf("The slug %q is already in use.", slug)}
	}
	problems.add("slug", slugErrors)
	name, nameErrors := nameProblems(value, false)
	problems.add("name", nameErrors)
	if len(problems) > 0 {
		return refuse(http.StatusBadRequest, problems)
	}
	d.name, d.slug = name, slug
	return nil
}
