package cmd

import (
	"bytes"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// showInActions writes a result for the runner of GitHub Actions, which looks
// for commands in it. JSON stays the same data.
func (a *app) showInActions(doc report.Document) error {
	var out bytes.Buffer
	if err := report.Write(&out, a.term.OutStyles(), a.format, doc); err != nil {
		return err
	}
	text := out.String()
	switch a.format {
	case report.Text:
		text = ui.Harmless(text)
	case report.JSON:
		text = strings.ReplaceAll(text, "##[", `#\u0023[`)
	}
	_, err := a.term.Out.Write([]byte(text))
	return err
}
