package provision

import (
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The kinds of report.
const (
	KindPush    = "push"    // of a directory
	KindRestore = "restore" // of a snapshot
)

// Report is the document of a push, or of a restore.
type Report struct {
	Kind      string    `json:"kind"`
	Org       string    `json:"org"`
	SentryURL string    `json:"sentry_url"`
	DryRun    bool      `json:"dry_run"`
	Source    string    `json:"source"`
	Plan      *Plan     `json:"plan"`
	Skipped   []Skipped `json:"skipped"`
	Notes     []string  `json:"notes"` // what whoever reads the report should know beside
	Refused   []string  `json:"refused"`
	Applied   Counts    `json:"applied"`
	Failed    []Failure `json:"failed"`
	Requests  Requests  `json:"requests"`
	Duration  int64     `json:"duration_ms"`

	// Before is how much Sentry held, nil when it could not be read. After is how
	// much it was found to hold in the end, or with DryRun would hold; nil when
	// the run ended before Sentry was read again.
	Before *Size `json:"before"`
	After  *Size `json:"after"`

	// Verified says that Sentry was found to hold what was planned: after a push
	// by reading it again, and when there was nothing to do by what was read.
	Verified bool `json:"verified"`
	// Unverified is what reading again found missing.
	Unverified []string `json:"unverified"`
	// Snapshot is the file with Sentry's side as it was, if people were removed.
	Snapshot string `json:"snapshot"`
}

// NewReport is the report of a push that has not begun: no list is nil.
func NewReport(sentryURL, org, source string) *Report {
	return &Report{
		Kind: KindPush, Org: org, SentryURL: sentryURL, Source: source, Plan: emptyPlan(), Requests: Requests{ByMethod: map[string]int{}},
		Skipped: []Skipped{}, Notes: []string{}, Refused: []string{}, Failed: []Failure{}, Unverified: []string{},
	}
}

// Failure is a change that could not be made. Kind is the key of the plan that
// the change stands under.
type Failure struct {
	Kind   string `json:"kind"`
	Change string `json:"change"`
	Error  string `json:"error"`

	err error
}

// Requests counts what was sent, repeated attempts included.
type Requests struct {
	Total    int            `json:"total"`
	ByMethod map[string]int `json:"by_method"`
}

// outcome is the error that a report ends with: nil when all is done.
func (r *Report) outcome(fatal error) error {
	applied := r.Applied.Total()
	switch {
	case fatal != nil && applied == 0:
		return fatal
	case fatal != nil:
		return fault.WithCode(fatal, fault.Partial)
	case len(r.Failed) > 0 && applied == 0:
		return fault.Quiet(firstCode(r.Failed))
	case len(r.Failed) > 0 || len(r.Unverified) > 0:
		return fault.Quiet(fault.Partial)
	}
	return nil
}

func firstCode(failed []Failure) fault.Code { return fault.CodeOf(failed[0].err) }
