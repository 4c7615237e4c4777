package sandbox

import "sync"

// Request is one line of the journal: what was asked and what was answered.
type Request struct {
	// N counts all requests from 1.
	N int `json:"n"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// Path is the address with its query, cut after 2048 bytes.
	Path string `json:"path"`
	// Status is that of the answer; 0 where none was sent.
	Status int `json:"status"`
	// Took is how many microseconds the answer took, before it was sent.
	Took int64 `json:"took_us"`
}

const (
	maxJournal     = 10_000
	maxJournalPath = 2048 // bytes kept of an address
)

// journal keeps the latest requests in the order they were answered.
type journal struct {
	mu   sync.Mutex
	ring []Request
	next int // where the oldest stands once the ring is full
}

func (j *journal) add(r Request) {
	r.Path = r.Path[:min(len(r.Path), maxJournalPath)]
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ring) < maxJournal {
		j.ring = append(j.ring, r)
		return
	}
	j.ring[j.next] = r
	j.next = (j.next + 1) % maxJournal
}

func (j *journal) list() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := append([]Request{}, j.ring[j.next:]...)
	return append(oldest, j.ring[:j.next]...)
}
