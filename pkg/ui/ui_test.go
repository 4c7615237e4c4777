package ui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestAPipeGetsPlainText(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &out, &errs)
	term.Warn("look at %s", "this")
	term.Note("by the way")
	term.Fail(errors.New("it broke"), []string{"mend it"})
	want := "warning: look at this\nnote: by the way\nerror: it broke\nhint: mend it\n"
	if errs.String() != want {
		t.Errorf("got\n%s\nwant\n%s", errs.String(), want)
	}
	if got := term.OutStyles().Bad("x"); got != "x" {
		t.Errorf("a pipe got %q", got)
	}
}

func TestColourCanBeForced(t *testing.T) {
	t.Parallel()
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	term.Colour = ui.ColourAlways
	if got := term.OutStyles().Bad("x"); !strings.Contains(got, "\x1b[") {
		t.Errorf("--color always gave %q", got)
	}
}

func TestATerminalIsColouredIfItObeys(t *testing.T) {
	t.Parallel()
	nameless := runtime.GOOS == "windows" // consoles of Windows obey and have no TERM
	for kind, want := range map[string]bool{"TERM=xterm-256color": true, "TERM=dumb": false, "TERM=": nameless, "LANG=C": nameless} {
		var errs bytes.Buffer
		term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
		term.OutTTY, term.ErrTTY = true, true
		term.Resize(80, kind)
		term.Warn("look")
		if got := term.OutStyles().Bad("x"); (got != "x") != want || strings.Contains(errs.String(), "\x1b") != want {
			t.Errorf("%s: got %q and %q", kind, got, errs.String())
		}
		term.Resize(80, kind, "CLICOLOR_FORCE=1")
		if got := term.OutStyles().Bad("x"); got == "x" {
			t.Errorf("%s: colours were forced, got %q", kind, got)
		}
	}
}

func TestATerminalBreaksLongMessagesBetweenWords(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.ErrTTY, term.Colour = true, ui.ColourNever
	term.Warn("%s", strings.Repeat("word ", 20)+"end")
	for line := range strings.Lines(errs.String()) {
		if len(line) > 81 {
			t.Errorf("a line of %d columns: %q", len(line), line)
		}
	}
	if strings.Count(errs.String(), "word") != 20 || strings.Count(errs.String(), "\n") != 2 {
		t.Errorf("got %q", errs.String())
	}
}

func TestQuietSilencesNotesAlone(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.Quiet = true
	term.Note("by the way")
	term.Warn("look")
	if errs.String() != "warning: look\n" {
		t.Errorf("got %q", errs.String())
	}
}

func TestNobodyCanBeAskedThroughAPipe(t *testing.T) {
	t.Parallel()
	term := ui.Test(strings.NewReader("typed\n"), &bytes.Buffer{}, &bytes.Buffer{})
	if _, err := term.Passphrase(t.Context(), "passphrase"); !errors.Is(err, ui.ErrNoTerminal) {
		t.Errorf("got %v, want ErrNoTerminal", err)
	}
	if yes, err := term.Confirm(t.Context(), "Go on?"); yes || !errors.Is(err, ui.ErrNoTerminal) {
		t.Errorf("got %t, %v, want ErrNoTerminal", yes, err)
	}
}

func TestNobodyIsAskedInAJobOrWithNoInput(t *testing.T) {
	t.Parallel()
	term := ui.Test(strings.NewReader("y\n"), &bytes.Buffer{}, &bytes.Buffer{})
	term.InTTY, term.ErrTTY = true, true
	if !term.CanAsk() {
		t.Error("a person on a terminal cannot be asked")
	}
	term.NoInput = true
	if term.CanAsk() {
		t.Error("somebody can be asked with --no-input")
	}
	term.NoInput = false
	term.Resize(80, "CI=true")
	if term.CanAsk() {
		t.Error("somebody can be asked in a job")
	}
}

func TestTablesAreAligned(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := ui.Plain()
	if err := s.Table(&out, []string{"NAME", "ROLE"}, [][]string{{"Ærø", "owner"}, {"x", ""}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Pairs(&out, [][2]string{{"long name", "one\ntwo"}, {"left out", ""}, {"b", "2"}}); err != nil {
		t.Fatal(err)
	}
	want := "NAME  ROLE\nÆrø   owner\nx\nlong name  one\n           two\nb          2\n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

func TestWrapKeepsToTheWidth(t *testing.T) {
	t.Parallel()
	got := ui.Wrap([]string{"aaaa", "bbbb", "cccc", "d"}, "  ", 13)
	want := []string{"  aaaa, bbbb,", "  cccc, d"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ui.Wrap(nil, "  ", 13); len(got) != 0 {
		t.Errorf("no words made %q", got)
	}
}

func TestPrintableDisarmsControlCharacters(t *testing.T) {
	t.Parallel()
	got := ui.Printable("a\x1b[31mb\u202ec\r\nd\u00e9")
	if got != "a\uFFFD[31mb\uFFFDc\uFFFD\uFFFDd\u00e9" {
		t.Errorf("got %q", got)
	}
}

func TestConfirmTakesNothingButYesForYes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typed string
		want  bool
		asked int
	}{
		"y":            {"y\n", true, 1},
		"yes":          {" YES \r\n", true, 1},
		"no":           {"no\n", false, 1},
		"nothing":      {"\n", false, 1},
		"the end":      {"", false, 1},
		"at last":      {"sure\nyes\n", true, 2},
		"never":        {"sure", false, 1},
		"without end":  {strings.Repeat("x", 1<<12) + "\ny\n", false, 1},
		"yes, cut off": {"yes", false, 1},
		"Esc":          {"\x1b", false, 1},
		"Esc at last":  {"y\x1by\n", false, 1},
	}
	for name, tt := range tests {
		var errs bytes.Buffer
		term := ui.Test(strings.NewReader(tt.typed), &bytes.Buffer{}, &errs)
		term.InTTY, term.ErrTTY = true, true
		got, err := term.Confirm(t.Context(), "Go on?")
		if err != nil || got != tt.want || strings.Count(errs.String(), "Go on? [y/N]") != tt.asked {
			t.Errorf("%s: %t, %v after %q", name, got, err, errs.String())
		}
	}
}

func TestAQuestionEndsWithTheRun(t *testing.T) {
	t.Parallel()
	silent, typing := io.Pipe()
	t.Cleanup(func() { _ = typing.Close() })
	term := ui.Test(silent, &bytes.Buffer{}, io.Discard)
	term.InTTY, term.ErrTTY = true, true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if yes, err := term.Confirm(ctx, "Go on?"); yes || !errors.Is(err, context.Canceled) {
		t.Errorf("got %t, %v, want the end of the run", yes, err)
	}
}
