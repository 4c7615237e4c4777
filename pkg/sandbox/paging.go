package sandbox

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// query are the parameters of a list, after core/endpoints/scim/utils.py
// SCIMQueryParamSerializer.
type query struct {
	start          int64
	count          int64
	filter         string // empty: everything
	excludeMembers bool
}

const defaultCount = 100

func (d dialect) parseQuery(values url.Values) (query, error) {
	q := query{start: 1, count: defaultCount}
	var problems fields
	q.readNumber(&problems, values, "startIndex", &q.start, 1)
	q.readNumber(&problems, values, "count", &q.count, 0)
	if raw, ok := last(values, "filter"); ok && raw != "" {
		var err error
		if q.filter, err = d.parseFilterParameter(raw); err != nil {
			return query{}, err
		}
	}
	excluded, wrong := charFields(values["excludedAttributes"])
	problems.nest("excludedAttributes", wrong)
	if len(problems) > 0 {
		return query{}, refuse(http.StatusBadRequest, problems)
	}
	// One value with a comma is one name, which excludes nothing.
	q.excludeMembers = slices.Contains(excluded, "members")
	return q, nil
}

// trailingZeros is what Django REST framework drops from a whole number.
var trailingZeros = lazily(`\.0*\s*$`)

func (query) readNumber(problems *fields, values url.Values, name string, target *int64, least int64) {
	raw, ok := last(values, name)
	if !ok || raw == "" {
		return
	}
	n, ok := pyInt(trailingZeros().ReplaceAllString(raw, ""))
	switch {
	case len(raw) > 1000:
		problems.add(name, []string{"String value too large."})
	case !ok:
		problems.add(name, []string{"A valid integer is required."})
	case n < least:
		problems.add(name, []string{fmt.Sprintf("Ensure this value is greater than or equal to %d.", least)})
	default:
		*target = n
	}
}

// page is the part of a list that is asked for: its first row, counted from 0,
// and how many rows. The quirks are those of api/base.py get_per_page and
// utils/pagination_factory.py: no count above 100 is capped, 0 means 100, and
// per_page goes before count.
func (q query) page(values url.Values) (offset, limit int64, err error) {
	limit = q.count
	if limit == 0 {
		limit = defaultCount
	}
	most := max(defaultCount, limit)
	if raw, ok := last(values, "per_page"); ok {
		n, ok := pyInt(raw)
		if !ok {
			return 0, 0, plain(http.StatusBadRequest, "Invalid per_page parameter.")
		}
		if n < 1 || n > most {
			return 0, 0, plain(http.StatusBadRequest, fmt.Sprintf("Invalid per_page value. Must be between 1 and %d.", most))
		}
		limit = n
	}
	if raw, ok := last(values, "startIndex"); ok && raw != "" {
		if _, ok := pyInt(raw); !ok {
			return 0, 0, plain(http.StatusBadRequest, "Invalid cursor parameter.")
		}
	}
	if q.start == math.MaxInt64 || limit == math.MaxInt64 {
		return 0, 0, errInternal // beyond a bigint of the database
	}
	return q.start - 1, limit, nil
}

// last is the value that Django takes of a parameter that is given twice.
func last(values url.Values, name string) (string, bool) {
	all := values[name]
	if len(all) == 0 {
		return "", false
	}
	return all[len(all)-1], true
}

// list is core/endpoints/scim/utils.py list_api_format.
type list[T any] struct {
	Schemas      []string `json:"schemas"`
	TotalResults int      `json:"totalResults"`
	StartIndex   int64    `json:"startIndex"`
	ItemsPerPage int      `json:"itemsPerPage"`
	Resources    []T      `json:"Resources"`
}

func listOf[T any](resources []T, total int, start int64) reply {
	return reply{status: http.StatusOK, body: list[T]{
		Schemas: []string{urnList}, TotalResults: total, StartIndex: start,
		ItemsPerPage: len(resources), Resources: resources,
	}}
}

// window cuts offset and limit out of rows.
func window[T any](rows []T, offset, limit int64) []T {
	size := int64(len(rows))
	from := min(offset, size)
	return rows[from : from+min(limit, size-from)]
}

// trimmedOrNone is the value of a parameter after Django's trimming.
func trimmedOrNone(raw string) (string, bool) {
	text := strings.TrimSpace(raw)
	return text, text != "" && !strings.ContainsRune(text, 0)
}
