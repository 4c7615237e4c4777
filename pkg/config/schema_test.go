package config_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/config"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sentryidp.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sentryidp.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// inJSON is a YAML file as a validator of JSON Schema sees it.
func inJSON(t *testing.T, text string) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestTheSchemaAgreesWithTheReader holds an editor's verdict to that of Load.
func TestTheSchemaAgreesWithTheReader(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for text, good := range map[string]bool{
		whole: true, "": true, "sentry:": true, "sentry: {org: null}": true, "profiles:": true, "$schema: x": true, "$schema: 1": false, "$schema: null": false, "$schema: ''": false, "profiles: {p: {$schema: x}}": false, "profiles: {p: }": true, "{}": true,
		"allow_literal_secrets: true\nsentry: {scim: {token: x}}": true,
		"sentry: {scim: {token: {env: A}}}":                       true,
		"sentry: {scim: {token: {command: [op, '']}}}":            true,
		"sentry: {scim: {token: {keyring: a/b/c}}}":               true,
		"scim: {source: '', groups: [], roles: []}":               true,
		"scim: {guard: {max_removals: 12.5%}}":                    true,
		"scim: {guard: {max_removals: 100}}":                      true,
		"scim: {mapping: {}}":                                     true,
		"scim: {mapping: {email: lower(user.email), role: ''}}":   true,

		"[]": false, "sentry: acme": false, "sentri: {}": false, "sentry: {orgg: x}": false, "sentry: {org: 1}": false,
		"sentry.org: x": false, "sentry: {url: ''}": false, "authentik: {application: ''}": false, "profiles: []": false,
		"profiles: {p: {orgg: x}}": false, "profiles: {p: {profiles: {}}}": false, "profiles: {p: 1}": false,
		"sentry: {scim: {token: ''}}": false, "sentry: {scim: {token: 1}}": false, "sentry: {scim: {token: {}}}": false,
		"sentry: {scim: {token: {env: A, file: b}}}": false, "sentry: {scim: {token: {vault: b}}}": false,
		"sentry: {scim: {token: {env: ''}}}": false, "sentry: {scim: {token: {keyring: a}}}": false,
		"sentry: {scim: {token: {keyring: a/}}}": false, "sentry: {scim: {token: {command: []}}}": false,
		"sentry: {scim: {token: {command: ['']}}}": false, "sentry: {scim: {token: {command: op}}}": false,
		"scim: {remove: all}": false, "scim: {remove: ''}": false, "scim: {groups: a}": false, "scim: {groups: ['']}": false, "scim: {groups: [1]}": false,
		"scim: {mapping: {a: b}}": false, "scim: {mapping: {active: true}}": false, "scim: {mapping: {team: ''}}": false, "scim: {roles: [{group: a}]}": false, "scim: {roles: [{group: a, role: owner}]}": false,
		"scim: {roles: [{group: a, role: admin, x: y}]}": false, "scim: {guard: {max_removals: 101%}}": false,
		"scim: {guard: {max_removals: -1}}": false, "scim: {guard: {max_removals_floor: -1}}": false,
		"scim: {guard: {max_removals_floor: 1.5}}": false, "scim: {guard: {allow_empty: 'yes'}}": false,
	} {
		bySchema := schema.Validate(inJSON(t, text))
		_, byLoad := config.Load(config.Input{File: write(t, filepath.Join(t.TempDir(), "c.yaml"), text)})
		if (bySchema == nil) != good || (byLoad == nil) != good {
			t.Errorf("%q: want good %v\nschema: %v\nload: %v", text, good, bySchema, byLoad)
		}
	}
}

// TestExamplesAndDefaultsAreGood holds the table of settings to its own rules.
func TestExamplesAndDefaultsAreGood(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, s := range config.Settings() {
		if s.Description == "" || strings.HasSuffix(s.Description, ".") || strings.Contains(s.Description, "|") {
			t.Errorf("%s: the description is %q", s.Path, s.Description)
		}
		if s.Type == config.Secret && s.Flag != "" {
			t.Errorf("%s: a flag takes a secret", s.Path)
		}
		for _, value := range []any{s.Example, s.Default} {
			if value == nil {
				continue
			}
			data, err := json.Marshal(nest(s.Path, value))
			if err != nil {
				t.Fatal(err)
			}
			if s.Type == config.String && value == "" {
				continue // not set
			}
			if err := schema.Validate(inJSON(t, string(data))); err != nil {
				t.Errorf("%s: %v", s.Path, err)
			}
			load(t, config.Input{File: write(t, filepath.Join(t.TempDir(), "c.json"), string(data))})
		}
	}
}

func TestTheSchemaIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	first, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	second, err := config.Schema()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two schemas differ: %v", err)
	}
	if !bytes.HasPrefix(first, []byte("{\n")) || !bytes.HasSuffix(first, []byte("}\n")) {
		t.Errorf("the schema is no indented JSON document: %.40s…", first)
	}
}
