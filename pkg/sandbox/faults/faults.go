// Package faults is a switchboard: what can be wrong in the emulated products is
// switched on and off by name, while they run. Each emulator has a list of its
// own; a [Board] joins them.
package faults

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// The sides on which something can be wrong.
const (
	Sentry    = "sentry"    // what Sentry is set up as, and answers
	Authentik = "authentik" // what authentik is set up as, and answers
	Login     = "login"     // what authentik's responses to a login hold
)

// Fault is something that can be wrong.
type Fault struct {
	// ID is the name: words of lower-case letters, joined by dashes.
	ID string `json:"id"`
	// Side is where it is wrong: sentry, authentik or login.
	Side string `json:"side"`
	// Title is the fault in a few words, Effect one or two sentences on its cause
	// or what it does.
	Title  string `json:"title"`
	Effect string `json:"effect"`
}

// UnknownError says that no fault has this name.
type UnknownError struct{ Name string }

// Error names it.
func (u *UnknownError) Error() string { return fmt.Sprintf("unknown fault %q", u.Name) }

// Board says which of its faults are on. It is safe for concurrent use; on a nil
// Board every fault is off.
type Board struct {
	all []Fault

	setting  sync.Mutex // held while faults are switched
	handlers []func(id string, on bool) error

	mu sync.RWMutex
	on []string // in the order in which they were switched on
}

// New joins lists of faults. A name that comes twice is an error.
func New(lists ...[]Fault) (*Board, error) {
	b := &Board{all: slices.Concat(lists...)}
	seen := map[string]bool{}
	for _, f := range b.all {
		if seen[f.ID] {
			return nil, fmt.Errorf("faults: expected names of their own but found %q twice", f.ID)
		}
		seen[f.ID] = true
	}
	return b, nil
}

// All are the faults, in the order of the lists.
func (b *Board) All() []Fault {
	if b == nil {
		return nil
	}
	return slices.Clone(b.all)
}

// IsOn tells whether the fault of this name is on.
func (b *Board) IsOn(id string) bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Contains(b.on, id)
}

// Handle has handle called for each fault that is switched, before it counts as
// on or off. handle ignores names that it does not know. An error keeps the
// fault off. It must be called before the first Set.
func (b *Board) Handle(handle func(id string, on bool) error) {
	if b == nil {
		return
	}
	b.setting.Lock()
	defer b.setting.Unlock()
	b.handlers = append(b.handlers, handle)
}

// Set switches on the faults of these names, and all others off, the latest
// first. A name that is not known is an *[UnknownError], and changes nothing. Other
// errors say which faults could not be switched on.
func (b *Board) Set(ids []string) error {
	b.setting.Lock()
	defer b.setting.Unlock()
	for _, id := range ids {
		if !slices.ContainsFunc(b.all, func(f Fault) bool { return f.ID == id }) {
			return &UnknownError{id}
		}
	}
	var problems []error
	for _, id := range slices.Backward(b.present()) {
		if !slices.Contains(ids, id) {
			problems = append(problems, b.turn(id, false))
		}
	}
	for _, id := range ids {
		if !b.IsOn(id) {
			problems = append(problems, b.turn(id, true))
		}
	}
	return errors.Join(problems...)
}

func (b *Board) present() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.on)
}

func (b *Board) turn(id string, on bool) error {
	for _, handle := range b.handlers {
		if err := handle(id, on); err != nil {
			return fmt.Errorf("the fault %s cannot be switched: %w", id, err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on = slices.DeleteFunc(b.on, func(other string) bool { return other == id })
	if on {
		b.on = append(b.on, id)
	}
	return nil
}
