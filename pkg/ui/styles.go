package ui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Styles are the roles that text can play. Each method returns its text,
// styled where the stream can show it. Meaning is never colour alone.
type Styles struct {
	title, good, bad, warn, dim, code lipgloss.Style
	width                             int
}

// Plain returns styles that change nothing, 80 columns wide.
func Plain() Styles { return newStyles(io.Discard, termenv.Ascii, defaultWidth) }

// newStyles uses the terminal's own sixteen colours, which follow the user's
// theme and need no question to the terminal.
func newStyles(w io.Writer, profile termenv.Profile, width int) Styles {
	r := lipgloss.NewRenderer(w, termenv.WithProfile(profile))
	r.SetHasDarkBackground(true) // answers the question before lipgloss asks the terminal
	r.SetColorProfile(profile)
	style := r.NewStyle
	return Styles{
		title: style().Bold(true),
		good:  style().Foreground(lipgloss.ANSIColor(termenv.ANSIGreen)),
		bad:   style().Foreground(lipgloss.ANSIColor(termenv.ANSIRed)).Bold(true),
		warn:  style().Foreground(lipgloss.ANSIColor(termenv.ANSIYellow)),
		dim:   style().Faint(true),
		code:  style().Foreground(lipgloss.ANSIColor(termenv.ANSICyan)),
		width: width,
	}
}

// Title is a heading or a name of first rank.
func (s Styles) Title(text string) string { return s.title.Render(text) }

// Good is something that is as it should be.
func (s Styles) Good(text string) string { return s.good.Render(text) }

// Bad is an error or something removed.
func (s Styles) Bad(text string) string { return s.bad.Render(text) }

// Warn is something to look at.
func (s Styles) Warn(text string) string { return s.warn.Render(text) }

// Dim is something of second rank.
func (s Styles) Dim(text string) string { return s.dim.Render(text) }

// Code is something to type, copy or open.
func (s Styles) Code(text string) string { return s.code.Render(text) }

// Width is the number of columns that text may take.
func (s Styles) Width() int { return s.width }
