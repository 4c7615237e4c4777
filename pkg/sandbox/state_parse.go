package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ParseState reads a state from JSON. Absent keys are as in [DefaultState];
// unknown ones, words and references that mean nothing, and ids or addresses
// that come twice are errors, which name the place, such as members[2].role.
func ParseState(data []byte) (State, error) {
	state := DefaultState("")
	file := struct {
		*State
		Members         []json.RawMessage `json:"members"`
		OtherOrgMembers []json.RawMessage `json:"other_org_members"`
		Teams           []json.RawMessage `json:"teams"`
		Projects        []json.RawMessage `json:"projects"`
		AuditLog        []json.RawMessage `json:"audit_log"`
		RateLimit       json.RawMessage   `json:"rate_limit"`
	}{State: &state}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if err := strictObject(data, "state", &file, reflect.TypeFor[State]()); err != nil {
		return State{}, err
	}
	var err error
	if state.Members, err = strictList[Member](file.Members, "members"); err != nil {
		return State{}, err
	}
	if state.OtherOrgMembers, err = strictList[Member](file.OtherOrgMembers, "other_org_members"); err != nil {
		return State{}, err
	}
	if state.Teams, err = strictList[Team](file.Teams, "teams"); err != nil {
		return State{}, err
	}
	if state.Projects, err = strictList[Project](file.Projects, "projects"); err != nil {
		return State{}, err
	}
	if state.AuditLog, err = strictList[AuditEntry](file.AuditLog, "audit_log"); err != nil {
		return State{}, err
	}
	if len(file.RateLimit) > 0 && string(file.RateLimit) != "null" {
		state.RateLimit = &RateLimit{}
		if err := strictObject(file.RateLimit, "rate_limit", state.RateLimit, reflect.TypeFor[RateLimit]()); err != nil {
			return State{}, err
		}
	}
	state = state.withDefaults()
	return state, state.check()
}

func strictList[T any](raw []json.RawMessage, place string) ([]T, error) {
	if raw == nil {
		return nil, nil
	}
	list := make([]T, len(raw))
	for i, item := range raw {
		if err := strictObject(item, fmt.Sprintf("%s[%d]", place, i), &list[i], reflect.TypeFor[T]()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// strictObject decodes an object into target and refuses keys that the type
// keys has no field for. The decoder's own refusal would not say where.
func strictObject(data []byte, place string, target any, keys reflect.Type) error {
	var found map[string]json.RawMessage
	if err := json.Unmarshal(data, &found); err != nil {
		return explainJSON(err, data, place)
	}
	if found == nil {
		return fmt.Errorf("%s: wanted an object, found null", place)
	}
	known := jsonKeys(keys)
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%s: unknown key %q: wanted one of %s", place, key, strings.Join(known, ", "))
		}
	}
	if err := json.Unmarshal(data, target); err != nil {
		return explainJSON(err, data, place)
	}
	return nil
}

func jsonKeys(t reflect.Type) []string {
	keys := make([]string, 0, t.NumField())
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

func explainJSON(err error, data []byte, place string) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field != "" {
			place += "." + strings.TrimPrefix(wrong.Field, "State.")
		}
		return fmt.Errorf("%s: wanted %s, found a JSON %s", place, jsonName(wrong.Type), wrong.Value)
	}
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		at := min(max(int(broken.Offset), 0), len(data))
		return fmt.Errorf("%s: wanted JSON, found an error in line %d: %w", place, 1+bytes.Count(data[:at], []byte("\n")), err)
	}
	return fmt.Errorf("%s: %w", place, err)
}

func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	default:
		return "a string"
	}
}
