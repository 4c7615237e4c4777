package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// vouch refuses what a file sets that nobody trusts: everything that needs trust,
// and the addresses, which secrets are sent to. On a terminal it shows the file
// and offers to trust it.
func (a *app) vouch(ctx context.Context, loaded *config.Loaded, addresses ...string) error {
	err := loaded.Vouch(addresses...)
	refused, isRefused := errors.AsType[*config.UntrustedError](err)
	if !isRefused || !a.term.CanAsk() {
		return err
	}
	store, unreadable := config.OpenTrust(a.env)
	if unreadable != nil {
		return err // which says why no file is trusted
	}
	if shown := showFile(a.term.Err, refused); shown != nil {
		return shown
	}
	yes, unasked := a.term.Confirm(ctx, "Trust "+refused.File.Path+" until it changes?")
	switch {
	case unasked != nil:
		return unasked
	case !yes:
		return err
	}
	if err := loaded.Trust(store); err != nil {
		return err
	}
	a.term.Note("%s is trusted until it changes; 'sentryidp config trust --remove' takes that back", refused.File.Path)
	return loaded.Vouch(addresses...)
}

// shownLines is how many lines of a file are shown to somebody who is asked
// whether to trust it. What needs trust is named one by one below them.
const shownLines = 100

// showFile writes a file, with nothing that could steer the terminal, and then
// what of it needs trust.
func showFile(w io.Writer, refused *config.UntrustedError) error {
	var text strings.Builder
	lines := strings.Split(strings.TrimRight(string(refused.File.Content()), "\n"), "\n")
	clean := strings.NewReplacer("\r", "", "\t", "    ")
	for i, line := range lines[:min(len(lines), shownLines)] {
		fmt.Fprintf(&text, "%4d  %s\n", i+1, ui.Printable(clean.Replace(line)))
	}
	if more := len(lines) - shownLines; more > 0 {
		fmt.Fprintf(&text, "      %s not shown\n", phrase.Count(more, "line is", "lines are"))
	}
	fmt.Fprintf(&text, "%s\n", refused)
	_, err := io.WriteString(w, text.String())
	return err
}
