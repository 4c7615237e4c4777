package ui_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// prompted presses keys as soon as a text is shown for the first time.
type prompted struct {
	mu    sync.Mutex
	keys  io.Writer
	shown string
	waits map[string]string // keys by text
}

func (p *prompted) Write(shown []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown += string(shown)
	for text, keys := range p.waits {
		if strings.Contains(p.shown, text) {
			delete(p.waits, text)
			if _, err := io.WriteString(p.keys, keys); err != nil {
				return 0, err
			}
		}
	}
	return len(shown), nil
}

// formed is a terminal that shows forms.
func formed(t *testing.T, waits map[string]string) *ui.Terminal {
	t.Helper()
	keys, tty := keyboard(t)
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(&prompted{keys: keys, waits: waits}, keys) }() // until both ends are closed
	term := ui.Test(tty, io.Discard, tty, "TERM=xterm")
	term.InTTY, term.ErrTTY = true, true
	return term
}

// TestNoKeyIsLostBetweenForms asks one question after the other, of a person who
// answers at once.
func TestNoKeyIsLostBetweenForms(t *testing.T) {
	t.Parallel()
	waits := map[string]string{"Which one": "\x1b[B\r", "Which of": "x\r", "Go on?": "y\n"}
	for i := range 10 {
		waits[fmt.Sprintf("Question %02d", i)] = fmt.Sprintf("answer %d\r", i)
	}
	term := formed(t, waits)
	for i := range 10 {
		got, err := term.Ask(t.Context(), ui.Question{Title: fmt.Sprintf("Question %02d", i), Help: "what is meant"})
		if err != nil || got != fmt.Sprintf("answer %d", i) {
			t.Fatalf("question %d: got %q, %v", i, got, err)
		}
	}
	if got, err := term.Pick(t.Context(), ui.Question{Title: "Which one", Default: "group b"}, names(30)); err != nil || got != "group c" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := term.PickMany(t.Context(), ui.Question{Title: "Which of them"}, names(30), []string{"group b"}); err != nil || len(got) != 2 {
		t.Errorf("got %q, %v", got, err)
	}
	if yes, err := term.Confirm(t.Context(), "Go on?"); err != nil || !yes {
		t.Errorf("got %t, %v", yes, err)
	}
}

func TestKeysThatEndAForm(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]error{"a\x1b": ui.ErrEscape, "a\x03": ui.ErrInterrupt} {
		term := formed(t, map[string]string{"Name": keys})
		if got, err := term.Ask(t.Context(), ui.Question{Title: "Name"}); got != "" && !errors.Is(err, want) || !errors.Is(err, want) {
			t.Errorf("%q: got %q, %v", keys, got, err)
		}
	}
}
