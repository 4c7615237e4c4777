package integration

import (
	"context"
	"fmt"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// held is the provider of the application while bindings are still to be made:
// authentik lets everybody use an application that nothing is bound to, so that one
// that was left half way must have no provider yet.
type held struct {
	fields authentik.Fields
	step   *Step // of which nothing was sent yet; nil: what is held is the rest of one
}

// back takes the provider out of what is sent for a step, if it has to wait.
func (h *held) back(p *Plan, o Object, step Step, send authentik.Fields) {
	provider, sent := send["provider"]
	binds := slices.ContainsFunc(p.Pending(), func(s Step) bool { return s.Kind == Binding })
	if o.Kind != Application || !sent || !binds {
		return
	}
	h.fields = authentik.Fields{"provider": provider}
	delete(send, "provider")
	if len(send) == 0 {
		h.step = &step
	}
}

// release sends what was held back, before the first object that comes after the
// bindings.
func (h *held) release(ctx context.Context, e *engine, report *Report) error {
	if h.fields == nil {
		return nil
	}
	application := e.desired.object(idApplication)
	err := e.change(ctx, *application, Step{Action: Update}, h.fields)
	if err != nil {
		return fmt.Errorf("give the application %s its provider: %w", application.Name, err)
	}
	if h.step != nil {
		report.Applied = append(report.Applied, *h.step)
	}
	*h = held{}
	return nil
}
