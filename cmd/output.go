package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// outputAnnotation marks a command with the formats that it writes.
const outputAnnotation = "sentryidp_output"

// writes is the annotation of a command whose result does not have just the
// formats that every document has.
func writes(formats ...report.Format) map[string]string {
	return map[string]string{outputAnnotation: strings.Join(words(formats), ",")}
}

// everyDocument are the formats that every document has, and more.
func everyDocument(more ...report.Format) []report.Format {
	return append([]report.Format{report.Text, report.JSON, report.YAML}, more...)
}

// formatsOf lists the values of --output of a command.
func formatsOf(cmd *cobra.Command) []string {
	if list, ok := cmd.Annotations[outputAnnotation]; ok {
		return strings.Split(list, ",")
	}
	return words(everyDocument())
}

func words[T ~string](values []T) []string {
	list := make([]string, 0, len(values))
	for _, value := range values {
		list = append(list, string(value))
	}
	return list
}

// offerOutput gives each command below cmd an --output of its own: what it cannot
// write is neither offered nor accepted, and is refused before it does anything.
func (a *app) offerOutput(cmd *cobra.Command) {
	for _, child := range cmd.Commands() {
		a.offerOutput(child)
	}
	if cmd.HasSubCommands() || !cmd.Runnable() {
		return
	}
	formats := formatsOf(cmd)
	cmd.Flags().VarP(enum(&a.format, report.Text, formats), "output", "o", "write the result in this format")
	completeValues(cmd, "output", formats)
}

// flagError also finds the --output that stands behind the flag that is wrong:
// the error is a document too.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	a.format = formatIn(a.args, a.format)
	return flagError(cmd, err)
}

// formatIn is the last JSON or YAML that args ask for, or else format.
func formatIn(args []string, format report.Format) report.Format {
	for i, word := range args {
		if word == "--" {
			break
		}
		value := outputValue(word, args[i+1:])
		if f := report.Format(value); f == report.JSON || f == report.YAML {
			format = f
		}
	}
	return format
}

// outputValue is the value of --output or -o in word or in the word after it,
// empty where word is something else. Before -o may stand the shorthands without
// a value: -qo json.
func outputValue(word string, next []string) string {
	value, found := strings.CutPrefix(word, "--output")
	if !found && strings.HasPrefix(word, "-") {
		value, found = strings.CutPrefix(strings.TrimLeft(word[1:], "qv"), "o")
	}
	switch {
	case !found:
		return ""
	case value == "" && len(next) > 0:
		return next[0]
	}
	return strings.TrimPrefix(value, "=")
}

// errorDocument is the document of a run that ended before it had a result.
type errorDocument struct {
	Error errorDetails `json:"error"`
}

// errorDetails are the exit code, the words that standard error has, the advice,
// and each problem by itself where there are several.
type errorDetails struct {
	Code     fault.Code `json:"code"`
	Message  string     `json:"message"`
	Hints    []string   `json:"hints"`
	Problems []string   `json:"problems"`
}

func newErrorDocument(err error, code fault.Code, hints []string) *errorDocument {
	details := errorDetails{Code: code, Message: fault.Text(err), Hints: []string{}, Problems: []string{}}
	for _, hint := range hints {
		details.Hints = append(details.Hints, fault.Harmless(hint))
	}
	for _, problem := range fault.Problems(err) {
		details.Problems = append(details.Problems, fault.Harmless(problem))
	}
	return &errorDocument{details}
}

// RenderText writes the words.
func (d *errorDocument) RenderText(w io.Writer, _ ui.Styles) error {
	_, err := fmt.Fprintln(w, ui.Printable(d.Error.Message))
	return err
}

// end shows the document of a run that changes something and returns what the run
// ends with: err, or that the document was not written, with the higher code.
func (a *app) end(doc report.Document, err error) error {
	shown := a.show(doc)
	if shown == nil || err != nil && errors.Is(shown, syscall.EPIPE) {
		return err
	}
	lost := fault.Hint(fmt.Errorf("the result was not written: %w", shown), "what was applied stands")
	if err != nil && !fault.IsQuiet(err) {
		lost = errors.Join(err, lost)
	}
	return fault.WithCode(lost, max(fault.CodeOf(lost), fault.CodeOf(err)))
}

// checkOutput finds out before anything is changed whether standard output takes
// the result.
func (a *app) checkOutput() error {
	stream := a.term.Out
	if counted, is := stream.(*counter); is {
		stream = counted.to
	}
	if err := ui.CheckRoom(stream); err != nil {
		return fault.Hint(fmt.Errorf("the result cannot be written: %w", err), "nothing was changed; free some space, or name another file")
	}
	return nil
}

// counter knows what standard output was given.
type counter struct {
	to    io.Writer
	bytes int
	err   error // the last
}

// Write passes data on.
func (c *counter) Write(data []byte) (int, error) {
	n, err := c.to.Write(data)
	c.bytes += n
	if err != nil {
		c.err = err
	}
	return n, err
}
