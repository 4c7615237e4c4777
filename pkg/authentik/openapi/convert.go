package openapi

import (
	"maps"
	"slices"
)

// converter turns the schemas of OpenAPI 3.0 into those of JSON Schema, as requests
// or as answers have them.
type converter struct {
	release string
	answer  bool
}

// document converts the whole file: whatever stands under "schema", and each of the
// components.
func (c converter) document(doc map[string]any) any {
	out := map[string]any{}
	for name, value := range doc {
		switch inner, isObject := value.(map[string]any); {
		case name == "schema" && isObject:
			out[name] = c.schema(inner)
		case name == "schemas" && isObject:
			schemas := map[string]any{}
			for component, schema := range inner {
				schemas[component] = c.component(component, schema.(map[string]any)) //nolint:forcetypeassert // a component is an object
			}
			out[name] = schemas
		case isObject:
			out[name] = c.document(inner)
		default:
			if items, isList := value.([]any); isList {
				value = c.items(items)
			}
			out[name] = value
		}
	}
	return out
}

func (c converter) items(items []any) []any {
	out := make([]any, 0, len(items))
	for _, item := range items {
		if inner, isObject := item.(map[string]any); isObject {
			item = c.document(inner)
		}
		out = append(out, item)
	}
	return out
}

func (c converter) component(name string, schema map[string]any) any {
	schema = maps.Clone(schema)
	if properties, has := schema["properties"].(map[string]any); has {
		schema["properties"] = mended(c.release, name, properties)
	}
	return c.schema(schema)
}

// schema converts one schema. What it says for people is left out, and so is what a
// request or an answer does not have.
func (c converter) schema(s map[string]any) any {
	if to, is := s["$ref"].(string); is {
		return map[string]any{"$ref": to}
	}
	out := map[string]any{}
	for _, name := range []string{"type", "enum", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"} {
		if value, has := s[name]; has {
			out[name] = value
		}
	}
	for _, name := range []string{"allOf", "anyOf", "oneOf"} {
		if list, has := s[name].([]any); has {
			schemas := make([]any, 0, len(list))
			for _, one := range list {
				schemas = append(schemas, c.schema(one.(map[string]any))) //nolint:forcetypeassert // a schema is an object
			}
			out[name] = schemas
		}
	}
	if items, has := s["items"].(map[string]any); has {
		out["items"] = c.schema(items)
	}
	c.object(s, out)
	alternatives := []any{out}
	if s["nullable"] == true {
		alternatives = append(alternatives, map[string]any{"type": "null"})
	}
	if blank(s) {
		alternatives = append(alternatives, map[string]any{"const": ""})
	}
	if len(alternatives) > 1 {
		return map[string]any{"anyOf": alternatives}
	}
	return out
}

// blank reports whether a text with a format may be empty: drf-spectacular, which
// writes the file, says so by leaving minLength out, as for any text
// (ENFORCE_NON_BLANK_FIELDS in its settings.py), and Django's validators are not
// asked about what is blank.
func blank(s map[string]any) bool {
	_, bounded := s["minLength"]
	return (s["format"] == "email" || s["format"] == "uri") && !bounded
}

// object converts what is said of fields. Fields that are not named are none,
// unless the schema says otherwise.
func (c converter) object(s, out map[string]any) {
	more, open := s["additionalProperties"]
	if inner, isSchema := more.(map[string]any); isSchema {
		more = c.schema(inner)
	}
	properties, has := s["properties"].(map[string]any)
	if open {
		out["additionalProperties"] = more
	} else if has {
		out["additionalProperties"] = false
	}
	if !has {
		return
	}
	fields, gone := map[string]any{}, map[string]bool{}
	for name, value := range properties {
		field := value.(map[string]any) //nolint:forcetypeassert // a schema is an object
		gone[name] = field["writeOnly"] == true && c.answer || field["readOnly"] == true && !c.answer
		if !gone[name] {
			fields[name] = c.schema(field)
		}
	}
	out["properties"] = fields
	if required, has := s["required"].([]any); has {
		out["required"] = slices.DeleteFunc(slices.Clone(required), func(name any) bool { return gone[name.(string)] }) //nolint:forcetypeassert // a name
	}
}
