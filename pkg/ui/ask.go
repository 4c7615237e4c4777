package ui

import (
	"errors"
	"fmt"
	"os"

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
