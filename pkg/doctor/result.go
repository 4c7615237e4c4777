// Package doctor examines a single sign-on between authentik and Sentry, and says
// what is wrong with it: everything is read at once, within a bound, and then
// judged by checks that ask the other packages. What one fault explains is
// folded under it. It changes nothing, and makes no client: it is handed them.
package doctor

import "strings"

// Verdict is what a check came to.
type Verdict string

// The verdicts.
const (
	OK        Verdict = "ok"
	Warning   Verdict = "warning"   // it works, and will hurt
	Failed    Verdict = "failed"    // something does not work
	Unchecked Verdict = "unchecked" // and Why says why
)

// Side is where the fault of a check is mended.
type Side string

// The sides.
const (
	Local     Side = "local"
	Sentry    Side = "sentry"
	Authentik Side = "authentik"
	Both      Side = "both"
)

// Certainty is how sure a verdict is of its cause.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain"  // what was seen is the fault
	Likely   Certainty = "likely"   // another cause looks the same, and is rare
	Possible Certainty = "possible" // several causes look the same
)

// Result is what a check found. Code is that of the check, or the check's with a
// detail behind a slash: sentry-tls/expired. A check that finds several faults has
// several results.
type Result struct {
	Code      string    `json:"code"`
	Check     string    `json:"check"`
	Title     string    `json:"title"` // of the check
	Side      Side      `json:"side"`
	Verdict   Verdict   `json:"verdict"`
	Saw       string    `json:"saw"`
	Wanted    string    `json:"wanted"`    // empty unless there is a fault
	Fix       string    `json:"fix"`       // a command, a setting or clicks; empty unless there is a fault
	Why       string    `json:"why"`       // why it was not checked
	Certainty Certainty `json:"certainty"` // empty unless there is a fault
	Cause     string    `json:"cause"`     // code of the result that explains this one; empty for a cause of its own

	causes []string // codes that would explain it, the likeliest first
	own    bool     // no other fault explains it
}

// problem reports whether somebody has to look after it.
func (r Result) problem() bool { return r.Verdict == Failed || r.Verdict == Warning }

// is reports whether the result has the code, or is of the check of that code.
func (r Result) is(code string) bool { return r.Code == code || strings.HasPrefix(r.Code, code+"/") }

// fine is a result without a fault.
func fine(saw string) Result { return Result{Verdict: OK, Saw: saw, Certainty: Certain} }

// unchecked is a result that nothing could be said of.
func unchecked(why string) Result { return Result{Verdict: Unchecked, Why: why} }

// fail is a fault of something that does not work. detail follows the code of
// the check.
func fail(detail, saw, wanted, fix string) Result {
	return Result{Code: detail, Verdict: Failed, Saw: saw, Wanted: wanted, Fix: fix, Certainty: Certain}
}

// warn is a fault of something that works.
func warn(detail, saw, wanted, fix string) Result {
	r := fail(detail, saw, wanted, fix)
	r.Verdict = Warning
	return r
}

// sure sets the certainty.
func (r Result) sure(c Certainty) Result {
	r.Certainty = c
	return r
}

// because adds codes that would explain the result, before those of its check.
func (r Result) because(codes ...string) Result {
	r.causes = append(r.causes, codes...)
	return r
}

// alone says that no other fault explains the result.
func (r Result) alone() Result {
	r.own = true
	return r
}

// one is a list of a single result.
func one(r Result) []Result { return []Result{r} }

// orFine returns the results, or what was seen where there are none.
func orFine(results []Result, saw string) []Result {
	if len(results) == 0 {
		return one(fine(saw))
	}
	return results
}
