// Package report writes results: one document, as text, Markdown or HTML for people, or
// as JSON, YAML, CSV, shell variables, SARIF or JUnit XML for programs. It knows no
// document.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Format is a value of --output.
type Format string

// The formats. Env exists only for documents that are an EnvDocument, and so on
// for SARIF, Markdown, JUnit, HTML and CSV.
const (
	Text     Format = "text"
	JSON     Format = "json"
	YAML     Format = "yaml"
	Env      Format = "env"
	SARIF    Format = "sarif"
	Markdown Format = "markdown"
	JUnit    Format = "junit"
	HTML     Format = "html"
	CSV      Format = "csv"
)

// Formats lists the values of --output.
func Formats() []string {
	return []string{string(Text), string(JSON), string(YAML), string(Env), string(SARIF), string(Markdown), string(JUnit), string(HTML), string(CSV)}
}

// Document is a result. Its JSON and YAML come from its fields; text may show
// less than they do, never more.
type Document interface {
	RenderText(w io.Writer, s ui.Styles) error
}

// Variable is one shell variable.
type Variable struct{ Name, Value string }

// EnvDocument is a document that a shell can read.
type EnvDocument interface {
	Document
	Variables() []Variable
}

// SARIFDocument is a list of findings that code scanners show. SARIF returns
// its log, version 2.1.0, ready to be written as JSON.
type SARIFDocument interface {
	Document
	SARIF() any
}

// MarkdownDocument is a document that stands in a page, such as a job's summary
// or a ticket. Markdown returns it as GitHub Flavored Markdown.
type MarkdownDocument interface {
	Document
	Markdown() []byte
}

// JUnitDocument is a list of verdicts that build servers show. JUnit returns it
// as XML.
type JUnitDocument interface {
	Document
	JUnit() ([]byte, error)
}

// HTMLDocument is a document that is a page by itself. HTML returns one file that
// loads nothing.
type HTMLDocument interface {
	Document
	HTML() ([]byte, error)
}

// CSVDocument is a document that is a table for spreadsheets. CSV returns it (RFC
// 4180), with no cell that a spreadsheet would take for a formula.
type CSVDocument interface {
	Document
	CSV() ([]byte, error)
}

// Write writes doc to w in the given format, in one piece: a document that
// cannot be rendered leaves w untouched.
func Write(w io.Writer, s ui.Styles, format Format, doc Document) error {
	var out bytes.Buffer
	if err := render(&out, s, format, doc); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

func render(out *bytes.Buffer, s ui.Styles, format Format, doc Document) error {
	switch format {
	case Text:
		return doc.RenderText(out, s)
	case JSON:
		return renderJSON(out, doc)
	case YAML:
		return renderYAML(out, doc)
	case Env:
		return renderEnv(out, doc)
	case SARIF, Markdown, JUnit, HTML, CSV:
		return renderSpecial(out, format, doc)
	}
	return fault.Usagef("unknown output format: expected one of %s, found %q", strings.Join(Formats(), ", "), format)
}

// renderSpecial writes the formats that few documents have.
func renderSpecial(out *bytes.Buffer, format Format, doc Document) error {
	if d, ok := doc.(SARIFDocument); ok && format == SARIF {
		return renderJSON(out, d.SARIF())
	}
	if d, ok := doc.(MarkdownDocument); ok && format == Markdown {
		out.Write(d.Markdown())
		return nil
	}
	if d, ok := doc.(JUnitDocument); ok && format == JUnit {
		xml, err := d.JUnit()
		out.Write(xml)
		return err
	}
	if d, ok := doc.(HTMLDocument); ok && format == HTML {
		page, err := d.HTML()
		out.Write(page)
		return err
	}
	if d, ok := doc.(CSVDocument); ok && format == CSV {
		table, err := d.CSV()
		out.Write(table)
		return err
	}
	return unsupported(format)
}

func unsupported(format Format) error {
	return fault.Hint(fault.Usagef("this command has no output for --output %s", format), "use --output json")
}

func renderEnv(out *bytes.Buffer, doc Document) error {
	vars, ok := doc.(EnvDocument)
	if !ok {
		return unsupported(Env)
	}
	for _, v := range vars.Variables() {
		fmt.Fprintf(out, "%s=%s\n", v.Name, quote(v.Value))
	}
	return nil
}

// quote returns text as one word of a POSIX shell, unquoted where nothing in
// it means anything to a shell.
func quote(text string) string {
	const safe = "%+,-./:=@_"
	plain := text != "" && !slices.ContainsFunc([]rune(text), func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(safe, r)
	})
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
