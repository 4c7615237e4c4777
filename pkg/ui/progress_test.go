package ui_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ticker is a clock that a test moves.
type ticker struct{ at time.Time }

func newTicker() *ticker { return &ticker{at: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)} }

func (c *ticker) now() time.Time       { return c.at }
func (c *ticker) pass(d time.Duration) { c.at = c.at.Add(d) }

// night is a run of three stages that lasts 280 seconds, with a warning in it.
func night(term *ui.Terminal) {
	clock := newTicker()
	p := term.Progress(clock.now)
	defer p.End()
	for page := range 4 {
		clock.pass(200 * time.Millisecond)
		p.Step("reading members", min(100*(page+1), 350), 350)
	}
	for done := 400; done <= 10_000; done += 400 {
		clock.pass(10 * time.Second)
		p.Step("people", done, 10_000)
		if done == 4_000 {
			term.Warn("Sentry is slow today")
		}
	}
	for done := range 30 {
		clock.pass(time.Second)
		p.Step("members of teams", done+1, 30)
	}
}

func TestProgressLooksAsItShould(t *testing.T) {
	t.Parallel()
	xterm := []string{"TERM=xterm"}
	tests := map[string]struct {
		tty    bool
		width  int
		env    []string
		colour ui.Colour
	}{
		"terminal-80":       {tty: true, width: 80, env: xterm, colour: ui.ColourNever},
		"terminal-40":       {tty: true, width: 40, env: xterm, colour: ui.ColourNever},
		"terminal-12":       {tty: true, width: 12, env: xterm, colour: ui.ColourNever},
		"terminal-colour":   {tty: true, width: 80, env: xterm, colour: ui.ColourAuto},
		"terminal-no-color": {tty: true, width: 80, env: []string{"TERM=xterm", "NO_COLOR=1"}, colour: ui.ColourAuto},
		"dumb":              {tty: true, width: 80, env: []string{"TERM=dumb"}, colour: ui.ColourAuto},
		"log":               {width: 80, colour: ui.ColourAuto},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errs bytes.Buffer
			term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
			term.ErrTTY, term.Colour = tt.tty, tt.colour
			term.Resize(tt.width, tt.env...)
			night(term)
			golden(t, filepath.Join("testdata", "progress", name+".golden"), readable(errs.String()))
		})
	}
}

// readable shows what moves the cursor: one frame a line.
func readable(text string) string {
	quoted := strings.ReplaceAll(text, "\r", "\n<CR>")
	return strings.ReplaceAll(quoted, "\x1b", "<ESC>") + "\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestNoFrameIsAsWideAsTheTerminal(t *testing.T) {
	t.Parallel()
	for width := range 130 {
		var errs bytes.Buffer
		term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
		term.ErrTTY, term.Colour = true, ui.ColourNever
		term.Resize(width, "TERM=xterm")
		night(term)
		for frame := range strings.SplitSeq(errs.String(), "\r") {
			frame, _, redrawn := strings.Cut(frame, "\x1b[K")
			if redrawn && len(frame) >= max(1, width) {
				t.Fatalf("at %d columns a frame has %d: %q", width, len(frame), frame)
			}
		}
	}
}

func TestTheLastThingOnATerminalIsAnEmptyLine(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.ErrTTY = true
	term.Resize(80, "TERM=xterm")
	night(term)
	if !strings.HasSuffix(errs.String(), "\r\x1b[K") {
		t.Errorf("the line was left: %q", errs.String()[max(0, errs.Len()-80):])
	}
	if hides := strings.Contains(errs.String(), "\x1b[?25l"); hides {
		t.Error("the cursor was hidden, and a killed run could not bring it back")
	}
}

func TestShortAndQuietRunsSayNothing(t *testing.T) {
	t.Parallel()
	for _, tty := range []bool{true, false} {
		var errs bytes.Buffer
		term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
		term.ErrTTY, term.Colour = tty, ui.ColourNever
		term.Resize(80, "TERM=xterm")
		clock := newTicker()
		p := term.Progress(clock.now)
		clock.pass(299 * time.Millisecond)
		p.Step("people", 1, 2)
		p.End()
		p.Step("people", 2, 2)
		term.Quiet = true
		night(term)
		if got := strings.ReplaceAll(errs.String(), "warning: Sentry is slow today\n", ""); got != "" {
			t.Errorf("tty %v: got %q", tty, got)
		}
	}
}

func TestALogHasALineEveryFiveSecondsAtMost(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	clock := newTicker()
	p := term.Progress(clock.now)
	for done := range 6000 {
		clock.pass(10 * time.Millisecond)
		p.Step("people", done+1, 6000)
	}
	p.End()
	if lines := strings.Count(errs.String(), "\n"); lines != 12 {
		t.Errorf("60 seconds made %d lines, want 12:\n%s", lines, errs.String())
	}
}

func TestProgressIsToldFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.ErrTTY = true
	clock := newTicker()
	p := term.Progress(clock.now)
	clock.pass(time.Minute)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for done := range 50 {
				p.Step("people", done, 50)
				term.Trace("GET " + strconv.Itoa(worker))
			}
		})
	}
	all.Wait()
	p.End()
	if got := strings.Count(errs.String(), "GET "); got != 400 {
		t.Errorf("%d of 400 traces came through", got)
	}
}
