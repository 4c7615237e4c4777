package guide

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Tick notes what an examination saw of each step. A check that was not made
// proves nothing.
func (g *Guide) Tick(r *doctor.Report) {
	started := r.StartedAt
	g.CheckedAt, g.Requests = &started, r.Requests
	for i := range g.all {
		g.all[i].State, g.all[i].Finding = g.judge(g.all[i], r.Results)
	}
	g.offer(string(r.Metadata()))
	g.choose()
}

// maxPasted is how much metadata is offered to be pasted, in bytes.
const maxPasted = 64 << 10

// offer adds the metadata to Sentry's form, which takes it in the place of its
// address. Metadata that cannot be shown to the letter is left out.
func (g *Guide) offer(metadata string) {
	odd := strings.ContainsFunc(metadata, func(r rune) bool { return r != '\n' && r != '\t' && ui.IsControl(r) })
	if metadata == "" || len(metadata) > maxPasted || odd || !utf8.ValidString(metadata) {
		return
	}
	for i := range g.all {
		if s := &g.all[i]; s.Key == g.form {
			s.Actions = append(s.Actions, Action{
				Text: "If Sentry cannot fetch the metadata, paste the XML in the place of its address:", File: metadata, Commands: []string{}, Values: []Value{},
			})
		}
	}
}

// choose keeps the steps of the audience, and marks the next.
func (g *Guide) choose() {
	g.Steps, g.Counts, g.Next = []Step{}, Counts{}, 0
	for _, s := range g.all {
		if (g.For == Authentik || g.For == Sentry) && !slices.Contains(s.audiences, g.For) {
			continue
		}
		switch s.State {
		case Done:
			g.Counts.Done++
		case Open:
			g.Counts.Open++
		case Unknown:
			g.Counts.Unknown++
		}
		g.Steps = append(g.Steps, s)
	}
	for _, wanted := range []State{Open, Unknown} {
		i := slices.IndexFunc(g.Steps, func(s Step) bool { return s.State == wanted })
		if i >= 0 && g.Next == 0 {
			g.Steps[i].Next, g.Next = true, g.Steps[i].Number
		}
	}
	g.Headline = g.headline()
}

func (g *Guide) headline() string {
	total := len(g.Steps)
	if g.Next == 0 {
		return fmt.Sprintf("All %d steps are done", total)
	}
	text := fmt.Sprintf("%d of %s done. Next: %d. %s", g.Counts.Done, phrase.Count(total, "step is", "steps are"), g.Next, g.all[g.Next-1].Title)
	if g.Counts.Unknown > 0 {
		text += fmt.Sprintf(" (%d not checked)", g.Counts.Unknown)
	}
	return text
}

// judge looks for the results of a step.
func (g *Guide) judge(s Step, results []doctor.Result) (State, Finding) {
	var faults, undone, unknown []doctor.Result
	seen := map[string]bool{}
	proven := false
	for _, r := range results {
		proven = proven || slices.Contains(s.proofs, r.Check) && r.Verdict == doctor.OK
		mine := slices.Contains(s.Checks, r.Check) && !slices.Contains(s.aside, r.Code)
		seen[r.Check] = seen[r.Check] || slices.Contains(s.Checks, r.Check)
		switch {
		case !mine && !named(s.faults, r):
		case slices.Contains(s.undone, r.Code), s.sets != "" && r.Why == s.sets+" is not set":
			undone = append(undone, r)
		case r.Verdict == doctor.Failed || r.Verdict == doctor.Warning:
			faults = append(faults, r)
		case r.Verdict == doctor.Unchecked && mine:
			unknown = append(unknown, r)
		}
	}
	switch {
	case len(faults) > 0:
		return Open, g.finding(s, first(faults), results)
	case proven:
		return Done, Finding{}
	case len(undone) > 0:
		return Open, g.finding(s, undone[0], results)
	case len(unknown) > 0:
		return Unknown, g.finding(s, first(unknown), results)
	case slices.ContainsFunc(s.Checks, func(code string) bool { return !seen[code] }):
		return Unknown, Finding{Why: "its checks were left out"}
	}
	return Done, Finding{}
}

// named reports whether a result has one of the codes, or is of such a check.
func named(codes []string, r doctor.Result) bool {
	return slices.Contains(codes, r.Code) || slices.Contains(codes, r.Check)
}

// first is the first result that nothing explains, or else the first.
func first(results []doctor.Result) doctor.Result {
	if i := slices.IndexFunc(results, func(r doctor.Result) bool { return r.Cause == "" }); i >= 0 {
		return results[i]
	}
	return results[0]
}

// finding puts a result into words: its own, or the step that it follows from.
func (g *Guide) finding(s Step, r doctor.Result, all []doctor.Result) Finding {
	f := Finding{Code: r.Code, Saw: r.Saw, Fix: r.Fix, Why: r.Why}
	if f.Saw == "" && slices.Contains(s.undone, r.Code) {
		f.Saw, f.Why = r.Why, ""
	}
	if f.Why != "" {
		f.Look = g.look(s, r.Why)
	}
	i := slices.IndexFunc(all, func(other doctor.Result) bool { return other.Code == r.Cause })
	if r.Cause == "" || i < 0 {
		return f
	}
	root := all[i]
	if owner := g.owner(root); owner != 0 && owner != s.Number {
		f.After = owner
		return f
	}
	return Finding{Code: root.Code, Saw: root.Saw, Fix: root.Fix}
}

// owner is the number of the step to which a fault belongs, 0 for none.
func (g *Guide) owner(r doctor.Result) int {
	for _, s := range g.all {
		if named(s.faults, r) || slices.Contains(s.Checks, r.Check) && !slices.Contains(s.aside, r.Code) {
			return s.Number
		}
	}
	return 0
}

// look says what would let a check be made that was not.
func (g *Guide) look(s Step, why string) string {
	for _, lack := range []struct{ part, key, needs string }{
		{"--offline", "", "leave --offline out"},
		{"sentry.api.token", keyTokens, "a token of Sentry"},
		{"authentik.token", keyTokens, "a token of authentik"},
		{"sentry.scim.token", keyScim, "the SCIM token"},
		{"the SCIM token cannot be used", keyScim, "the SCIM token"},
		{"authentik's token cannot be used", keyTokens, "a token of authentik"},
		{"authentik.url", keySettings, "authentik's address"},
		{"no identity provider is named", keySettings, "authentik's address"},
		{"no organization is named", keySettings, "the organization"},
	} {
		if !strings.Contains(why, lack.part) {
			continue
		}
		if lack.part == "sentry.api.token" && g.Script {
			lack.needs += " or --sentry-report"
		}
		if number := g.Step(lack.key).Number; number != 0 && number != s.Number {
			return fmt.Sprintf("%s: see step %d", lack.needs, number)
		}
		return lack.needs
	}
	return ""
}
