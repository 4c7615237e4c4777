package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/input"
)

// ErrEscape says that a person ended the questions with Esc, or that the input
// ended.
var ErrEscape = errors.New("the questions were ended")

// ErrInterrupt says that a person ended the questions with Ctrl-C, where the
// terminal gives that as a key and not as a signal.
var ErrInterrupt = errors.New("interrupted")

// Question is put to a person. Its texts are shown as they are, but for control
// characters.
type Question struct {
	Title    string             // what is asked for, without a colon
	Help     string             // what is meant and where it is found
	Default  string             // the answer where nothing is typed
	Optional bool               // nothing is an answer, too
	Secret   bool               // what is typed is not shown
	Check    func(string) error // of an answer; its words are shown, and it is asked again; nil: none
}

// Option is an answer that is offered.
type Option struct {
	Value string
	Label string // that is shown; empty: Value
}

// text is the option as it is shown: one line.
func (o Option) text() string {
	if o.Label == "" {
		return Printable(o.Value)
	}
	return Printable(o.Label)
}

// Ask returns what a person types. The error is ErrNoTerminal, ErrEscape,
// ErrInterrupt, or that of ctx when it ends before the answer.
func (t *Terminal) Ask(ctx context.Context, q Question) (string, error) {
	answer, err := asked(ctx, t, q, t.formText, t.plainText)
	if err == nil && !q.Secret {
		t.record(q, answer)
	}
	return answer, err
}

// Pick returns the value of one of options. What Default names comes first to the
// hand. Errors are those of Ask.
func (t *Terminal) Pick(ctx context.Context, q Question, options []Option) (string, error) {
	answer, err := asked(ctx, t, q,
		func(ctx context.Context, q Question) (string, error) { return t.formPick(ctx, q, options) },
		func(q Question) (string, error) { return t.plainPick(q, options) })
	if err == nil {
		i := slices.IndexFunc(options, func(o Option) bool { return o.Value == answer })
		t.record(q, options[i].text())
	}
	return answer, err
}

// PickMany returns the values of any number of options; chosen are those that
// stand until the person says otherwise. Errors are those of Ask.
func (t *Terminal) PickMany(ctx context.Context, q Question, options []Option, chosen []string) ([]string, error) {
	answers, err := asked(ctx, t, q,
		func(ctx context.Context, q Question) ([]string, error) {
			return t.formPickMany(ctx, q, options, chosen)
		},
		func(q Question) ([]string, error) { return t.plainPickMany(q, options, chosen) })
	if err == nil {
		shown := strings.Join(answers, ", ")
		if len(answers) == 0 {
			shown = "none"
		}
		t.record(q, shown)
	}
	return answers, err
}

// asked puts a question as a form, or line by line where the terminal shows text
// alone. What blocks is left behind when ctx ends.
func asked[T any](ctx context.Context, t *Terminal, q Question, form func(context.Context, Question) (T, error), plain func(Question) (T, error)) (T, error) {
	var none T
	if !t.CanAsk() {
		return none, ErrNoTerminal
	}
	q.Title, q.Help = Printable(q.Title), strings.TrimSpace(q.Help)
	var answer T
	var err error
	if _, isFile := t.In.(*os.File); isFile && t.canRedraw() {
		answer, err = form(ctx, q)
	} else {
		restore := t.escapeEndsLine()
		answer, err = input.Within(ctx, func() (T, error) { return plain(q) })
		restore()
	}
	if ctx.Err() != nil {
		t.printf("\n")
		return none, input.Ended(ctx, fmt.Sprintf("the answer to %q", q.Title))
	}
	return answer, err
}

// record leaves what was answered to a form on the screen, from which the form has
// gone.
func (t *Terminal) record(q Question, answer string) {
	if _, isFile := t.In.(*os.File); isFile && t.canRedraw() {
		s := t.ErrStyles()
		t.printf("%s %s\n", s.Dim(q.Title+":"), Printable(answer))
	}
}
