package runreport

import (
	"bytes"
	_ "embed" // the template
	"html/template"
	"math"
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
		Chart []pair
	}{p, chart(p)})
	return out.Bytes(), err
}

// pair is a figure as two bars.
type pair struct {
	Name string
	Bars []bar
}

type bar struct {
	Class       string // of the stylesheet
	When, Value string
	Percent     float64 // of the width that there is
}

// chart draws the figures, all in one scale: the longest bar has the whole width.
// A number that is not zero has a bar that can be seen.
func chart(p *page) []pair {
	const seen, whole = 0.5, 100.0
	scale := 1
	for _, f := range p.Figures {
		scale = max(scale, value(f.Before), value(f.After))
	}
	drawn := func(class, when string, n *int) bar {
		b := bar{Class: class, When: when, Value: number(n)}
		if value(n) > 0 {
			b.Percent = max(seen, math.Round(10*whole*float64(value(n))/float64(scale))/10)
		}
		return b
	}
	pairs := make([]pair, 0, len(p.Figures))
	for _, f := range p.Figures {
		pairs = append(pairs, pair{f.Name, []bar{drawn("before", "Before", f.Before), drawn("after", p.After, f.After)}})
	}
	return pairs
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
