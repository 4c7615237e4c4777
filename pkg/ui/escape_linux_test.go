package ui_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// keyboard opens a pseudo-terminal: what is typed into keys is read from tty.
func keyboard(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		peers.Unable(t, "there are no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return keys, tty
}

// typing presses keys once something has been shown.
type typing struct {
	bytes.Buffer

	keys io.Writer
	text string
}

func (p *typing) Write(shown []byte) (int, error) {
	if _, err := io.WriteString(p.keys, p.text); err != nil {
		return 0, err
	}
	p.text = ""
	return p.Buffer.Write(shown)
}

func TestEscNeedsNoEnter(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"\x1b", "y\x1b"} {
		keys, tty := keyboard(t)
		before, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		shown := &typing{keys: keys, text: typed}
		term := ui.Test(tty, io.Discard, shown)
		term.InTTY, term.ErrTTY = true, true
		if yes, err := term.Confirm(t.Context(), "Go on?"); yes || err != nil {
			t.Errorf("%q: got %t, %v", typed, yes, err)
		}
		after, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the terminal was left changed: %s", diff)
		}
	}
}
