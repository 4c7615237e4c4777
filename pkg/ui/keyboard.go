package ui

import (
	"io"
	"os"
	"sync"
)

// keyboard reads a terminal for one form after the other. A form that ends leaves a
// read behind that cannot be cut short: what that gets goes to whoever reads next,
// so that no key is lost.
type keyboard struct {
	from *os.File

	mu      sync.Mutex
	pending chan typed // of the read under way; nil: there is none
	rest    []byte     // that was read and not taken yet
}

// typed is what a read got.
type typed struct {
	keys []byte
	err  error
}

// Read reads lines. A key that came while a form had the terminal to itself means
// what it means in a line.
func (k *keyboard) Read(into []byte) (int, error) {
	n, err := k.read(into, nil)
	for i, c := range into[:n] {
		switch c {
		case '\r':
			into[i] = '\n'
		case interrupt:
			into[i] = escape
		}
	}
	return n, err
}

// interrupt is what Ctrl-C gives where it is no signal.
const interrupt = '\x03'

// read gives up with io.EOF once done is closed.
func (k *keyboard) read(into []byte, done <-chan struct{}) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.rest) == 0 {
		if k.pending == nil {
			k.pending = make(chan typed, 1)
			go k.wait(k.pending, len(into))
		}
		select {
		case <-done:
			return 0, io.EOF
		case got := <-k.pending:
			k.pending = nil
			if got.err != nil {
				return 0, got.err
			}
			k.rest = got.keys
		}
	}
	n := copy(into, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

func (k *keyboard) wait(pending chan<- typed, size int) {
	keys := make([]byte, size)
	n, err := k.from.Read(keys)
	pending <- typed{keys[:n], err}
}

// session is the keyboard for one form. It says which terminal it is, and has no
// name, by which it would be read around the keyboard.
type session struct {
	*keyboard

	done chan struct{}
}

// Read reads until the session ends.
func (s session) Read(into []byte) (int, error) { return s.read(into, s.done) }

// Write writes to the terminal.
func (s session) Write(p []byte) (int, error) { return s.from.Write(p) }

// Close does nothing: the terminal stays.
func (s session) Close() error { return nil }

// Fd is the terminal.
func (s session) Fd() uintptr { return s.from.Fd() }

// input is what answers are read from.
func (t *Terminal) input() io.Reader {
	if t.keys != nil {
		return t.keys
	}
	return t.In
}
