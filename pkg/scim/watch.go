package scim

import "sync"

// Watched returns the client with somebody who looks on while it reads lists:
// watch is told after each page how many entries of the list, "members" or
// "teams", are read, and how many there are. It is called from several
// goroutines, one at a time. A list that changes is read again from 0.
func (c *Client) Watched(watch func(list string, read, total int)) *Client {
	watched := *c
	watched.watch = watch
	return &watched
}

// counter returns a function that adds what a page gave to what was read in a
// round, and tells it.
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
