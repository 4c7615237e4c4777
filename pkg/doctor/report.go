package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Report is what an examination came to.
type Report struct {
	Verdict  Verdict `json:"verdict"`  // the worst of all; OK beside what was not checked
	Headline string  `json:"headline"` // the verdict in a sentence
	Counts   Counts  `json:"counts"`

	StartedAt time.Time `json:"started_at"`
	Requests  int       `json:"requests"` // that were sent
	Problems  []Problem `json:"problems"` // the likely root cause first
	Results   []Result  `json:"results"`  // of all checks, in the order of the catalogue

	metadata []byte
}

// Metadata is the identity provider's, as it was read; nil where there was none to
// be read. It comes from outside.
func (r *Report) Metadata() []byte { return r.metadata }

// Counts are how many results have a verdict. A fault that another one explains
// counts as well.
type Counts struct {
	OK        int `json:"ok"`
	Warning   int `json:"warning"`
	Failed    int `json:"failed"`
	Unchecked int `json:"unchecked"`
}

// Problem is a fault that nothing else explains, with those that it explains.
type Problem struct {
	Result

	Consequences []Result `json:"consequences"`
}

// newReport folds results, which are in the order of the catalogue.
func newReport(results []Result) *Report {
	r := &Report{Verdict: OK, Problems: []Problem{}, Results: clean(results)}
	for i := range r.Results {
		if root := r.rootOf(r.Results[i]); root != nil {
			r.Results[i].Cause = root.Code
		}
	}
	for _, result := range r.Results {
		r.count(result.Verdict)
		if result.problem() && result.Cause == "" {
			r.Problems = append(r.Problems, Problem{Result: result, Consequences: []Result{}})
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return rank(a.Verdict) - rank(b.Verdict) })
	for _, result := range r.Results {
		for i := range r.Problems {
			if result.Cause == r.Problems[i].Code {
				r.Problems[i].Consequences = append(r.Problems[i].Consequences, result)
			}
		}
	}
	if len(r.Problems) > 0 {
		r.Verdict = r.Problems[0].Verdict
	}
	r.Headline = r.headline()
	return r
}

func rank(v Verdict) int { return slices.Index([]Verdict{Failed, Warning, OK, Unchecked}, v) }

func (r *Report) count(v Verdict) {
	*map[Verdict]*int{OK: &r.Counts.OK, Warning: &r.Counts.Warning, Failed: &r.Counts.Failed, Unchecked: &r.Counts.Unchecked}[v]++
}

// maxText is how long a text of a result is at most, in runes.
const maxText = 4000

// clean makes every text one line that can be shown anywhere.
func clean(results []Result) []Result {
	cleaned := make([]Result, 0, len(results))
	for _, r := range results {
		for _, text := range []*string{&r.Saw, &r.Wanted, &r.Fix, &r.Why} {
			*text = short(ui.Printable(strings.Join(strings.Fields(fault.Harmless(*text)), " ")))
		}
		cleaned = append(cleaned, r)
	}
	return cleaned
}

// short is a text without what is beyond maxText.
func short(text string) string {
	runes := []rune(text)
	if len(runes) <= maxText {
		return text
	}
	return string(runes[:maxText]) + "…"
}

// rootOf follows the causes of a result to their end, nil where it has none. A
// cause stands before its consequences in the catalogue, so that there is an end.
func (r *Report) rootOf(of Result) *Result {
	if of.Verdict == OK {
		return nil
	}
	for _, code := range of.causes {
		for i := range r.Results {
			cause := &r.Results[i]
			if !cause.explains(of, code) {
				continue
			}
			if root := r.rootOf(*cause); root != nil {
				return root
			}
			return cause
		}
	}
	return nil
}

// explains reports whether r is the cause of that code. A warning explains no
// failure: what it warns of works.
func (r Result) explains(other Result, code string) bool {
	return r.is(code) && r.Code != other.Code && (r.Verdict == Failed || r.Verdict == Warning && other.Verdict == Warning)
}

// headline is the first line that anybody reads.
func (r *Report) headline() string {
	rest := ""
	if r.Counts.Unchecked > 0 {
		rest = fmt.Sprintf("; %d not checked", r.Counts.Unchecked)
	}
	if len(r.Problems) == 0 {
		return "ok: " + phrase.Count(r.Counts.OK, "check", "checks") + " found nothing wrong" + rest
	}
	first := r.Problems[0]
	text := string(first.Verdict) + ": " + first.Code + ": " + first.Saw
	if more := len(r.Problems) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text + rest
}

// Err is what the program ends with: fault.Findings where a check failed, and with
// strict also where one warns or was not made.
func (r *Report) Err(strict bool) error {
	if r.Counts.Failed > 0 || strict && r.Counts.Warning+r.Counts.Unchecked > 0 {
		return fault.Quiet(fault.Findings)
	}
	return nil
}
