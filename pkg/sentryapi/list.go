package sentryapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// listing is a list that Sentry gives page by page (api/paginator.py). The header
// Link leads from each page to the next.
type listing[P, T any] struct {
	client *Client
	name   string // of its entries, such as "members"
	path   []string
	query  url.Values
	need   string
	limit  int // entries that are wanted; 0: all

	entries func(P) []T    // of a page
	id      func(T) string // of an entry
}

// read reads the list to its end. An entry that comes twice, because something was
// added before it meanwhile, is kept once.
func (l listing[P, T]) read(ctx context.Context) ([]T, error) {
	var items []T
	var bytes int64
	ids, cursors := map[string]bool{}, map[string]bool{}
	cursor := ""
	for range l.client.maxPages {
		got, where, entries, err := l.page(ctx, cursor)
		if err != nil {
			return nil, err
		}
		if bytes += int64(len(got.body)); bytes > l.client.maxBytes {
			return nil, fault.New(fault.Failed, "GET %s: the list of %s has more than %d bytes", where.path, l.name, l.client.maxBytes)
		}
		for _, item := range entries {
			if id := l.id(item); id == "" || !ids[id] {
				ids[id] = true
				items = append(items, item)
			}
		}
		if l.limit > 0 && len(items) >= l.limit {
			return items[:l.limit], nil
		}
		if cursor, err = nextCursor(got.header, len(entries) >= PageSize); err != nil {
			return nil, where.unreadable(got.status, err.Error())
		}
		if cursor == "" {
			return items, nil
		}
		if cursors[cursor] {
			return nil, where.unreadable(got.status, fmt.Sprintf("a list that does not end: the cursor %s leads to itself", answer.Printable(cursor)))
		}
		cursors[cursor] = true
	}
	return nil, &TooManyError{List: l.name, Max: l.client.maxPages * PageSize}
}

// page reads the page at a cursor, which is a list, be it an empty one.
func (l listing[P, T]) page(ctx context.Context, cursor string) (result, place, []T, error) {
	r := l.request(cursor)
	where := l.client.place(r, nil)
	got, err := l.client.call(ctx, r)
	if err != nil {
		return got, where, nil, err
	}
	var page P
	if err := where.decode(got.status, got.body, &page); err != nil {
		return got, where, nil, err
	}
	entries := l.entries(page)
	if entries == nil {
		return got, where, nil, where.unreadable(got.status, "null instead of a list of "+l.name)
	}
	return got, where, entries, nil
}

// request asks for the page at a cursor, empty for the first.
func (l listing[P, T]) request(cursor string) request {
	size := PageSize
	if l.limit > 0 {
		size = min(l.limit, PageSize)
	}
	query := url.Values{"per_page": {strconv.Itoa(size)}}
	maps.Copy(query, l.query)
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	return request{method: http.MethodGet, path: l.path, query: query, need: l.need}
}

// link finds the next page in Sentry's Link header (api/base.py
// build_cursor_link), and whether it has anything.
var link = pattern.New(`<([^>]*)>; rel="next"; results="(true|false)"`)

// nextCursor is the cursor of the next page, empty after the last. Nothing else of its
// address is believed: the host is that of Sentry's system.url-prefix. Sentry tells of
// it with each page. A full one without a word of it is refused: the header was lost,
// and the rest of the list would be missing without a trace.
func nextCursor(h http.Header, full bool) (string, error) {
	found := link().FindStringSubmatch(strings.Join(h.Values("Link"), ", "))
	switch {
	case found == nil && full:
		return "", errors.New("a full page and no header Link that tells of the next one: has something in front of Sentry removed it?")
	case found == nil || found[2] == "false":
		return "", nil
	}
	to, err := url.Parse(found[1])
	if err != nil || to.Query().Get("cursor") == "" {
		return "", errors.New("a header Link whose next page has no cursor")
	}
	return to.Query().Get("cursor"), nil
}

// same is the entries of a page that is a plain list.
func same[T any](page []T) []T { return page }
