package authentik

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

const (
	maxRounds  = 3         // how often a list that changes is read
	maxEntries = 2_000_000 // more is no list of an organization
	maxPages   = 20_000    // more would be pages too small to end
)

// errUnsteady says that what was read does not fit together. The list is then
// read again.
var errUnsteady = errors.New("the list changed while it was read")

// pagination is authentik's account of a list (authentik/api/pagination.py). Next
// is the number of the next page, zero for none.
type pagination struct {
	Next  int `json:"next"`
	Count int `json:"count"`
	Pages int `json:"total_pages"`
}

type page[T any] struct {
	Pagination *pagination `json:"pagination"`
	Results    []T         `json:"results"`
}

// listing reads a list to its end: the first page tells how many there are, the
// others are read at once.
type listing[T keyed] struct {
	resource Resource[T]
	query    url.Values
}

func (l listing[T]) read(ctx context.Context) ([]T, error) {
	var problem error
	for range maxRounds {
		items, err := l.round(ctx)
		if !errors.Is(err, errUnsteady) {
			return items, err
		}
		problem = err
	}
	return nil, fault.Hint(fault.New(fault.Failed, "GET %s: %w, %d times", l.resource.path, problem, maxRounds),
		"somebody else may be changing authentik; run again when that is done")
}

// round reads the list once.
func (l listing[T]) round(ctx context.Context) ([]T, error) {
	first, err := l.fetch(ctx, 1)
	if err != nil {
		return nil, err
	}
	pages := make([][]T, first.Pagination.Pages)
	if len(pages) == 0 {
		pages = make([][]T, 1) // an empty list may have no page
	}
	pages[0] = first.Results
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(l.resource.client.readers)
	for i := 1; i < len(pages); i++ {
		group.Go(func() error {
			p, err := l.fetch(ctx, i+1)
			if err == nil {
				err = follows(p.Pagination, first.Pagination, i+1)
			}
			pages[i] = p.Results
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return l.join(pages, first.Pagination.Count)
}

// follows reports whether page number n tells the same of the list as the first.
func follows(p, first *pagination, n int) error {
	next := n + 1
	if n == first.Pages {
		next = 0
	}
	switch {
	case p.Count != first.Count:
		return fmt.Errorf("%w: %d entries became %d", errUnsteady, first.Count, p.Count)
	case p.Next != next:
		return fmt.Errorf("%w: after page %d of %d comes page %d", errUnsteady, n, first.Pages, p.Next)
	}
	return nil
}

// join puts the pages together. What is missing or came twice moved across a page
// boundary.
func (l listing[T]) join(pages [][]T, count int) ([]T, error) {
	items := make([]T, 0, count)
	seen := make(map[string]struct{}, count)
	for _, results := range pages {
		for _, item := range results {
			key := item.Key()
			if _, twice := seen[key]; twice {
				return nil, fmt.Errorf("%w: the entry %s came twice", errUnsteady, answer.Printable(key))
			}
			seen[key] = struct{}{}
			items = append(items, item)
		}
	}
	if len(items) != count && !l.resource.hidden {
		return nil, fmt.Errorf("%w: %d entries came where there are %d", errUnsteady, len(items), count)
	}
	return items, nil
}

// fetch reads page number n.
func (l listing[T]) fetch(ctx context.Context, n int) (page[T], error) {
	r, c := l.resource, l.resource.client
	query := url.Values{"page": {strconv.Itoa(n)}, "page_size": {strconv.Itoa(c.pageSize)}}
	maps.Copy(query, l.query)
	var got page[T]
	if err := c.call(ctx, request{method: http.MethodGet, path: r.path, query: query, need: r.permission("view")}, &got); err != nil {
		return page[T]{}, err
	}
	if problem := got.problem(n); problem != "" {
		where := place{method: http.MethodGet, path: c.base.JoinPath(r.path).EscapedPath(), base: c.URL()}
		return page[T]{}, where.unreadable(http.StatusOK, problem)
	}
	return got, nil
}

// Page is one page of a list. What is on it may have been on an earlier page: a list
// that changes moves.
type Page[T any] struct {
	Items []T
	Count int  // of the whole list
	Last  bool // no page follows
}

// Page reads page number n, from 1, of the list that the query selects, which may
// also say its page_size. Unlike List it does not mind a list that changes.
func (r Resource[T]) Page(ctx context.Context, query url.Values, n int) (Page[T], error) {
	got, err := listing[T]{resource: r, query: query}.fetch(ctx, n)
	if err != nil {
		return Page[T]{}, err
	}
	return Page[T]{Items: got.Results, Count: got.Pagination.Count, Last: got.Pagination.Next == 0}, nil
}

// problem says why page number n is none.
func (p page[T]) problem(n int) string {
	switch {
	case p.Pagination == nil || p.Results == nil:
		return "no list: pagination or results is missing"
	case p.Pagination.Count < 0 || p.Pagination.Count > maxEntries:
		return fmt.Sprintf("a list of %d entries, at most %d are read", p.Pagination.Count, maxEntries)
	case p.Pagination.Pages < 0 || p.Pagination.Pages > maxPages:
		return fmt.Sprintf("a list of %d pages, at most %d are read", p.Pagination.Pages, maxPages)
	case n == 1 && p.Pagination.Pages <= 1 && p.Pagination.Next != 0:
		return fmt.Sprintf("a list of %d pages whose first is followed by page %d", p.Pagination.Pages, p.Pagination.Next)
	}
	return ""
}
