package guide

import (
	"bytes"
	_ "embed" // the template
	"html/template"
	"time"
)

//go:embed guide.html.tmpl
var source string

// section is a part of the guide on the page.
type section struct {
	Name   string
	SignOn bool // the picture of the login belongs to it
	SCIM   bool // the picture of the push belongs to it
	Steps  []Step
}

// HTML returns the guide as one page that loads nothing and runs nothing: its
// policy forbids all but its own style. html/template escapes what it shows.
func (g *Guide) HTML() ([]byte, error) {
	t, err := template.New("guide").Funcs(template.FuncMap{
		"words": func(s State) string { return map[State]string{Done: "Done", Open: "To do", Unknown: "Not checked"}[s] },
		"facts": Finding.facts,
		"long":  Action.long,
		"time":  func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
	}).Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		*Guide

		Sections []section
	}{g, g.sections()})
	return out.Bytes(), err
}

func (g *Guide) sections() []section {
	var list []section
	for _, s := range g.Steps {
		if len(list) == 0 || list[len(list)-1].Name != s.Part {
			list = append(list, section{Name: s.Part, SignOn: s.Part == partSignOn, SCIM: s.Part == partProvision})
		}
		last := &list[len(list)-1]
		last.Steps = append(last.Steps, s)
	}
	return list
}
