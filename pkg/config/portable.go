package config

import "slices"

// Portable returns the settings that a file, a variable or a flag sets, for a run on
// another machine: nested as files have them, with the types of Value. The settings
// without are left out, and so are secrets, the permission to write them down, and
// state_dir, which each machine has its own of. scim.source is always in it, as its
// default depends on other settings.
func (l *Loaded) Portable(without ...string) map[string]any {
	given := layer{}
	for _, s := range Settings() {
		v, set := l.values[s.Path]
		switch {
		case !set, s.Type == Secret, s.Path == allowLiterals, s.Path == "state_dir", slices.Contains(without, s.Path):
		case v.origin.Kind == FromDefault && !v.derived, v.value == "":
		default:
			given[s.Path] = v
		}
	}
	return given.tree()
}
