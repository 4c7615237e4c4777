package authentik

import (
	"encoding/json"
	"reflect"
	"slices"
)

// differs reports whether anything of payload is not in known. Lists count as
// sets (authentik/lib/merge.py).
func differs(payload Object, known any) bool {
	before := plainJSON(known)
	merged, _ := plainJSON(known).(Object)
	if merged == nil {
		merged = Object{}
	}
	fields, _ := plainJSON(payload).(Object)
	merge(merged, fields)
	return !reflect.DeepEqual(any(merged), before)
}

// plainJSON is a copy of a value as JSON reads it.
func plainJSON(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var plain any
	if json.Unmarshal(data, &plain) != nil {
		return nil
	}
	return plain
}

// merge puts objects into objects, and of lists what is lacking.
func merge(into, from Object) {
	for name, value := range from {
		switch v := value.(type) {
		case Object:
			inner, _ := into[name].(Object)
			if inner == nil {
				inner = Object{}
			}
			merge(inner, v)
			into[name] = inner
		case []any:
			have, _ := into[name].([]any)
			for _, item := range v {
				if !slices.ContainsFunc(have, func(other any) bool { return reflect.DeepEqual(other, item) }) {
					have = append(have, item)
				}
			}
			into[name] = have
		default:
			into[name] = value
		}
	}
}

func withoutNulls(o Object) {
	for name, value := range o {
		switch v := value.(type) {
		case nil:
			delete(o, name)
		case Object:
			withoutNulls(v)
		}
	}
}
