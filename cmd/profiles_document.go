package cmd

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// profilesDocument is what became of a run for each profile, by name.
type profilesDocument struct {
	ExitCode fault.Code       `json:"exit_code"` // the worst
	Shard    string           `json:"shard"`     // as --shard has it; empty: all profiles
	Profiles []profileOutcome `json:"profiles"`

	begin bool // results begin with their verdict
}

// profileOutcome is what became of one run. Error is null where Result says all.
type profileOutcome struct {
	Profile  string          `json:"profile"`
	ExitCode fault.Code      `json:"exit_code"`
	Error    *errorDetails   `json:"error"`
	Result   report.Document `json:"result"` // as the command writes it for one; null: there is none
}

var _ report.Document = (*profilesDocument)(nil)

// ends takes over what a run ended with.
func (o *profileOutcome) ends(err error) {
	o.ExitCode = fault.CodeOf(err)
	if err != nil && !fault.IsQuiet(err) {
		o.Error = &newErrorDocument(err, o.ExitCode, fault.Hints(err)).Error
	}
}

// conclude takes the worst exit code for the whole.
func (d *profilesDocument) conclude() {
	for _, o := range d.Profiles {
		d.ExitCode = fault.Worst(d.ExitCode, o.ExitCode)
	}
}

// RenderText writes a verdict, and a line for each profile.
func (d *profilesDocument) RenderText(w io.Writer, s ui.Styles) error {
	if _, err := fmt.Fprintln(w, d.verdict(s)); err != nil || len(d.Profiles) == 0 {
		return err
	}
	rows := make([][]string, 0, len(d.Profiles))
	for _, o := range d.Profiles {
		line, err := o.line(d.begin)
		if err != nil {
			return err
		}
		rows = append(rows, []string{ui.Printable(o.Profile), strconv.Itoa(int(o.ExitCode)), line})
	}
	return s.Table(w, []string{"PROFILE", "EXIT", "RESULT"}, rows)
}

func (d *profilesDocument) verdict(s ui.Styles) string {
	count := phrase.Count(len(d.Profiles), "profile", "profiles")
	if d.Shard != "" {
		count += " of shard " + d.Shard
	}
	failed := 0
	for _, o := range d.Profiles {
		if o.ExitCode != fault.OK {
			failed++
		}
	}
	if failed == 0 {
		return s.Good("ok:") + " " + count
	}
	return s.Bad("not ok:") + fmt.Sprintf(" %d of %s; the worst exit code is %d", failed, count, d.ExitCode)
}

// line is what became of the run in one line: the verdict of the result, with which
// it begins or ends, or what went wrong.
func (o *profileOutcome) line(begins bool) (string, error) {
	if o.Error != nil {
		line, _, _ := strings.Cut(o.Error.Message, "\n")
		return ui.Printable(line), nil
	}
	switch result := o.Result.(type) {
	case nil:
		return "", nil
	case interface{ Headline() string }:
		return ui.Printable(result.Headline()), nil
	}
	var text strings.Builder
	if err := o.Result.RenderText(&text, ui.Plain()); err != nil {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if begins {
		return lines[0], nil
	}
	return lines[len(lines)-1], nil
}
