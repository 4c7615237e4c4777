package authentik

import (
	"fmt"
	"slices"
)

// delete takes an object away, and what hangs on it, as the database does: what
// cannot be without it goes too, other references to it become empty.
func (a *Authentik) delete(k *kind, o Object) {
	a.remove(k, o)
	for _, other := range kinds() {
		for _, f := range other.fields {
			if f.to == k.path || f.to == pathProviders && (k.path == pathSAML || k.path == pathSCIM) {
				a.detach(other, f, o[k.key()])
			}
		}
	}
	for _, path := range []string{pathSchedules, pathTasks} {
		for _, run := range slices.Clone(a.state.Objects[path]) {
			if k.path == pathSCIM && run["rel_obj_id"] == fmt.Sprint(o[pk]) {
				a.remove(a.kinds[path], run)
			}
		}
	}
}

// detach empties a field of all objects that refer to key.
func (a *Authentik) detach(k *kind, f field, key any) {
	for _, o := range slices.Clone(a.state.Objects[k.path]) {
		switch several, _ := o[f.name].([]any); {
		case f.shape == many && slices.Contains(several, key):
			o[f.name] = slices.DeleteFunc(slices.Clone(several), func(other any) bool { return other == key })
		case f.shape == one && o[f.name] == key && (f.required || k.path == pathBindings):
			a.delete(a.kinds[k.path], o)
		case f.shape == one && o[f.name] == key:
			o[f.name] = nil
		}
	}
	a.forget()
}
