package ui

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/sentryidp/sentryidp/pkg/input"
)

// ErrNoTerminal is returned when a question cannot reach a person.
var ErrNoTerminal = errors.New("there is no terminal to ask on")

// Passphrase asks for a secret without showing what is typed. It fails with
// ErrNoTerminal when standard input or standard error is no terminal, and with
// the error of ctx when that ends before the answer; what is typed is shown
// again then.
func (t *Terminal) Passphrase(ctx context.Context, prompt string) (string, error) {
	in, ok := t.In.(*os.File)
	if !ok || !t.CanAsk() {
		return "", ErrNoTerminal
	}
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	t.printf("%s: ", prompt)
	read := func() ([]byte, error) { return term.ReadPassword(fd) }
	if hideTyped(fd) { // at once: nothing that reads may do it after ctx has ended
		read = func() ([]byte, error) { return readHidden(in) }
	}
	typed, err := input.Within(ctx, read)
	t.printf("\n")
	restored := term.Restore(fd, before)
	if ctx.Err() != nil {
		return "", errors.Join(input.Ended(ctx, "the passphrase"), restored)
	}
	if err = errors.Join(err, restored); err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return string(typed), nil
}

// readHidden reads a line. The end of the input is one too where something was typed.
func readHidden(from io.Reader) ([]byte, error) {
	line, err := bufio.NewReader(io.LimitReader(from, 16*maxAnswer)).ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return bytes.TrimSuffix(line, []byte("\n")), err
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 1024

// escape is what the Esc key sends.
const escape = '\x1b'

// Confirm asks a question to be answered with yes or no, and again where the
// answer is neither; nothing typed, Esc, or the end of the input, is no. It fails
// with ErrNoTerminal when standard input or standard error is no terminal, and
// with the error of ctx when that ends before the answer.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	if !t.CanAsk() {
		return false, ErrNoTerminal
	}
	defer t.escapeEndsLine()()
	yes, err := input.Within(ctx, func() (bool, error) { return t.askYes(question), nil })
	if ctx.Err() != nil {
		t.printf("\n")
		return false, input.Ended(ctx, fmt.Sprintf("the answer to %q", question))
	}
	return yes, err
}

func (t *Terminal) askYes(question string) bool {
	answers := bufio.NewReader(io.LimitReader(t.input(), maxAnswer))
	for {
		t.printf("%s [y/N] ", question)
		answer, end := readAnswer(answers)
		if end {
			t.printf("\n")
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true
		case "", "n", "no":
			return false
		}
	}
}

// readAnswer reads to the end of the line. Esc, and the end of the input, make the
// answer empty, whatever was typed before. end reports that there is no further
// answer.
func readAnswer(from io.ByteReader) (answer string, end bool) {
	var typed strings.Builder
	for {
		switch c, err := from.ReadByte(); {
		case err != nil, c == escape:
			return "", true
		case c == '\n':
			return typed.String(), false
		default:
			typed.WriteByte(c)
		}
	}
}

// escapeEndsLine lets Esc end an answer without Enter, where the system's
// terminals can do that, until restore is called.
func (t *Terminal) escapeEndsLine() (restore func()) {
	in, ok := t.In.(*os.File)
	if !ok {
		return func() {}
	}
	before, err := term.GetState(int(in.Fd()))
	if err != nil {
		return func() {}
	}
	endLinesAt(int(in.Fd()), escape)
	return func() { _ = term.Restore(int(in.Fd()), before) }
}
