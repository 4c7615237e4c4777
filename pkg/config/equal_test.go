package config_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/config"
)

// sample is a value that is not the default, as it stands in a file and as text.
func sample(t *testing.T, s config.Setting) (inFile any, asText string) {
	t.Helper()
	switch s.Type {
	case config.Bool:
		other := s.Default != true
		return other, strconv.FormatBool(other)
	case config.Int:
		return 7, "7"
	case config.Amount:
		return "33%", "33%"
	case config.List:
		if s.Path == "insecure_http" {
			return []any{"sentry.internal", "::1"}, "sentry.internal,::1"
		}
		return []any{"one", "Two Words"}, "one,Two Words"
	case config.Roles:
		return []any{map[string]any{"group": "a=b", "role": "admin"}, map[string]any{"group": "C", "role": "member"}}, "a=b=admin, C=member"
	case config.Names:
		return []any{map[string]any{"group": "a=b", "team": "C D"}}, "a=b=C D"
	case config.TeamRoles:
		return []any{map[string]any{"group": "a=b", "team": "C D", "role": "admin"}}, "a=b=C D=admin"
	case config.Projects:
		return []any{map[string]any{"team": "a=b", "projects": []any{"web-*", "api"}}}, "a=b=web-*,a=b=api"
	case config.Secret:
		return map[string]any{"env": s.Env()}, "sntrys_canary_variable"
	case config.String:
	}
	if len(s.Enum) > 0 {
		return s.Enum[len(s.Enum)-1], s.Enum[len(s.Enum)-1]
	}
	text := map[string]string{
		"sentry.url": "https://sentry.acme.test", "sentry.scim.url": "https://scim.acme.test/v2", "authentik.url": "https://auth.acme.test",
		"sentry.release":     "26.7.2",
		"scim.mapping.email": `lower(user.email)`, "scim.mapping.emails": `attribute("emails", [])`, "scim.mapping.active": "false", "scim.mapping.include": `memberOf("a, b")`,
		"scim.default_role": "billing", "scim.mapping.role": `"admin"`, "scim.mapping.team_role": `""`, "scim.mapping.team": "group.name\n  + \"x\"",
		"http.request_timeout": "1m30.5s", "http.connect_timeout": "250ms", "http.give_up_after": "1h",
	}[s.Path]
	if text == "" {
		text = "acme-2"
	}
	return text, text
}

func nest(path string, value any) map[string]any {
	for _, word := range slices.Backward(strings.Split(path, ".")) {
		value = map[string]any{word: value}
	}
	tree, _ := value.(map[string]any)
	return tree
}

// TestAValueIsTheSameFromEveryPlace gives each setting in every way that it can
// be given: the configurations may differ in their origins alone.
func TestAValueIsTheSameFromEveryPlace(t *testing.T) {
	t.Parallel()
	encoders := map[string]func(any) ([]byte, error){"yaml": yaml.Marshal, "toml": toml.Marshal, "json": json.Marshal}
	for _, s := range config.Settings() {
		t.Run(s.Path, func(t *testing.T) {
			t.Parallel()
			inFile, asText := sample(t, s)
			ways := map[string]config.Input{}
			for extension, encode := range encoders {
				for name, tree := range map[string]map[string]any{
					"": nest(s.Path, inFile), "p": nest("profiles.p", nest(s.Path, inFile)),
				} {
					data, err := encode(tree)
					if err != nil {
						t.Fatal(err)
					}
					in := place(t)
					in.Profile, in.File = name, write(t, filepath.Join(in.Dir, "c."+extension), string(data))
					ways[extension+" "+name] = in
				}
			}
			variable := place(t)
			variable.Env = append(variable.Env, s.Env()+"="+asText)
			ways["variable"] = variable
			if s.Type != config.Secret {
				in := place(t)
				in.Flags = map[string]string{s.Path: asText}
				ways["flag"] = in
			}
			if s.Conventional != "" && s.Type != config.Secret {
				in := place(t)
				in.Env = append(in.Env, s.Conventional+"="+asText)
				ways["conventional"] = in
			}
			comparePlaces(t, s, ways)
		})
	}
}

func comparePlaces(t *testing.T, s config.Setting, ways map[string]config.Input) {
	t.Helper()
	first := load(t, ways["yaml "])
	if diff(defaults(), first.Config) == "" {
		t.Error("the sample is the default, which proves nothing")
	}
	origins := map[string]bool{}
	for name, in := range ways {
		loaded := load(t, in)
		if d := diff(first.Config, loaded.Config); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		origins[loaded.Origin(s.Path).String()] = true
	}
	if len(origins) != len(ways) {
		t.Errorf("%d places have the origins %v", len(ways), origins)
	}
}
