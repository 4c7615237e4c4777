package runreport

import (
	"bytes"
	_ "embed" // the template
	"html/template"
	"strings"
)

//go:embed report.html.tmpl
var source string

// openRows is how many rows a table may have to be shown unfolded.
const openRows = 50

// html is one file that loads nothing and runs nothing: its policy forbids all
// but its own style. html/template escapes what it shows.
func (r *Run) html() ([]byte, error) {
	functions := template.FuncMap{
		"join":   func(names []string) string { return strings.Join(names, ", ") },
		"open":   func(rows [][][]string) bool { return len(rows) <= openRows },
		"number": number,
	}
	t, err := template.New("report").Funcs(functions).Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	p := r.page()
	err = t.Execute(&out, struct {
		*page
		Chart *chart
	}{p, newChart(p)})
	return out.Bytes(), err
}

// chart is the figures as bars, in units of an SVG.
type chart struct {
	Height int
	Bars   []bar
}

type bar struct {
	Class, Label    string // of the stylesheet; only the first of a pair has a label
	When, Value     string
	Y, TextY, Width int
}

// newChart draws a pair of bars for each figure, each pair in its own scale: an
// organization has far more members than teams.
func newChart(p *page) *chart {
	const widest, height, gap = 360, 22, 14
	c := &chart{Height: gap}
	for _, f := range p.Figures {
		scale := max(1, value(f.Before), value(f.After))
		add := func(class, label, when string, n *int) {
			c.Bars = append(c.Bars, bar{
				Class: class, Label: label, When: when, Value: number(n),
				Y: c.Height, TextY: c.Height + height - 6, Width: widest * value(n) / scale,
			})
			c.Height += height + 2
		}
		add("before", f.Name, "Before", f.Before)
		add("after", "", p.After, f.After)
		c.Height += gap
	}
	return c
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
