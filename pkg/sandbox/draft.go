package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// draft is a team in the course of a PATCH.
type draft struct {
	store   *store
	team    *team
	name    string
	slug    string
	members []int64
	on      map[int64]bool
	roles   map[int64]string

	replaceAll bool // as dialect says
	changes    int  // members added and removed so far
	journal    []change
	renamed    bool
}

// change is a member who joined or left the team.
type change struct {
	member int64
	joined bool
}

func (s *Sentry) newDraft(t *team) *draft {
	st := s.store
	d := &draft{
		store: st, team: t, name: t.name, slug: t.slug, on: make(map[int64]bool, len(t.members)), roles: maps.Clone(t.roles),
		replaceAll: s.dialect.replaceAll,
	}
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
	t.name, t.members, t.roles, t.idpProvisioned = d.name, d.members, d.roles, true
	if d.slug != t.slug {
		d.store.reslug(t, d.slug)
	}
}

// takes is how long the changes take, a member after the other.
func (d *draft) takes(each time.Duration) time.Duration { return time.Duration(d.changes) * each }

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
			d.changes++
			d.journal = append(d.journal, change{n, true})
			d.on[n] = true
			d.members = append(d.members, n)
		}
	}
	return nil
}

// replace makes the list the whole of the team. Who is on it already stays,
// unless the release removes and adds everybody, who come back without a role.
func (d *draft) replace(value any) error {
	items, ok := pyItems(value)
	if !ok {
		return errInternal
	}
	if d.replaceAll {
		d.keep(nil)
		return d.add(value)
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
	d.keep(wanted)
	return d.add(value)
}

// keep removes all members but those wanted.
func (d *draft) keep(wanted map[int64]bool) {
	before := len(d.members)
	for _, n := range d.members {
		if !wanted[n] {
			d.journal = append(d.journal, change{n, false})
		}
	}
	d.members = slices.DeleteFunc(d.members, func(n int64) bool { return !wanted[n] })
	maps.DeleteFunc(d.on, func(n int64, _ bool) bool { return !wanted[n] })
	maps.DeleteFunc(d.roles, func(n int64, _ string) bool { return !wanted[n] })
	d.changes += before - len(d.members)
}

func (d *draft) remove(value any) error {
	n, err := d.find(value)
	if err != nil || !d.on[n] {
		return err
	}
	d.changes++
	d.journal = append(d.journal, change{n, false})
	delete(d.on, n)
	delete(d.roles, n)
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
	d.name, d.slug, d.renamed = name, slug, true
	return nil
}
