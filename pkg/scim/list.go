package scim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

const (
	maxRounds  = 24        // how often a list that changes is read
	maxOdd     = 4         // how often a page that cannot be right is asked for
	maxEntries = 1_000_000 // more is no list of an organization
	maxPages   = 20_000    // more would be pages too small to end
)

// A list of many entries is asked for in large pages: Sentry gives as many as are asked
// for, although it calls 100 its maximum (utils/pagination_factory.py).
const (
	many      = 2_000 // entries
	largePage = 1_000 // entries
)

// errUnsteady says that what was read does not fit together. The list is then
// read again.
var errUnsteady = errors.New("the list changed while it was read")

// span is a part of a list: count entries from start, which counts from 1
// (RFC 7644 section 3.4.2.4). A filter is optional.
type span struct {
	start, count int
	filter       string
}

type page[T any] struct {
	total, start int
	items        []T
}

// wire is a resource as it is sent, W for the T that it means.
type wire[T any] interface {
	resource() (T, error)
}

// fetch reads one page.
func fetch[W wire[T], T any](ctx context.Context, c *Client, kind string, s span) (page[T], error) {
	query := url.Values{"startIndex": {strconv.Itoa(s.start)}, "count": {strconv.Itoa(s.count)}}
	if s.filter != "" {
		query.Set("filter", s.filter)
	}
	var got struct {
		Total     *int `json:"totalResults"`
		Start     int  `json:"startIndex"`
		Resources []W  `json:"Resources"`
	}
	r := request{method: http.MethodGet, path: []string{kind}, query: query}
	if _, err := c.call(ctx, r, &got); err != nil {
		return page[T]{}, err
	}
	where := c.place(r)
	if got.Total == nil || *got.Total < 0 || *got.Total > maxEntries {
		return page[T]{}, where.unreadable(http.StatusOK, "no SCIM list: totalResults is missing or out of range")
	}
	p := page[T]{total: *got.Total, start: got.Start, items: make([]T, 0, len(got.Resources))}
	for _, w := range got.Resources {
		item, err := w.resource()
		if err != nil {
			return page[T]{}, where.unreadable(http.StatusOK, err.Error())
		}
		p.items = append(p.items, item)
	}
	return p, nil
}

// listing reads a list to its end: the first page tells the total, the others
// are read at once. What was read must fit together, or it is read again.
type listing[T any] struct {
	name    string
	fetch   func(context.Context, span) (page[T], error)
	id      func(T) string
	size    int          // of pages, in entries
	large   *atomic.Bool // whether large pages are asked for where there is much; nil: never
	readers int
	seen    *sightings[T] // of a list that is read again
	watch   func(name string, read, total int)
}

// read returns the whole list, in the server's order. A list that was whole in
// no round is pieced together from the pages that told the same total, see
// [sightings]; it is then sorted by id.
func (l listing[T]) read(ctx context.Context) ([]T, error) {
	l.seen = &sightings[T]{id: l.id}
	var problem error
	for round := range maxRounds {
		items, err := l.round(ctx, round)
		if err == nil {
			return items, nil
		}
		if !errors.Is(err, errUnsteady) {
			return nil, err
		}
		problem = err
		l.seen.add(len(items), items)
		if whole := l.seen.whole(); whole != nil {
			return whole, nil
		}
	}
	return nil, fault.Hint(fault.New(fault.Failed, "read the %s: %w, %d times", l.name, problem, maxRounds),
		"somebody else may be changing the organization; run again when that is done")
}

// round reads the list once. With errUnsteady it returns what it has.
func (l listing[T]) round(ctx context.Context, number int) ([]T, error) {
	first, err := l.fetch(ctx, span{start: 1, count: l.size})
	if err != nil {
		return nil, err
	}
	items := make([]T, first.total)
	step := copy(items, first.items)
	if len(first.items) > first.total {
		return nil, fmt.Errorf("%w: %d entries came where %d exist", errUnsteady, len(first.items), first.total)
	}
	if step == 0 && first.total > 0 {
		return items, fmt.Errorf("%w: the first of %d entries are missing", errUnsteady, first.total)
	}
	if step*maxPages < first.total {
		return nil, fault.New(fault.Failed, "read the %s: %d entries come in pages of %d, which would take more than %d requests",
			l.name, first.total, step, maxPages)
	}
	count := l.counter(first.total)
	count(step)
	size, ask := step, min(step, l.size)
	if l.large != nil && l.large.Load() && step == l.size && first.total >= many {
		size, ask = largePage, largePage
	}
	if err := l.rest(ctx, items, parting{step, size, ask, number}, count); err != nil {
		return items, err
	}
	return items, l.check(items)
}

