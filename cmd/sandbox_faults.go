package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// faultBoard is a switchboard of all that can be wrong in a sandbox.
func faultBoard() (*faults.Board, error) {
	return faults.New(sandbox.Faults(), emulated.Faults(), sso.Faults())
}

// faultNames are the names that --fault takes.
func faultNames() []string {
	board, err := faultBoard()
	must(err)
	var names []string
	for _, f := range board.All() {
		names = append(names, f.ID)
	}
	return names
}

// checkFaults refuses names that no fault has.
func checkFaults(names []string) error {
	known := faultNames()
	wanted := map[string]bool{}
	for _, name := range known {
		wanted[name] = true
	}
	for _, name := range names {
		if wanted[name] {
			continue
		}
		err := fault.Usagef("expected the name of a fault for --fault but found %q", name)
		if near := nearest.Word(name, known); near != "" {
			err = fault.Hint(err, "did you mean %s?", near)
		}
		return fault.Hint(err, "'sentryidp sandbox --faults' lists them")
	}
	return nil
}

// switchFaults switches faults on before anybody asks.
func (s *runningSandbox) switchFaults(names []string) error {
	err := s.faults.Set(names)
	if unknown, ok := errors.AsType[*faults.UnknownError](err); ok {
		return checkFaults([]string{unknown.Name})
	}
	return fault.WithCode(err, fault.Usage)
}

// faultsDocument lists what can be wrong.
type faultsDocument struct {
	Faults []faults.Fault `json:"faults"`
}

var _ report.Document = (*faultsDocument)(nil)

func newFaultsDocument() (*faultsDocument, error) {
	board, err := faultBoard()
	return &faultsDocument{board.All()}, err
}

// RenderText writes a name, a title and an effect for each.
func (d *faultsDocument) RenderText(w io.Writer, s ui.Styles) error {
	side := ""
	for _, f := range d.Faults {
		if f.Side != side {
			side = f.Side
			if _, err := fmt.Fprintf(w, "%s\n", s.Title(side)); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %s  %s\n    %s\n", s.Code(f.ID), f.Title, s.Dim(f.Effect)); err != nil {
			return err
		}
	}
	return nil
}
