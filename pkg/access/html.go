package access

import (
	"bytes"
	_ "embed" // the template
	"html/template"
	"strings"
)

//go:embed review.html.tmpl
var source string

// HTML is the review as one file that loads nothing and runs nothing: its policy
// forbids all but its own style. html/template escapes what it shows. It has a column
// to sign off, and prints.
func (r *Review) HTML() ([]byte, error) {
	functions := template.FuncMap{
		"join":  func(texts []string) string { return strings.Join(texts, ", ") },
		"lines": func(text string) []string { return strings.Split(text, "\n") },
		"state": Source.state, "sentence": sentence,
	}
	t, err := template.New("review").Funcs(functions).Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, r.page())
	return out.Bytes(), err
}
