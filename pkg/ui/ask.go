package ui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNoTerminal is returned when a question cannot reach a person.
var ErrNoTerminal = errors.New("there is no terminal to ask on")

// Passphrase asks for a secret without showing what is typed. It fails with
// ErrNoTerminal when standard input or standard error is no terminal.
func (t *Terminal) Passphrase(prompt string) (string, error) {
	in, ok := t.In.(*os.File)
	if !ok || !t.CanAsk() {
		return "", ErrNoTerminal
	}
	t.printf("%s: ", prompt)
	typed, err := term.ReadPassword(int(in.Fd()))
	t.printf("\n")
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return string(typed), nil
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 1024

// Confirm asks a question to be answered with yes or no, and again where the
// answer is neither; nothing typed, or the end of the input, is no. It fails
// with ErrNoTerminal when standard input or standard error is no terminal.
func (t *Terminal) Confirm(question string) (bool, error) {
	if !t.CanAsk() {
		return false, ErrNoTerminal
	}
	answers := bufio.NewReader(io.LimitReader(t.In, maxAnswer))
	for {
		t.printf("%s [y/N] ", question)
		answer, err := answers.ReadString('\n')
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "", "n", "no":
			return false, nil
		}
		if err != nil {
			return false, nil //nolint:nilerr // what is no answer is no yes
		}
	}
}
