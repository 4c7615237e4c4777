// Package fault holds the errors that sentryidp shows to people: what went
// wrong, what to do about it, and the exit code that tells a script. It knows
// nothing of commands, files or servers.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Error is an error with advice. A zero Code means "ask the error inside", so
// wrapping never loses a code.
type Error struct {
	Code Code
	Hint string
	Err  error
}

// Error returns the words of the wrapped error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error with the given code and words, and no hint.
func New(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Usagef returns an error for a wrong flag, argument or setting (code Usage).
func Usagef(format string, args ...any) error {
	return New(Usage, format, args...)
}

// Hint adds advice to err: a command to run or a setting to change. It returns
// nil when err is nil.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Hint: fmt.Sprintf(format, args...), Err: err}
}

// WithCode gives err an exit code, which wins over codes further inside. It
// returns nil when err is nil.
func WithCode(err error, code Code) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Quiet returns an error that carries a code but no words to print: the report
// has said everything.
func Quiet(code Code) error {
	return &quiet{code: code}
}

type quiet struct{ code Code }

func (q *quiet) Error() string { return fmt.Sprintf("exit code %d", q.code) }

// IsQuiet reports whether err was made by Quiet.
func IsQuiet(err error) bool {
	_, ok := errors.AsType[*quiet](err)
	return ok
}

// CodeOf returns the exit code of err: OK for nil, the outermost code found in
// its chain (the highest among joined errors), or Failed.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	if code, ok := find(err); ok {
		return code
	}
	return Failed
}

// Hints returns the advice found in err and everything it wraps or joins,
// outermost first, each once, as Harmless makes them.
func Hints(err error) []string {
	var hints []string
	seen := map[string]bool{}
	walk(err, func(e error) {
		f, ok := e.(*Error) //nolint:errorlint // walk visits every error of the chain itself
		if ok && f.Hint != "" && !seen[f.Hint] {
			seen[f.Hint] = true
			hints = append(hints, Harmless(f.Hint))
		}
	})
	return hints
}

// Problems returns the words of each error that err joins (errors.Join), in
// order, without what wraps them all; none where err joins nothing.
func Problems(err error) []string {
	switch e := err.(type) { //nolint:errorlint // the chain is walked here
	case interface{ Unwrap() error }:
		return Problems(e.Unwrap())
	case interface{ Unwrap() []error }:
		var own, problems []string
		for _, inner := range e.Unwrap() {
			own = append(own, inner.Error())
			problems = append(problems, orSelf(Problems(inner), inner)...)
		}
		if err.Error() == strings.Join(own, "\n") { // else it is one sentence with several causes
			return problems
		}
	}
	return nil
}

func orSelf(problems []string, err error) []string {
	if len(problems) == 0 {
		return []string{err.Error()}
	}
	return problems
}

func find(err error) (Code, bool) {
	switch e := err.(type) { //nolint:errorlint // the chain is walked here
	case *Error:
		if e.Code != 0 {
			return e.Code, true
		}
		return find(e.Err)
	case *quiet:
		return e.code, true
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return find(inner)
		}
	case interface{ Unwrap() []error }:
		return highest(e.Unwrap())
	}
	return 0, false
}

func highest(errs []error) (code Code, found bool) {
	for _, err := range errs {
		if c, ok := find(err); ok && c > code {
			code, found = c, true
		}
	}
	return code, found
}

func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) { //nolint:errorlint // the chain is walked here
	case interface{ Unwrap() error }:
		walk(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			walk(inner, visit)
		}
	}
}
