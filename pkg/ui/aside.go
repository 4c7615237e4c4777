package ui

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// Aside returns the terminal of a run inside this run: it asks nobody, shows no
// progress, has no result of its own, and what it says carries name. Several may
// speak at once. The caller ends it with flush, which says what has no line end.
func (t *Terminal) Aside(name string) (aside *Terminal, flush func()) {
	lines := &prefixed{to: t, prefix: Printable(name) + ": "}
	annotations := t.Annotations
	if annotations != "" {
		annotations += ": " + Printable(name)
	}
	return &Terminal{
		Annotations: annotations, outer: t,
		In: strings.NewReader(""), Out: io.Discard, Err: lines, Colour: ColourNever, Quiet: t.Quiet, NoInput: true, env: t.env, width: t.width,
	}, lines.flush
}

// prefixed writes whole lines to standard error, each behind a prefix.
type prefixed struct {
	to     *Terminal
	prefix string

	mu   sync.Mutex
	rest bytes.Buffer
}

// Write keeps the last line until its end has come.
func (p *prefixed) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest.Write(data)
	for {
		end := bytes.IndexByte(p.rest.Bytes(), '\n')
		if end < 0 {
			return len(data), nil
		}
		p.tell(string(p.rest.Next(end + 1)))
	}
}

func (p *prefixed) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rest.Len() > 0 {
		p.tell(p.rest.String() + "\n")
		p.rest.Reset()
	}
}

func (p *prefixed) tell(line string) {
	line = p.prefix + line
	if p.to.Annotations != "" {
		line = Harmless(line)
	}
	p.to.printf("%s", line)
}
