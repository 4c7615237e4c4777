package authentik

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// Object is one object of the API, by its fields.
type Object = map[string]any

// State is what an authentik holds. Objects are kept by collection, such as
// "core/users", in the order of creation; fields that are left out have their
// defaults, and keys (pk) are made where there are none.
type State struct {
	Objects map[string][]Object `json:"objects"`
	// Passing names who passes an expression policy, by the UUID of the policy.
	Passing map[string][]string `json:"passing,omitempty"`
	// Denied are collections that the token has no permission for.
	Denied []string `json:"denied,omitempty"`
	// Visible are the keys of the objects that the token may view, by collection:
	// it has permissions on these objects in place of the global one. Of
	// collections that are not named it may view all, and so may a superuser's
	// token of each.
	Visible map[string][]any `json:"visible,omitempty"`
	// NoDefaultAccess is the flag core_default_app_access switched off: nobody may
	// use an application without bindings.
	NoDefaultAccess bool `json:"no_default_access,omitempty"`
	// Owner is the username of whom the token belongs to.
	Owner string `json:"owner"`
}

// ParseState reads a state from JSON.
func ParseState(data []byte) (State, error) {
	var s State
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&s); err != nil {
		return State{}, err
	}
	if !errors.Is(decoder.Decode(&struct{}{}), io.EOF) {
		return State{}, errors.New("something follows the state")
	}
	return s, nil
}

// Snapshot is a copy of what is held now.
func (a *Authentik) Snapshot() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	text, err := json.Marshal(a.state)
	if err != nil {
		panic(err) // everything in a state came from JSON or is plain
	}
	s, err := ParseState(text)
	if err != nil {
		panic(err)
	}
	return s
}

// load takes the state's objects in, collection by collection, so that those
// that others refer to come first.
func (a *Authentik) load() error {
	given := a.state.Objects
	a.state.Objects = map[string][]Object{}
	for path := range given {
		if a.kinds[path] == nil {
			return fmt.Errorf("objects: want a collection such as core/users, found %q", path)
		}
	}
	for path := range a.state.Visible {
		if a.kinds[path] == nil {
			return fmt.Errorf("visible: expected a collection such as core/users but found %q", path)
		}
	}
	for _, k := range kinds() {
		for i, raw := range given[k.path] {
			if err := a.take(k, raw); err != nil {
				return fmt.Errorf("objects: %s[%d]: %w", k.path, i, err)
			}
		}
	}
	return nil
}

func (a *Authentik) take(k *kind, raw Object) error {
	o := k.fresh()
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		value := raw[name]
		f, known := k.field(name)
		if !known {
			o[name] = plain(value)
			continue
		}
		clean, problems := f.clean(a, value)
		if len(problems) > 0 {
			return fmt.Errorf("%s: %v", name, problems)
		}
		o[name] = clean
	}
	if n, ok := o[pk].(int); ok {
		a.lastPK = max(a.lastPK, n)
	}
	return a.insert(k, o)
}

// plain turns numbers of JSON into ints where they are whole.
func plain(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := strconv.Atoi(n.String()); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}

// insert gives o a key where it has none, and keeps it.
func (a *Authentik) insert(k *kind, o Object) error {
	if o[k.key()] == nil {
		if k.numbered {
			o[k.key()] = a.number()
		} else {
			o[k.key()] = a.uuid()
		}
	}
	key := fmt.Sprint(o[k.key()])
	if a.rows[k.path][key] != nil {
		return fmt.Errorf("%s is there twice", key)
	}
	a.rows[k.path][key] = o
	a.state.Objects[k.path] = append(a.state.Objects[k.path], o)
	a.forget()
	return nil
}

func (a *Authentik) remove(k *kind, o Object) {
	delete(a.rows[k.path], fmt.Sprint(o[k.key()]))
	a.state.Objects[k.path] = slices.DeleteFunc(a.state.Objects[k.path], func(other Object) bool { return other[k.key()] == o[k.key()] })
	a.forget()
}

// find returns the object of a collection with that key, or nil.
func (a *Authentik) find(path string, key any) Object { return a.rows[path][fmt.Sprint(key)] }

// Edit lets change alter what is held, unchecked: as somebody with the database
// at hand could.
func (a *Authentik) Edit(change func(*State)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.state)
	a.forget()
}
