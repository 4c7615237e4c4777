package config

import "slices"

// ProfileNames returns the names of the profiles that Load could use, sorted. Of
// files that have mistakes, it returns what can be read.
func ProfileNames(in Input) []string {
	r := newReader()
	trust, _ := OpenTrust(in.Env) // a name is no setting: files that nobody trusts have some too
	var names []string
	for _, file := range r.files(r.find(in), trust, in.Within) {
		for _, p := range file.profiles {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
