package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SettingsTable returns the settings as a Markdown table.
func SettingsTable() string {
	var t strings.Builder
	t.WriteString("| setting | variable | flag | default | meaning |\n|---|---|---|---|---|\n")
	for _, s := range Settings() {
		flag := ""
		if s.Flag != "" {
			flag = "`--" + s.Flag + "`"
		}
		fmt.Fprintf(&t, "| `%s` | %s | %s | %s | %s |\n", s.Path, s.variables(), flag, s.defaultText(), s.meaning())
	}
	return t.String()
}

func (s Setting) variables() string {
	switch {
	case s.Type == Object:
		return ""
	case s.Type == Secret:
		return "`" + s.Env() + "`, `" + s.Env() + fileSuffix + "`"
	}
	return "`" + s.Env() + "`"
}

// meaning is the description without the marks of flags' value names.
func (s Setting) meaning() string { return strings.ReplaceAll(s.Description, "`", "") }

func (s Setting) defaultText() string {
	switch v := s.Default.(type) {
	case nil:
		return ""
	case string:
		if v == "" {
			return ""
		}
		return "`" + v + "`"
	case []string:
		if len(v) == 0 {
			return ""
		}
		return "`" + strings.Join(v, ",") + "`"
	case []Role:
		return ""
	default:
		return fmt.Sprintf("`%v`", v)
	}
}

// EnvironmentHelp returns the variables as text for a terminal.
func EnvironmentHelp() string {
	var t strings.Builder
	t.WriteString(`Every setting of the configuration files can be given as a variable. An empty
variable counts as unset, lists are separated by commas, and a variable that
begins with SENTRYIDP_ and is none of these is an error.
`)
	for _, s := range Settings() {
		if s.Type == Object {
			continue
		}
		fmt.Fprintf(&t, "\n  %s  (%s)\n      %s\n", s.Env(), s.Path, s.meaning())
		if s.Type == Secret {
			fmt.Fprintf(&t, "      %s%s names a file that holds it\n", s.Env(), fileSuffix)
		}
		if s.Conventional != "" {
			fmt.Fprintf(&t, "      %s stands in for it, as the last resort\n", s.Conventional)
		}
	}
	t.WriteString(`
  SENTRYIDP_CONFIG
      stands in for --config
  SENTRYIDP_PROFILE
      stands in for --profile
  NO_COLOR, CLICOLOR_FORCE
      switch colours off or on`)
	return t.String()
}

// Schema returns the JSON Schema (draft 2020-12) of a configuration file.
func Schema() ([]byte, error) {
	root := schemaOf("")
	properties, _ := root["properties"].(map[string]any)
	properties["profiles"] = map[string]any{
		"type": []string{"object", "null"}, "description": "settings by the name of a profile, used with --profile",
		"additionalProperties": schemaOf(""),
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "sentryidp configuration"
	data, err := json.MarshalIndent(root, "", "  ")
	return append(data, '\n'), err
}

// schemaOf is the schema of the settings below path.
func schemaOf(path string) map[string]any {
	properties := map[string]any{}
	for _, s := range Settings() {
		rest, below := s.Path, true
		if path != "" {
			rest, below = strings.CutPrefix(s.Path, path+".")
		}
		if !below {
			continue
		}
		word, deeper, nested := strings.Cut(rest, ".")
		switch {
		case !nested:
			properties[word] = s.schema()
		case properties[word] == nil && deeper != "":
			properties[word] = schemaOf(join(path, word))
		}
	}
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties}
}

func (s Setting) schema() map[string]any {
	schema := s.typeSchema()
	schema["description"] = s.meaning()
	if s.Default != nil && s.Default != "" {
		schema["default"] = s.Default
	}
	if s.Example != nil {
		schema["examples"] = []any{s.Example}
	}
	return schema
}

func (s Setting) typeSchema() map[string]any {
	text := map[string]any{"type": "string", "minLength": 1}
	switch s.Type {
	case Bool:
		return map[string]any{"type": []string{"boolean", "null"}}
	case Int:
		return map[string]any{"type": []string{"integer", "null"}, "minimum": 0}
	case Amount:
		return map[string]any{"type": []string{"string", "integer", "null"}, "pattern": amount.String(), "minimum": 0}
	case List:
		return map[string]any{"type": []string{"array", "null"}, "items": text}
	case Roles:
		entry := object(map[string]any{"group": text, "role": text})
		entry["required"] = []string{"group", "role"}
		return map[string]any{"type": []string{"array", "null"}, "items": entry}
	case Secret:
		entry := object(map[string]any{
			"env": text, "file": text, "keyring": map[string]any{"type": "string", "pattern": "/"},
			"command": map[string]any{"type": "array", "items": text, "minItems": 1},
		})
		entry["minProperties"], entry["maxProperties"] = 1, 1
		return map[string]any{"anyOf": []any{entry, map[string]any{"type": []string{"string", "null"}}}}
	case Object:
		return map[string]any{"type": []string{"object", "null"}, "maxProperties": 0}
	case String:
	}
	if len(s.Enum) > 0 {
		words := []any{nil}
		for _, word := range s.Enum {
			words = append(words, word)
		}
		return map[string]any{"enum": words}
	}
	return map[string]any{"type": []string{"string", "null"}}
}

func object(properties map[string]any) map[string]any {
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}
