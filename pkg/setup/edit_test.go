package setup_test

import (
	"reflect"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

// odd are files whose lines are not those of other files.
func odd() map[string]string {
	return map[string]string{
		"braces over lines":         "sentry: {org: old,\n  url: 'https://s.example.com',\n  release: '26.8.0'}\nscim: {remove: never}\n",
		"braces behind the key":     "sentry:\n  {org: old,\n   release: '26.8.0'}\nscim:\n  remove: never\n",
		"a list at the key's place": "authentik:\n  bind_groups:\n  - a\n  - b\n  application: old\nscim:\n  groups:\n  - c\n",
		"a list last":               "authentik:\n  application: old\n  bind_groups:\n  - a\n  - b\nscim:\n  groups:\n  - c\n",
		"a block with the key":      "scim:\n  mapping: |\n    # sentry:\n      # org: acme\n    sentry:\n      org: x\n  remove: never\nsentry:\n  release: '26.8.0'\n",
		"folded":                    "sentry:\n  org: >-\n    old\n  release: >-\n    26.8.0\nscim: {remove: never}\n",
		"a plain scalar over lines": "sentry:\n  release: 26.8.0\n   more\n  org:\n    old\nscim:\n  remove: never\n",
		"quoted keys":               "\"sentry\":\n  'org': old\n  \"release\": '26.8.0'\n'authentik': {'application': old}\n",
		"question marks":            "? sentry\n: org: old\n  release: '26.8.0'\n? scim\n: remove: never\n",
		"a document mark":           "# head\n---\nsentry:\n  org: old\n...\n",
		"a tag":                     "sentry: !!map\n  org: !!str old\n  release: '26.8.0'\n",
		"deep":                      "sentry:\n      org: old\n      scim:\n             token: {env: OLD}\n             url: 'https://x.example.com/'\nscim:\n        remove: never\n",
		"comments at the left":      "sentry:\n  org: old\n# sentry:\n#   org: other\n  release: '26.8.0'\n",
		"an empty section":          "sentry:\nauthentik: ~\nscim:\n  remove: never\n",
		"no line end":               "sentry:\n  org: old\n  release: '26.8.0'",
		"tabs behind":               "sentry:\t\n  org: old\t# c\n  release: '26.8.0'\n",
		"returns":                   "sentry:\r\n  org: old\r\n  release: '26.8.0'\r\n",
		"a mark":                    "\ufeffsentry:\n  org: old\n  release: '26.8.0'\n",
		"JSON":                      `{"sentry": {"org": "old", "release": "26.8.0"}, "scim": {"remove": "never"}}`,
		"the same key below":        "profiles:\n  sentry:\n    sentry:\n      org: p\nsentry:\n  org: old\n",
		"comments of a template":    "# sentry:\n  # org: x\n# authentik:\n  # url: y\nprofiles:\n  # sentry:\n    # org: z\n  a:\n    # sentry:\n    #   org: z\n    sentry: {org: p}\n",
	}
}

// answered are values, and nil for a setting that is left out.
func answered() map[string]any {
	return map[string]any{
		setup.Org: "new", setup.SentryURL: "https://new.example.com", setup.SCIMToken: secret.Reference{Env: "NEW"}, setup.AuthentikURL: "https://id.example.com",
		setup.BindGroups: []string{"one, two", "#three"}, setup.Application: nil,
	}
}

// TestAnEditChangesNothingElse, whatever the file looks like.
func TestAnEditChangesNothingElse(t *testing.T) {
	t.Parallel()
	for name, content := range odd() {
		for path, value := range answered() {
			given := setup.Answers{Values: map[string]any{path: "something"}}
			a := setup.Answers{Values: map[string]any{}}
			if value != nil {
				a.Values[path] = value
			}
			edited, err := setup.EditFile([]byte(content), given, a)
			if err != nil {
				t.Errorf("%s, %s: %v", name, path, err)
				continue
			}
			before, after := flat(t, name, content), flat(t, name+" edited", string(edited))
			delete(before, path)
			for at, v := range before {
				if at != path && !within(at, path) && v != nil && !reflect.DeepEqual(after[at], v) {
					t.Errorf("%s, %s: %s was %v, and is %v in\n%s", name, path, at, v, after[at], edited)
				}
			}
			for at, v := range after {
				if _, known := before[at]; !known && at != path && !within(at, path) && v != nil {
					t.Errorf("%s, %s: %s is new: %v in\n%s", name, path, at, v, edited)
				}
			}
		}
	}
}

// within reports whether a path is another, or below it.
func within(path, above string) bool {
	return path == above || len(path) > len(above) && path[:len(above)+1] == above+"."
}

// flat are the values of a file by their paths.
func flat(t *testing.T, name, content string) map[string]any {
	t.Helper()
	var root map[string]any
	if err := yaml.Unmarshal([]byte(content), &root); err != nil {
		t.Errorf("%s: %v in\n%s", name, err, content)
	}
	all := map[string]any{}
	var walk func(above string, m map[string]any)
	walk = func(above string, m map[string]any) {
		for key, v := range m {
			if below, ok := v.(map[string]any); ok {
				walk(above+key+".", below)
				continue
			}
			all[above+key] = v
		}
	}
	walk("", root)
	return all
}
