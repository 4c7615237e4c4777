// Package ui is everything between the program and a person: the streams, what
// they can show, styled text, tables and questions. It is the only package
// that knows lipgloss, and it knows nothing of what is shown.
package ui

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/muesli/termenv"
	"golang.org/x/term"
)

const (
	defaultWidth = 80
	dumb         = "dumb" // the value of TERM where a terminal shows text alone
)

// Colour says when output is coloured.
type Colour string

// The values of --color.
const (
	ColourAuto   Colour = "auto"
	ColourAlways Colour = "always"
	ColourNever  Colour = "never"
)

// Colours lists the values of --color.
func Colours() []string {
	return []string{string(ColourAuto), string(ColourAlways), string(ColourNever)}
}

// Terminal is the three streams of a run and what is known of them.
type Terminal struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	InTTY, OutTTY, ErrTTY bool

	Colour Colour // the value of --color
	Quiet  bool   // the value of --quiet: no notes

	// NoInput is the value of --no-input: nobody is asked anything.
	NoInput bool

	// Annotations is the title under which warnings and errors also become
	// annotations of a GitHub Actions run; empty: they do not.
	Annotations string

	outer *Terminal // that this one is aside of; nil: there is none

	env   []string
	width int
	plain bool // the terminals show text alone and obey no control sequences

	keys *keyboard // once a form was shown on In

	mu     sync.Mutex // of writing to Err
	status string     // the line below everything else, if there is one
}

// System returns the streams of the process. env is its environment.
func System(env []string) *Terminal {
	t := &Terminal{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY: isTTY(os.Stdin), OutTTY: isTTY(os.Stdout), ErrTTY: isTTY(os.Stderr),
		Colour: ColourAuto, env: env, width: defaultWidth,
	}
	t.plain = !obeys(t.variable("TERM"), os.Stdout, os.Stderr)
	for _, stream := range []*os.File{os.Stderr, os.Stdout} {
		if width, _, err := term.GetSize(int(stream.Fd())); err == nil && width > 0 {
			t.width = width
		}
	}
	return t
}

// Test returns a terminal over the given streams, none of them a TTY, in an
// environment.
func Test(in io.Reader, out, err io.Writer, env ...string) *Terminal {
	return &Terminal{In: in, Out: out, Err: err, Colour: ColourAuto, env: env, width: defaultWidth}
}

func isTTY(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// OutStyles returns the styles of standard output.
func (t *Terminal) OutStyles() Styles { return newStyles(t.Out, t.profile(t.OutTTY), t.width) }

// ErrStyles returns the styles of standard error.
func (t *Terminal) ErrStyles() Styles { return newStyles(t.Err, t.profile(t.ErrTTY), t.width) }

// CanAsk reports whether a question would reach a person who can answer: on a
// terminal, and not in a job, which the variable CI tells.
func (t *Terminal) CanAsk() bool {
	return t.InTTY && t.ErrTTY && !t.NoInput && t.variable("CI") == ""
}

// Note writes a line for a person to standard error, unless --quiet is set.
func (t *Terminal) Note(format string, args ...any) {
	if !t.Quiet {
		t.say(t.ErrStyles().Dim("note:"), fmt.Sprintf(format, args...))
	}
}

// Warn writes a warning to standard error. --quiet does not silence it.
func (t *Terminal) Warn(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	t.say(t.ErrStyles().Warn("warning:"), message)
	t.annotate("warning", message)
}

// Fail writes an error and its hints to standard error.
func (t *Terminal) Fail(err error, hints []string) {
	s := t.ErrStyles()
	t.say(s.Bad("error:"), err.Error())
	told := []string{err.Error()}
	for _, hint := range hints {
		t.say(s.Dim("hint:"), hint)
		told = append(told, "hint: "+hint)
	}
	t.annotate("error", strings.Join(told, "\n"))
}

// say writes a message after its label. On a terminal, lines are broken between
// words; a pipe gets them whole.
func (t *Terminal) say(label, message string) {
	text := label + " " + message
	if t.Annotations != "" {
		text = Harmless(text)
	}
	if t.ErrTTY {
		text = breakLines(text, t.width)
	}
	t.printf("%s\n", text)
}

// profile decides what a stream can show: --color first, then NO_COLOR
// (no-color.org) and CLICOLOR_FORCE, then whether it is a terminal that obeys.
func (t *Terminal) profile(tty bool) termenv.Profile {
	switch {
	case t.Colour == ColourNever:
		return termenv.Ascii
	case t.Colour == ColourAlways:
		return termenv.ANSI
	case t.variable("NO_COLOR") != "":
		return termenv.Ascii
	case !slices.Contains([]string{"", "0"}, t.variable("CLICOLOR_FORCE")):
		return termenv.ANSI
	case !tty || t.plain:
		return termenv.Ascii
	}
	return termenv.ANSI
}

func (t *Terminal) variable(name string) string {
	for _, entry := range slices.Backward(t.env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// Trace writes a line about a request to standard error. It may be called from
// several goroutines.
func (t *Terminal) Trace(line string) {
	t.printf("%s\n", t.ErrStyles().Dim(line))
}
