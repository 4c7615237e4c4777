package ui

// Resize makes t a terminal of a width, with an environment.
func (t *Terminal) Resize(columns int, env ...string) {
	t.width, t.env = columns, env
	t.plain = !obeys(t.variable("TERM"))
}
