package filekind

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// ofKeys tells documents of the same syntax by their first keys; other is the
// kind of one with none that is known.
func ofKeys(keys []string, other Kind) Kind {
	has := func(some ...string) bool {
		return slices.ContainsFunc(some, func(key string) bool { return slices.Contains(keys, key) })
	}
	switch {
	case has("sentryidp_report"):
		return ScriptReport
	case has("sentryidp_access_review"):
		return Review
	case has("sentry", "authentik", "scim", "http", "profiles", "state_dir"):
		return Settings
	case has("users", "groups", "username", "email"), has("name") && has("members"): // the latter is a group in JSON Lines
		return Directory
	case has("log") && len(keys) == 1:
		return Traffic
	case has("sentry_url"), has("format") && has("members", "teams"):
		return Snapshot
	case has("scim_enabled", "org_id", "members", "teams"):
		return SentryState
	case has("objects"):
		return AuthentikState
	case has("authorization_endpoint", "token_endpoint", "jwks_uri"):
		return OpenID
	}
	return other
}

// ofJSON looks at the keys of the first object, or of the list's first.
func ofJSON(head []byte) Kind {
	if head[0] != '{' && head[0] != '[' {
		return ""
	}
	decoder := json.NewDecoder(bytes.NewReader(head))
	first, err := decoder.Token()
	if err != nil {
		return ""
	}
	if first == json.Delim('[') {
		if _, err := decoder.Token(); err != nil {
			return "" // such as a table of TOML
		}
		return JSON
	}
	keys, isJSON := keysOf(decoder)
	if !isJSON {
		return ""
	}
	return ofKeys(keys, JSON)
}

// keysOf reads the keys of an object up to the end of what there is to look at.
func keysOf(decoder *json.Decoder) (keys []string, isJSON bool) {
	for decoder.More() {
		token, err := decoder.Token()
		key, isText := token.(string)
		if err != nil || !isText {
			return keys, len(keys) > 0
		}
		keys = append(keys, key)
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return keys, true // cut off, or broken further in
		}
	}
	return keys, true
}

// The lines that tell YAML, TOML and a table.
var (
	yamlKey   = pattern.New(`(?m)^["']?([A-Za-z_][\w.-]*)["']?[ \t]*:(?:[ \t]|\r?$)`)
	tomlTable = pattern.New(`(?m)^\[+[ \t]*["']?([A-Za-z_][\w-]*)[^\]\n]*\]+[ \t]*(?:#.*)?\r?$`)
	tomlKey   = pattern.New(`(?m)^([A-Za-z_][\w-]*)(?:\.[\w.-]+)?[ \t]*=[ \t]*\S`)
	yamlEntry = pattern.New(`(?m)^-[ \t]+\S`)
	column    = pattern.New(`^[\w "'.-]+([,;\t][\w "'.-]+)+\r?$`)
)

func ofLines(head []byte) Kind {
	if table := tomlTable().FindIndex(head); table != nil { // keys below it are its own
		return ofKeys(append(found(tomlTable(), head), found(tomlKey(), head[:table[0]])...), TOML)
	}
	if keys := found(yamlKey(), head); len(keys) > 0 {
		return ofKeys(keys, YAML)
	}
	if keys := found(tomlKey(), head); len(keys) > 0 {
		return ofKeys(keys, TOML)
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	switch {
	case column().Match(first), slices.Contains([]string{"username", "email"}, strings.TrimSpace(string(first))):
		return Table
	case bytes.HasPrefix(head, []byte("---")), bytes.HasPrefix(head, []byte("%YAML")), yamlEntry().Match(head):
		return YAML
	}
	return ""
}

func found(pattern *regexp.Regexp, head []byte) []string {
	var keys []string
	for _, match := range pattern.FindAllSubmatch(head, 100) {
		keys = append(keys, string(match[1]))
	}
	return keys
}
