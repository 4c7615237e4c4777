package config

import (
	"encoding/json"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// schemaKey is the key by which editors find the schema of a file.
const schemaKey = "$schema"

// schema is a part of a JSON Schema.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of a configuration file.
func Schema() ([]byte, error) {
	properties := below("")
	properties["profiles"] = schema{
		typeKey: []string{"object", "null"}, "description": "settings by the name of a profile, used with --profile",
		"additionalProperties": section(below("")),
	}
	properties[schemaKey] = text()
	properties[schemaKey]["description"] = "address of this schema, for editors; it sets nothing"
	root := section(properties)
	root[schemaKey] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "sentryidp configuration"
	data, err := json.MarshalIndent(root, "", "  ")
	return append(data, '\n'), err
}

// section is a mapping that has the given keys and no others.
func section(properties map[string]schema) schema {
	s := nullable("object")
	s["additionalProperties"], s["properties"] = false, properties
	return s
}

// typeKey is the keyword of JSON Schema for the type of a value.
const typeKey = "type"

// nullable is a value of a type of JSON, or nothing: a key without a value
// leaves the setting as it is.
func nullable(types ...string) schema { return schema{typeKey: append(types, "null")} }

func text() schema { return schema{typeKey: "string", "minLength": 1} }

// below returns the keys of the mapping at path.
func below(path string) map[string]schema {
	properties := map[string]schema{}
	for _, s := range Settings() {
		rest := s.Path
		if path != "" {
			var inside bool
			if rest, inside = strings.CutPrefix(s.Path, path+"."); !inside {
				continue
			}
		}
		word, _, nested := strings.Cut(rest, ".")
		switch {
		case !nested:
			properties[word] = s.schema()
		case properties[word] == nil:
			properties[word] = section(below(join(path, word)))
		}
	}
	return properties
}

func (s Setting) schema() schema {
	part := s.typeSchema()
	part["description"] = s.Meaning()
	if s.Default != nil && s.Default != "" {
		part["default"] = s.Default
	}
	if s.Example != nil {
		part["examples"] = []any{s.Example}
	}
	return part
}

func (s Setting) typeSchema() schema {
	var part schema
	switch s.Type {
	case Bool:
		part = nullable("boolean")
	case Int:
		part = nullable("integer")
		part["minimum"] = s.Least
		if s.Most > 0 {
			part["maximum"] = s.Most
		}
	case Amount:
		part = nullable("string", "integer")
		part["pattern"], part["minimum"] = amount().String(), 0
	case List:
		part = nullable("array")
		part["items"] = text()
	case Roles:
		part = rulesSchema("role", schema{"enum": sentry.Roles()})
	case Names:
		part = rulesSchema("team", text())
	case TeamRoles:
		part = teamRolesSchema()
	case Projects:
		part = projectsSchema()
	case Secret:
		literal := nullable("string")
		literal["minLength"] = 1
		part = schema{"anyOf": []schema{referenceSchema(), literal}}
	case String:
		part = s.textSchema()
	}
	return part
}

// rulesSchema is a list of what groups become, under the key what.
func rulesSchema(what string, value schema) schema {
	part := nullable("array")
	entry := section(map[string]schema{groupKey: text(), what: value})
	entry[typeKey], entry["required"] = "object", []string{groupKey, what}
	part["items"] = entry
	return part
}

// textSchema allows the empty text where the default is none.
func (s Setting) textSchema() schema {
	if len(s.Enum) == 0 {
		part := nullable("string")
		if s.Default != "" {
			part["minLength"] = 1
		}
		if s.pattern != nil {
			part["pattern"] = s.pattern().String()
		}
		return part
	}
	words := []any{nil}
	for _, word := range s.Enum {
		words = append(words, word)
	}
	if s.Default == "" {
		words = append(words, "")
	}
	return schema{"enum": words}
}

func referenceSchema() schema {
	reference := section(map[string]schema{
		"env": text(), "file": text(), "keyring": {typeKey: "string", "pattern": "^[^/]+/."},
		"command": {typeKey: "array", "prefixItems": []schema{text()}, "items": schema{typeKey: "string"}, "minItems": 1},
	})
	reference[typeKey], reference["minProperties"], reference["maxProperties"] = "object", 1, 1
	return reference
}
