package authentik

import "slices"

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
	if schedule := a.scheduleOf(o); k.path == pathSCIM && schedule != nil {
		a.remove(a.kinds[pathSchedules], schedule)
		a.removeTasks(ofSchedule(schedule))
		a.removeTasks(ofProvider(o))
	}
}

func (a *Authentik) removeTasks(of owner) {
	for _, t := range slices.Clone(a.state.Objects[pathTasks]) {
		if of.has(t) {
			a.remove(a.kinds[pathTasks], t)
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
