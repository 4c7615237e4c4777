package apply

import (
	"context"
	"errors"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// Failure is a change that could not be made. Kind is the key of the plan that
// the change stands under. Uncertain says that Sentry did not answer: it may have
// been done.
type Failure struct {
	Kind      string   `json:"kind"`
	Change    string   `json:"change"`
	Error     string   `json:"error"`
	Hints     []string `json:"hints"`
	Uncertain bool     `json:"uncertain"`

	Code fault.Code `json:"-"`
}

// Label says in words what is known of the change.
func (f Failure) Label() string {
	if f.Uncertain {
		return "may have been done"
	}
	return "failed"
}

// Sentence is the change and why it failed, to stand behind the label.
func (f Failure) Sentence() string {
	if f.Uncertain {
		return f.Change + ": " + f.Error
	}
	return "could not " + f.Change + ": " + f.Error
}

// record counts a change that was made, or keeps why it was not, and reports
// which. A refused credential ends the run: nothing else would succeed.
func (a *applier) record(err error, change string, count func(*plan.Counts)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		count(&a.out.Applied)
		return true
	}
	if fault.CodeOf(err) == fault.Credential && a.fatal == nil {
		a.fatal = err
		a.stop()
	}
	var one plan.Counts
	count(&one)
	f := Failure{Kind: one.Kind(), Change: change, Error: fault.Text(err), Hints: append([]string{}, fault.Hints(err)...), Code: fault.CodeOf(err)}
	f.Uncertain = unanswered(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		f.Error = "the run ended before Sentry answered"
		if e, ok := errors.AsType[*answer.UnreachableError](err); ok && e.Status != 0 {
			f.Error = e.Error() // it did answer, with failures
		}
	}
	a.out.Failed = append(a.out.Failed, f)
	return false
}

// took notes a change that takes something away, if it was made or may have been.
func (a *applier) took(err error, note func(*plan.Plan)) {
	if err == nil || unanswered(err) {
		a.locked(func() { note(a.out.Taken) })
	}
}

func behindProxy(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusGatewayTimeout
}

// unanswered reports whether it is not known what became of a request. A proxy
// that got no answer from Sentry knows as little.
func unanswered(err error) bool {
	if e, ok := errors.AsType[*scim.APIError](err); ok && behindProxy(e.Status) {
		return true
	}
	if e, ok := errors.AsType[*sentryapi.APIError](err); ok && behindProxy(e.Status) {
		return true
	}
	_, lost := errors.AsType[*answer.UnreachableError](err)
	_, garbled := errors.AsType[*answer.UnreadableError](err)
	return lost || garbled || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
