package runreport

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// page is what Markdown and HTML show. All texts are clean.
type page struct {
	Job      string // what the run was, before the name of the organization
	Title    string
	Headline string
	Good     bool
	After    string // what the numbers after are: found or planned
	Changes  string // what the groups are: made or planned
	Facts    []fact
	Figures  []figure
	Errors   []string // why the run was refused or ended
	Hints    []string
	Groups   []group // those with changes
	Guards   []guard
	Failed   []apply.Failure
	Missing  []string     // what verification did not find
	Skipped  [][][]string // reason, names
	Notes    []string
}

type fact struct{ Name, Value string }

// figure is a number of things before and after; nil is not known.
type figure struct {
	Name          string
	Before, After *int
}

// clean makes text from outside harmless for whoever reads it: one line, without
// characters that reorder or hide others.
func clean(text string) string { return ui.Printable(text) }

func cleanAll(texts []string) []string {
	cleaned := make([]string, 0, len(texts))
	for _, text := range texts {
		cleaned = append(cleaned, clean(text))
	}
	return cleaned
}

func (r *Run) page() *page {
	o := r.outcome()
	p := &page{
		Job: "SCIM push into", Headline: r.Headline(), Good: o.good(), After: "After", Changes: "What changed and why",
		Facts: r.facts(), Figures: r.figures(), Errors: r.errors(), Hints: cleanAll(r.Hints),
		Missing: cleanAll(r.Unverified), Notes: cleanAll(r.Notes), Skipped: r.skipped(), Guards: r.guards(),
	}
	if r.Kind == output.KindRestore {
		p.Job = "SCIM restore into"
	}
	p.Title = p.Job + " " + clean(r.Org)
	if o == dryRun {
		p.After, p.Changes = "Planned", "What is planned and why"
	}
	if o == refused {
		p.Changes = "What was planned, and not written"
	}
	for _, g := range r.groups() {
		if g.Count > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	for _, f := range r.Failed {
		p.Failed = append(p.Failed, apply.Failure{Change: clean(f.Change), Error: clean(f.Error), Hints: cleanAll(f.Hints), Uncertain: f.Uncertain})
	}
	return p
}

// errors are the refusals of the guards, or else what ended the run. Errors
// that were joined stand on a line each.
func (r *Run) errors() []string {
	if len(r.Refused) > 0 {
		return cleanAll(r.Refused)
	}
	lines := strings.Split(r.Error, "\n")
	return cleanAll(slices.DeleteFunc(lines, func(line string) bool { return line == "" }))
}

func (r *Run) facts() []fact {
	source := "Directory"
	if r.Kind == output.KindRestore {
		source = "Snapshot that was restored"
	}
	facts := []fact{
		{"Organization", clean(r.Org)},
		{"Sentry", clean(r.SentryURL)},
		{source, clean(r.Source)},
		{"Began", r.StartedAt.Format(time.RFC3339)},
		{"Took", (time.Duration(r.Duration) * time.Millisecond).String()},
		{"Reading took", (time.Duration(r.Reading) * time.Millisecond).String()},
		{"Requests", r.requests()},
		{"Verified", r.verified()},
	}
	if r.Snapshot != "" {
		facts = append(facts, fact{"Snapshot of Sentry before", clean(r.Snapshot)})
	}
	if n := r.Uncertain(); n > 0 {
		facts = append(facts, fact{"May have been done", strconv.Itoa(n)})
	}
	return append(facts, fact{"Exit code", strconv.Itoa(int(r.ExitCode))}, fact{"sentryidp", clean(r.Version)})
}

func (r *Run) requests() string {
	text := strconv.Itoa(r.Requests.Total)
	var kinds []string
	for _, method := range slices.Sorted(maps.Keys(r.Requests.ByMethod)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", method, r.Requests.ByMethod[method]))
	}
	if len(kinds) > 0 {
		text += " (" + strings.Join(kinds, ", ") + ")"
	}
	return text
}

func (r *Run) verified() string {
	switch {
	case r.Before == nil || !r.Verified && (r.DryRun || r.outcome() == refused):
		return "nothing to verify"
	case r.Verified:
		return "yes: " + r.Reached()
	}
	return "no"
}

// figures is nothing where Sentry could not be read.
func (r *Run) figures() []figure {
	if r.Before == nil {
		return nil
	}
	figures := []figure{{"Members", &r.Before.Members, nil}, {"Teams", &r.Before.Teams, nil}, {"Memberships in teams", &r.Before.Memberships, nil}}
	if r.After != nil {
		figures[0].After, figures[1].After, figures[2].After = &r.After.Members, &r.After.Teams, &r.After.Memberships
	}
	return figures
}

func (r *Run) skipped() [][][]string {
	byReason := map[string][]string{}
	for _, s := range r.Skipped {
		byReason[s.Reason] = append(byReason[s.Reason], clean(s.Who))
	}
	return rows(byReason)
}