// counter returns a function that adds the entries of a page to those read in a
// round, and passes the sum to watch.
func (l listing[T]) counter(total int) func(entries int) {
	if l.watch == nil {
		return func(int) {}
	}
	var mu sync.Mutex
	read := 0
	return func(entries int) {
		mu.Lock()
		defer mu.Unlock()
		read += entries
		l.watch(l.name, read, total)
	}
}

// parting says how the rest of a list is read in a round.
type parting struct {
	first int // entries of the first page
	size  int // of each further part, in entries
	ask   int // entries to ask for at once
	round int
}

// rest reads what follows the first page into items. Each round takes the parts in
// another order: what disturbs every second request then disturbs other parts.
func (l listing[T]) rest(ctx context.Context, items []T, by parting, count func(int)) error {
	var parts []int
	for start := by.first; start > 0 && start < len(items); start += by.size {
		parts = append(parts, start)
	}
	if by.round > 0 {
		order := rand.New(rand.NewPCG(uint64(by.round), 0)) //nolint:gosec // an order of pages is no secret, and the same in each run
		order.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	var unsteady problems
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(l.readers)
	for _, start := range parts {
		part := items[start:min(start+by.size, len(items))]
		group.Go(func() error {
			err := l.part(ctx, part, start+1, by.ask, len(items), count)
			return unsteady.keep(err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return unsteady.first
}

// part fills part with the entries from start on, by as many requests as short
// pages make of it. A page that cannot be right is asked for again. A large one that
// fails was too much for the server: no further one is asked for.
func (l listing[T]) part(ctx context.Context, part []T, start, size, total int, count func(int)) error {
	odd := 0
	for len(part) > 0 {
		if size > l.size && !l.large.Load() {
			size = l.size
		}
		p, err := l.fetch(ctx, span{start: start, count: size})
		if err != nil && size > l.size && ctx.Err() == nil {
			l.large.Store(false)
			continue
		}
		if err != nil {
			return err
		}
		if p.total != total {
			l.seen.add(p.total, p.items)
			return fmt.Errorf("%w: %d entries became %d", errUnsteady, total, p.total)
		}
		if err := p.fits(start, len(part)); err != nil {
			if odd++; odd == maxOdd {
				return err
			}
			continue
		}
		n := copy(part, p.items)
		count(n)
		part, start = part[n:], start+n
		size = min(size, max(1, len(part)))
	}
	return nil
}

// fits reports what is wrong with a page that was to begin at start and to have
// at most room entries.
func (p page[T]) fits(start, room int) error {
	switch {
	case p.start != 0 && p.start != start:
		return fmt.Errorf("%w: startIndex %d was answered with %d", errUnsteady, start, p.start)
	case len(p.items) > room:
		return fmt.Errorf("%w: startIndex %d gave %d entries, the maximum is %d", errUnsteady, start, len(p.items), room)
	case len(p.items) == 0:
		return fmt.Errorf("%w: startIndex %d of %d gives nothing", errUnsteady, start, p.total)
	}
	return nil
}

// check finds entries that came twice: something moved across a page boundary,
// and something else may then be missing.
func (l listing[T]) check(items []T) error {
	ids := make(map[string]struct{}, len(items))
	for _, item := range items {
		id := l.id(item)
		if _, twice := ids[id]; twice {
			return fmt.Errorf("%w: the entry with id %s came twice", errUnsteady, id)
		}
		ids[id] = struct{}{}
	}
	return nil
}

// problems keeps the first errUnsteady of several readers and lets them go on:
// what they read may complete the list later.
type problems struct {
	mu    sync.Mutex
	first error
}

// keep returns err unless it kept it.
func (p *problems) keep(err error) error {
	if !errors.Is(err, errUnsteady) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		p.first = err
	}
	return nil
}
