package scim

import (
	"slices"
	"sync"
)

// sightings are the entries of a list that changes while it is read, by the
// total that was told with them.
type sightings[T any] struct {
	id func(T) string

	mu      sync.Mutex
	byTotal map[int]map[string]T
}

// add notes entries that were told with a total. Those without an id are holes.
func (s *sightings[T]) add(total int, items []T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byTotal == nil {
		s.byTotal = map[int]map[string]T{}
	}
	if s.byTotal[total] == nil {
		s.byTotal[total] = map[string]T{}
	}
	for _, item := range items {
		if id := s.id(item); id != "" {
			s.byTotal[total][id] = item
		}
	}
}

// whole returns a list of which as many entries were seen as its total says,
// sorted by id, or nil. Of several it returns the longest.
func (s *sightings[T]) whole() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := 0
	for total, seen := range s.byTotal {
		if len(seen) == total {
			longest = max(longest, total)
		}
	}
	if longest == 0 {
		return nil
	}
	list := make([]T, 0, longest)
	for _, item := range s.byTotal[longest] {
		list = append(list, item)
	}
	slices.SortFunc(list, func(a, b T) int { return compareIDs(s.id(a), s.id(b)) })
	return list
}
