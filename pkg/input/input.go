// Package input reads what a user named, whole and bounded, and never longer
// than its context: a named pipe without a writer, a terminal and a file of a
// server that is away may not answer at all. It knows nothing of what is read.
package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// StandardInput is how messages name what is read for the path "-".
const StandardInput = "standard input"

// Within returns what read returns, or the error of ctx as soon as that ends. A
// read that blocks cannot be cut short: it is left behind and ends with the
// process.
func Within[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := read()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Ended is the error of reading what is called name when ctx ended first, with
// advice. errors.Is finds what ended it.
func Ended(ctx context.Context, name string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.Hint(fmt.Errorf("read %s: %w", name, lateError{}), "allow more time with --timeout")
	}
	return fmt.Errorf("read %s: %w", name, ctx.Err())
}

// lateError is context.DeadlineExceeded in words for a person.
type lateError struct{}

func (lateError) Error() string { return "the time limit of --timeout ran out" }

func (lateError) Is(target error) bool { return target == context.DeadlineExceeded }

// File reads the file at path, of at most limit bytes. A file that cannot be
// read or is larger is an error of code fault.Usage that names it; an end of ctx
// is found with errors.Is and has no code.
func File(ctx context.Context, path string, limit int64) ([]byte, error) {
	data, err := Within(ctx, func() (data []byte, err error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		return io.ReadAll(io.LimitReader(file, limit+1))
	})
	return checked(ctx, path, data, limit, err)
}

// Stream reads from to its end as File does; name is how errors call it.
func Stream(ctx context.Context, from io.Reader, name string, limit int64) ([]byte, error) {
	data, err := Within(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(from, limit+1)) })
	return checked(ctx, name, data, limit, err)
}

func checked(ctx context.Context, name string, data []byte, limit int64, err error) ([]byte, error) {
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, Ended(ctx, name)
	case err != nil:
		return nil, unreadable(name, err)
	case int64(len(data)) > limit:
		return nil, fault.Usagef("read %s: expected at most %s but found more", name, size(limit))
	}
	return data, nil
}

// unreadable names the input once, and what may help.
func unreadable(name string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // which does not repeat the name
	}
	advice := "check that it is a file that can be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		advice = "check the name: a relative path counts from the working directory"
	case errors.Is(err, fs.ErrPermission):
		advice = "the user who runs this command must be allowed to read it"
	}
	return fault.Hint(fault.Usagef("read %s: %w", name, err), "%s", advice)
}

func size(bytes int64) string {
	const kib, mib = 1 << 10, 1 << 20
	if bytes >= mib && bytes%mib == 0 {
		return fmt.Sprintf("%d MiB", bytes/mib)
	}
	return fmt.Sprintf("%d KiB", bytes/kib)
}
