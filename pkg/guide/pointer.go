package guide

// Pointer is a step that comes next, in short.
type Pointer struct {
	Step    int     `json:"step"` // its number in the guide
	Title   string  `json:"title"`
	Command string  `json:"command"` // that shows the step whole
	Values  []Value `json:"values"`  // to type at Sentry
}

// AfterApply are the steps at Sentry that follow once authentik is as wanted, with
// the values that its forms ask for. Nobody looked whether they are done.
func AfterApply(s Settings) []Pointer {
	s.For = Sentry
	clicks, b := New(s), newBuilder(s)
	pointers := []Pointer{}
	for _, key := range []string{keySaml, keyScim} {
		step := clicks.Step(key)
		p := Pointer{Step: step.Number, Title: step.Title, Command: b.run("guide", "--for "+string(Sentry)), Values: []Value{}}
		if !s.Sentry.IsSaaS() {
			p.Command = b.run("guide", "--for "+string(SelfHosted))
		}
		for _, a := range step.Actions {
			for _, v := range a.Values {
				if v.Copy && v.Label != labelSetting && v.Label != labelVariable && v.Label != labelPage {
					p.Values = append(p.Values, v)
				}
			}
		}
		pointers = append(pointers, p)
	}
	return pointers
}
