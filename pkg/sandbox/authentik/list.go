package authentik

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The sizes of pages (authentik/api/pagination.py and its settings).
const (
	pageSize    = 20
	maxPageSize = 100
)

// list answers one page of what the query selects. The count is of all that the
// token may view, also where the list hides some of them (visible).
func (a *Authentik) list(c *call, k *kind) reply {
	asked := c.URL.Query()
	if refused := a.barred(k); refused != nil {
		return *refused
	}
	if problems := a.badFilter(k, asked); problems != nil {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	rows := a.selected(k, asked)
	size := positive(asked.Get("page_size"), pageSize)
	size = min(size, maxPageSize)
	pages := max(1, (len(rows)+size-1)/size)
	page := positive(asked.Get("page"), 1)
	if page > pages || asked.Get("page") == "0" {
		return detail(http.StatusNotFound, "Invalid page.")
	}
	first, last := (page-1)*size, min(page*size, len(rows))
	results := make([]Object, 0, last-first)
	for _, o := range rows[first:last] {
		if k.visible == nil || k.visible(a, o, asked) {
			results = append(results, k.told(a, o, asked))
		}
	}
	next, previous := 0, page-1
	if page < pages {
		next = page + 1
	}
	return reply{status: http.StatusOK, body: Object{
		"pagination": Object{
			"next": next, "previous": previous, "count": len(rows), "current": page, "total_pages": pages,
			"start_index": min(first+1, len(rows)), "end_index": last,
		},
		"autocomplete": Object{}, "results": results,
	}}
}

func positive(text string, standard int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return standard
}

// badFilter refuses a value of managed that no object has
// (AllValuesMultipleFilter), and a member that is no user
// (ModelMultipleChoiceFilter).
func (a *Authentik) badFilter(k *kind, asked url.Values) Object {
	for name, among := range map[string]struct{ path, field string }{
		"managed":             {k.path, "managed"},
		"members_by_username": {pathUsers, "username"},
	} {
		if !slices.Contains(k.filters, name) {
			continue
		}
		for _, value := range asked[name] {
			if !slices.ContainsFunc(a.state.Objects[among.path], func(o Object) bool { return o[among.field] == value }) {
				return Object{name: []string{"Select a valid choice. " + value + " is not one of the available choices."}}
			}
		}
	}
	return nil
}

func (a *Authentik) selected(k *kind, asked url.Values) []Object {
	rows := a.viewable(k)
	search := strings.ToLower(asked.Get("search"))
	if search != "" || slices.ContainsFunc(k.filters, func(name string) bool { return asked.Has(name) }) {
		rows = slices.Collect(func(yield func(Object) bool) {
			for _, o := range rows {
				if k.matches(a, o, asked, search) && !yield(o) {
					return
				}
			}
		})
	}
	if by := cmp.Or(asked.Get("ordering"), k.order); by != "" {
		rows = ordered(rows, by)
	}
	return rows
}

func (k *kind) matches(a *Authentik, o Object, asked url.Values, search string) bool {
	for _, name := range k.filters {
		values := asked[name]
		switch {
		case len(values) == 0:
		case name == "members_by_username":
			if !slices.ContainsFunc(a.membersOf(fmt.Sprint(o[pk])), func(user int) bool {
				return slices.Contains(values, fmt.Sprint(a.find(pathUsers, user)["username"]))
			}) {
				return false
			}
		case !slices.Contains(values, fmt.Sprint(o[stored(name)])):
			return false
		}
	}
	if search == "" {
		return true
	}
	for _, name := range []string{"name", "slug", "username", "email", "uid", "message_id", "actor_name"} {
		if value, _ := o[name].(string); strings.Contains(strings.ToLower(value), search) {
			return true
		}
	}
	return false
}

// stored is the field that a filter looks at.
func stored(filter string) string {
	switch filter {
	case "rel_obj_content_type__app_label":
		return "rel_obj_app_label"
	case "rel_obj_content_type__model":
		return "rel_obj_model"
	}
	return strings.TrimSuffix(filter, "__id")
}

func ordered(rows []Object, by string) []Object {
	name, down := strings.CutPrefix(by, "-")
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(x, y Object) int {
		order := cmp.Compare(fmt.Sprint(x[name]), fmt.Sprint(y[name]))
		if n, ok := x[name].(int); ok {
			order = cmp.Compare(n, number(y[name]))
		}
		if down {
			return -order
		}
		return order
	})
	return sorted
}

// create makes an object of a request.
func (a *Authentik) create(c *call, k *kind) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	o := k.fresh()
	if problems := a.set(k, o, c.sent, true); problems != nil {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	if err := a.insert(k, o); err != nil {
		return detail(http.StatusBadRequest, err.Error())
	}
	if k.saved != nil {
		k.saved(a, o, true)
	}
	return reply{status: http.StatusCreated, body: k.told(a, o, nil)}
}

// change sets what a request sends and keeps the rest.
func (a *Authentik) change(c *call, k *kind, o Object) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	if k.path == pathBindings && c.sent["target"] == nil { // its validation asks None for what may be bound
		return crash()
	}
	if problems := a.set(k, o, c.sent, c.Method == http.MethodPut); problems != nil {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	a.forget()
	if k.saved != nil {
		k.saved(a, o, false)
	}
	return reply{status: http.StatusOK, body: k.told(a, o, nil)}
}

// set writes the fields of a request into o, or leaves o alone and says what is
// wrong. Fields that the release does not know are ignored, as any unknown.
func (a *Authentik) set(k *kind, o, sent Object, whole bool) Object {
	problems, clean, merged := Object{}, Object{}, maps.Clone(o)
	for _, f := range k.fields {
		value, given := sent[f.name]
		switch {
		case f.readOnly || !f.in(a.config.Release):
			continue
		case !given:
			if whole && f.required {
				problems[f.name] = []string{"This field is required."}
			}
			continue
		}
		kept, wrong := f.clean(a, value)
		if len(wrong) == 0 && f.unique && a.taken(k, o, f.name, kept) {
			wrong = []string{fmt.Sprintf("%s with this %s already exists.", k.name, f.name)}
		}
		if len(wrong) > 0 {
			problems[f.name] = wrong
			continue
		}
		clean[f.name], merged[f.name] = kept, kept
	}
	if len(problems) == 0 && k.check != nil {
		for name, wrong := range k.check(a, clean, merged) {
			problems[name] = wrong
		}
	}
	if len(problems) > 0 {
		return problems
	}
	maps.Copy(o, clean)
	return nil
}

// taken reports whether another object has the value. Providers share their
// names.
func (a *Authentik) taken(k *kind, o Object, name string, value any) bool {
	paths := []string{k.path}
	if k.path == pathSAML || k.path == pathSCIM {
		paths = []string{pathSAML, pathSCIM}
	}
	for _, path := range paths {
		for _, other := range a.state.Objects[path] {
			if other[name] == value && other[k.key()] != o[k.key()] {
				return true
			}
		}
	}
	return false
}
