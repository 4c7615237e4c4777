package mapping

import "github.com/sentryidp/sentryidp/pkg/directory"

// Step is an expression that was evaluated for a person or, for the name of a
// team and the role in it, one of their groups. Result is the text (string), truth value (bool) or
// list of texts ([]string) that it made, or nil, and Error is why it made none.
type Step struct {
	Setting    Setting `json:"setting"`
	Expression string  `json:"expression"`
	Group      string  `json:"group,omitempty"`
	Result     any     `json:"result"`
	Error      string  `json:"error"`
}

// Explain evaluates all expressions for a person and their groups, whether they
// are needed or not.
func (r *Rules) Explain(p directory.Person) []Step {
	steps := []Step{}
	if r == nil {
		return steps
	}
	environment := environmentOf(p)
	for _, each := range []*program{r.include, r.email, r.emails, r.active, r.role} {
		if each != nil {
			steps = append(steps, each.step(environment))
		}
	}
	for _, name := range p.Groups {
		step := r.team.step(groupEnvironment{Group: group{Name: name}})
		step.Group = name
		steps = append(steps, step)
	}
	if r.teamRole == nil {
		return steps
	}
	for _, name := range p.Groups {
		step := r.teamRole.step(membershipEnvironment{User: environment.User, Group: group{Name: name}})
		step.Group = name
		steps = append(steps, step)
	}
	return steps
}

func (p *program) step(environment any) Step {
	s := Step{Setting: p.setting, Expression: p.text}
	result, err := p.run(environment)
	if err != nil {
		s.Error = err.Error()
		return s
	}
	s.Result = result
	return s
}
