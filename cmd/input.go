package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/input"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// source is an input that an argument, a flag or a setting names.
type source struct {
	path  string        // "-" is standard input
	kind  filekind.Kind // that is expected; empty: any
	limit int64         // the greatest size, in bytes
}

// name is how messages call the source.
func (s source) name() string {
	if s.path == "-" {
		return input.StandardInput
	}
	return s.path
}

// readInput returns what a source holds. One that cannot be read, is too large or is
// of another kind is an error of code fault.Usage.
func (a *app) readInput(ctx context.Context, s source) ([]byte, error) {
	data, err := a.readAny(ctx, s)
	if err != nil || s.kind == "" {
		return data, err
	}
	return data, filekind.Check(s.kind, s.path, data)
}

func (a *app) readAny(ctx context.Context, s source) ([]byte, error) {
	if s.path != "-" {
		return input.File(ctx, s.path, s.limit)
	}
	if a.term.InTTY {
		a.term.Note("reading standard input: %s ends it, Ctrl-C stops", endOfInput())
	}
	return input.Stream(ctx, a.term.In, s.name(), s.limit)
}

// endOfInput is what to press on a terminal to end the input.
func endOfInput() string {
	if runtime.GOOS == "windows" {
		return "Ctrl-Z and Enter"
	}
	return "Ctrl-D on a line of its own"
}

// parsed reads a source and returns what parse makes of it. The error names the
// source.
func parsed[T any](ctx context.Context, a *app, s source, parse func([]byte) (T, error)) (T, error) {
	var none T
	data, err := a.readInput(ctx, s)
	if err != nil {
		return none, err
	}
	value, err := parse(data)
	if err != nil {
		return none, wrongInput(fmt.Errorf("%s: %w", s.name(), err))
	}
	return value, nil
}

// privateKey is what checkSecretFile calls a key.
const privateKey = "private key"

// checkSecretFile refuses a file of a secret that every user can write, and warns
// about one that other users can read. What is no file is not opened a second
// time: a pipe would wait for a writer.
func (a *app) checkSecretFile(path, kind string) error {
	if info, err := os.Stat(path); path == "-" || err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil // it has been read
	}
	defer func() { _ = file.Close() }()
	warning, err := secret.CheckFile(file, kind)
	if warning != "" {
		a.tellOnce(a.term.Warn, warning)
	}
	return fault.WithCode(err, fault.Credential)
}

// wrongInput gives err, which a reader gave of an input, the exit code of all
// wrong input, unless it is about something else than the input itself.
func wrongInput(err error) error {
	stopped := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if fault.CodeOf(err) == fault.Failed && !stopped {
		return fault.WithCode(err, fault.Usage)
	}
	return err
}
