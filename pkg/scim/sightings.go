package scim

import (
	"maps"
	"slices"
	"sync"
)

// sightings are the entries of a list that changes while it is read, by the
// total that was told with them.
type sightings[T any] struct {
	id func(T) string

	mu      sync.Mutex
	byTotal map[int]*sighting[T]
}

// sighting is what was seen of a list of one total.
type sighting[T any] struct {
	seen   map[string]T // since the list was pieced together, by id
	before map[string]T // the list that was pieced together then; may be nil
}

// add notes entries that were told with a total. Those without an id are holes.
func (s *sightings[T]) add(total int, items []T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byTotal == nil {
		s.byTotal = map[int]*sighting[T]{}
	}
	if s.byTotal[total] == nil {
		s.byTotal[total] = &sighting[T]{seen: map[string]T{}}
	}
	for _, item := range items {
		if id := s.id(item); id != "" {
			s.byTotal[total].seen[id] = item
		}
	}
}

// whole returns a list of which as many entries were seen as its total says,
// twice one after the other and both times the same ones, sorted by id, or nil.
// Once would not do: where one entry goes and another comes between two readings,
// the total is the same, both may have been seen, and a third entry not. Of
// several lists it returns the longest.
func (s *sightings[T]) whole() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, total := range slices.Backward(slices.Sorted(maps.Keys(s.byTotal))) {
		if list := s.byTotal[total].agreed(total); list != nil {
			return slices.SortedFunc(maps.Values(list), func(a, b T) int { return compareIDs(s.id(a), s.id(b)) })
		}
	}
	return nil
}

// agreed returns the list if it is whole for the second time, and begins anew
// otherwise where it is whole or more.
func (s *sighting[T]) agreed(total int) map[string]T {
	if total == 0 || len(s.seen) < total {
		return nil
	}
	list, before := s.seen, s.before
	s.seen, s.before = map[string]T{}, list
	same := func(T, T) bool { return true }
	if len(list) > total || !maps.EqualFunc(list, before, same) {
		return nil
	}
	return list
}
