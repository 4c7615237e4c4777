package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// signalError is the cause of a context that a signal ended. It is
// context.Canceled to errors.Is.
type signalError struct{}

// Error says what happened.
func (signalError) Error() string { return "interrupted" }

// Is makes errors.Is find context.Canceled.
func (signalError) Is(target error) bool { return target == context.Canceled }

// untilSignal returns a context that the first SIGINT, SIGTERM or SIGHUP ends,
// which is what a lost connection sends; nohup has that ignored. The second ends
// the process at once, by exit.
func untilSignal(parent context.Context, exit func(code int)) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2) // so that a second one is not lost while the first is taken
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go stopBy(signals, time.After, func() { cancel(signalError{}) }, func() { exit(int(fault.Interrupted)) })
	return ctx
}

// echo is how long a signal can come again that was sent once: timeout(1) sends
// it to the process and then to its group, and terminals and wrappers such as npm
// both pass Ctrl-C on.
const echo = 250 * time.Millisecond

// stopBy calls stop at the first of signals, and end at the second.
func stopBy(signals <-chan os.Signal, after func(time.Duration) <-chan time.Time, stop, end func()) {
	first := <-signals
	stop()
	late := after(echo)
	for again := range signals {
		select {
		case <-late:
		default:
			if again == first {
				continue
			}
		}
		end()
		return
	}
}

// keepFromPipes makes a write to a pipe that nobody reads any more fail, where the
// system would end the process: a push must not end half way because of
// 2>&1 | head. A signal that is caught, and not ignored, is not handed down to
// commands.
func keepFromPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// interrupted is err, or what to say instead when ctx was ended by a signal.
func interrupted(ctx context.Context, err error) error {
	if !errors.Is(err, context.Canceled) || !errors.Is(context.Cause(ctx), signalError{}) {
		return err
	}
	return fault.Hint(fault.WithCode(errors.New("interrupted"), fault.Interrupted), "run it again: what was applied stands")
}

// ranOut is err, or what to say instead where ctx ended at --timeout and err says
// so in the words of Go.
func ranOut(ctx context.Context, err error) error {
	words := context.DeadlineExceeded.Error()
	if ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), words) {
		return err
	}
	told := errors.New(strings.ReplaceAll(err.Error(), words, "the time limit of --timeout ran out"))
	return fault.Hint(fault.WithCode(told, fault.Failed), "allow more time with --timeout")
}

// bounded makes cmd and all below it end at --timeout, which begins before
// anything is read.
func (a *app) bounded(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			ctx, cancel := a.deadline(cmd.Context())
			defer cancel()
			cmd.SetContext(ctx)
			return ranOut(ctx, run(cmd, args))
		}
	}
	for _, child := range cmd.Commands() {
		a.bounded(child)
	}
}

// deadline returns ctx bounded by --timeout, if one was given.
func (a *app) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, a.timeout)
}
