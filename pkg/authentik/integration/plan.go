package integration

import "slices"

// Action is what a step does.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	InSync Action = "in_sync"
)

// Step is what becomes of one object.
type Step struct {
	Kind    Kind     `json:"kind"`
	Name    string   `json:"name"`
	Action  Action   `json:"action"`
	Changes []Change `json:"changes"`
	// Kept are the choices that nobody named and that are not as they would be made.
	Kept []KeptField `json:"kept"`
	// Recognized says how an object was found that has not the name that was looked
	// for, or is not as it would be made; it is empty for any other.
	Recognized string `json:"recognized"`
	// Untold are the fields that authentik does not tell, so that they stay.
	Untold []Untold `json:"untold"`
	// Foreign says why the object, which exists, looks like somebody else's; it is
	// empty for our own.
	Foreign string `json:"foreign"`
	// Loosens says why the step changes who gets in beyond what is named; it is empty
	// where it does not.
	Loosens string `json:"loosens"`

	id string
}

// Change is a field that changes. References are told by name, and secrets
// masked.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// KeptField is a field that keeps its value. Default is what it would be on a new
// object.
type KeptField struct {
	Field   string `json:"field"`
	Value   string `json:"value"`
	Default string `json:"default"`
}

// Plan is the steps in the order of applying.
type Plan struct {
	Steps []Step `json:"steps"`
}

// Pending returns the steps that change something.
func (p *Plan) Pending() []Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Action == InSync })
}

// Foreign returns the steps that change what looks like somebody else's.
func (p *Plan) Foreign() []Step {
	return slices.DeleteFunc(p.Pending(), func(s Step) bool { return s.Foreign == "" })
}

// Loosening returns the steps that let in more people than are named.
func (p *Plan) Loosening() []Step {
	return slices.DeleteFunc(p.Pending(), func(s Step) bool { return s.Loosens == "" })
}

// step returns the step of the object with the ID, nil for none.
func (p *Plan) step(id string) *Step {
	for i := range p.Steps {
		if p.Steps[i].id == id {
			return &p.Steps[i]
		}
	}
	return nil
}

// changes reports whether a field of the object with the ID changes on an object
// that exists.
func (p *Plan) changes(id, field string) bool {
	s := p.step(id)
	return s != nil && s.Action == Update && slices.ContainsFunc(s.Changes, func(c Change) bool { return c.Field == field })
}
