// Package output is what a run tells: the documents of a push, a restore and a
// comparison, and their text.
package output

import (
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// The kinds of report.
const (
	KindPush    = "push"    // of a directory
	KindRestore = "restore" // of a snapshot
)

// Report is the document of a push, or of a restore.
type Report struct {
	Kind      string            `json:"kind"`
	Org       string            `json:"org"`
	SentryURL string            `json:"sentry_url"`
	DryRun    bool              `json:"dry_run"`
	Source    string            `json:"source"`
	Plan      *plan.Plan        `json:"plan"`
	Guards    plan.Verdicts     `json:"guards"`
	Skipped   []desired.Skipped `json:"skipped"`
	Notes     []string          `json:"notes"` // what whoever reads the report should know beside
	Refused   []string          `json:"refused"`
	Applied   plan.Counts       `json:"applied"`
	Failed    []apply.Failure   `json:"failed"`
	Requests  Requests          `json:"requests"`
	// Duration is that of the whole run, Reading the part of it before a plan was
	// made, in milliseconds.
	Duration int64 `json:"duration_ms"`
	Reading  int64 `json:"reading_ms"`

	// Before is how much Sentry held, nil when it could not be read. After is how
	// much it was found to hold in the end, or with DryRun would hold; nil when
	// the run ended before Sentry was read again.
	Before *plan.Size `json:"before"`
	After  *plan.Size `json:"after"`

	// Verified says that Sentry was found to hold what was planned: after a push
	// by reading it again, and when there was nothing to do by what was read.
	Verified bool `json:"verified"`
	// Unverified is what reading again found missing.
	Unverified []string `json:"unverified"`
	// Snapshot is the file with Sentry's side as it was, if anything was taken away.
	Snapshot string `json:"snapshot"`
}

// NewReport is the report of a push that has not begun: no list is nil.
func NewReport(sentryURL, org, source string) *Report {
	return &Report{
		Kind: KindPush, Org: org, SentryURL: sentryURL, Source: source, Plan: plan.New(), Requests: Requests{ByMethod: map[string]int{}},
		Guards: plan.Verdicts{}, Skipped: []desired.Skipped{}, Notes: []string{}, Refused: []string{}, Failed: []apply.Failure{}, Unverified: []string{},
	}
}

// Requests counts what was sent, repeated attempts included.
type Requests struct {
	Total    int            `json:"total"`
	ByMethod map[string]int `json:"by_method"`
}

// Uncertain are the changes that may have been made although Sentry did not
// answer.
func (r *Report) Uncertain() int {
	n := 0
	for _, f := range r.Failed {
		if f.Uncertain {
			n++
		}
	}
	return n
}

// Complete reports whether all of the plan was done and found to be so.
func (r *Report) Complete() bool { return len(r.Failed) == 0 && len(r.Unverified) == 0 && r.Verified }

// Done returns in words what was done, what failed, and what may have been done.
func (r *Report) Done() string {
	uncertain := r.Uncertain()
	failed := len(r.Failed) - uncertain
	var parts []string
	switch {
	case r.Applied.Total() > 0:
		parts = append(parts, r.Applied.Done())
	case len(r.Failed) == 0:
		parts = append(parts, "nothing was written")
	case uncertain == 0:
		parts = append(parts, "nothing changed")
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	if uncertain > 0 {
		parts = append(parts, fmt.Sprintf("may have been done: %d", uncertain))
	}
	return strings.Join(parts, "; ")
}

// Reached says what holds when nothing is left to do.
func (r *Report) Reached() string {
	if r.Kind == KindRestore {
		return "Sentry has all that the snapshot has"
	}
	return "Sentry is as the directory says"
}

// Outcome is the error that a report ends with: nil when all is done. A run that
// ended early is only partly applied (fault.Partial) once anything was written,
// or may have been.
func (r *Report) Outcome(fatal error) error {
	written := r.Applied.Total() + r.Uncertain()
	switch {
	case fatal != nil && written == 0:
		return fatal
	case fatal != nil:
		return fault.WithCode(fatal, fault.Partial)
	case len(r.Failed) > 0 && written == 0:
		return fault.Quiet(r.Failed[0].Code)
	case len(r.Failed) > 0 || len(r.Unverified) > 0:
		return fault.Quiet(fault.Partial)
	}
	return nil
}
