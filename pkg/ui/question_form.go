package ui

import (
	"context"
	"errors"
	"os"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"github.com/muesli/termenv"
)

// maxRows is how many options of a list are shown at once.
const maxRows = 10

// formText asks for a line.
func (t *Terminal) formText(ctx context.Context, q Question) (string, error) {
	answer := q.Default
	field := huh.NewInput().Title(q.Title).Description(t.described(q)).CharLimit(maxTyped).Value(&answer)
	if q.Secret {
		field.EchoMode(huh.EchoModePassword)
	}
	field.Validate(func(typed string) error {
		if problem := q.problem(typed); problem != "" {
			return errors.New(problem)
		}
		return nil
	})
	err := t.form(ctx, field)
	return answer, err
}

// formPick shows the options as a list.
func (t *Terminal) formPick(ctx context.Context, q Question, options []Option) (string, error) {
	answer := q.Default
	field := huh.NewSelect[string]().Title(q.Title).Description(t.described(q)).Options(rows(options)...).Value(&answer)
	field.Height(min(len(options), maxRows) + t.above(q))
	err := t.form(ctx, field)
	return answer, err
}

// formPickMany shows the options as a list with marks.
func (t *Terminal) formPickMany(ctx context.Context, q Question, options []Option, chosen []string) ([]string, error) {
	answers := slices.Clone(chosen)
	field := huh.NewMultiSelect[string]().Title(q.Title).Description(t.described(q)).Options(rows(options)...).Value(&answers)
	field.Height(min(len(options), maxRows) + t.above(q))
	err := t.form(ctx, field)
	return answers, err
}

func rows(options []Option) []huh.Option[string] {
	list := make([]huh.Option[string], 0, len(options))
	for _, option := range options {
		list = append(list, huh.NewOption(option.text(), option.Value))
	}
	return list
}

// margin is what a form draws beside its text, in columns.
const margin = 4

// described is the help of a question, its lines broken for the window.
func (t *Terminal) described(q Question) string {
	if q.Help == "" {
		return ""
	}
	text := Fill(Blocks(q.Help), t.columns()-margin)
	return text[:len(text)-1]
}

// above is how many lines stand above the options.
func (t *Terminal) above(q Question) int {
	lines := 1
	for _, c := range t.described(q) + "\n" {
		if c == '\n' {
			lines++
		}
	}
	return lines
}

// form runs a form of one field, and takes it off the screen.
func (t *Terminal) form(ctx context.Context, field huh.Field) error {
	keys := huh.NewDefaultKeyMap()
	keys.Quit = key.NewBinding(key.WithKeys("ctrl+c", "esc"))
	keys.Input.AcceptSuggestion = key.NewBinding()
	escaped := false
	watch := func(_ tea.Model, msg tea.Msg) tea.Msg {
		if pressed, ok := msg.(tea.KeyPressMsg); ok && pressed.String() == "esc" {
			escaped = true
		}
		return msg
	}
	env := t.env
	if t.profile(t.ErrTTY) == termenv.Ascii {
		env = append(slices.Clone(env), "NO_COLOR=1", "CLICOLOR_FORCE=")
	}
	in, isFile := t.In.(*os.File)
	if !isFile {
		return ErrNoTerminal
	}
	if t.keys == nil {
		t.keys = &keyboard{from: in}
	}
	keyboard := session{t.keys, make(chan struct{})}
	defer close(keyboard.done)
	form := huh.NewForm(huh.NewGroup(field)).WithKeyMap(keys).WithTheme(huh.ThemeFunc(huh.ThemeBase16)).
		WithAccessible(false). // which the process's TERM would decide: ours is that of t.env
		WithWidth(t.columns()).
		WithProgramOptions(tea.WithInput(keyboard), tea.WithOutput(t.Err), tea.WithEnvironment(env), tea.WithoutSignalHandler(), tea.WithFilter(watch))
	err := form.RunWithContext(ctx)
	switch {
	case errors.Is(err, huh.ErrUserAborted) && escaped:
		return ErrEscape
	case errors.Is(err, huh.ErrUserAborted):
		return ErrInterrupt
	}
	return err
}
