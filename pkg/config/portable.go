package config

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Portable returns, as a file in YAML, the settings that have another value than
// their default, sorted, for a run on another machine. The settings without are
// left out, and so are secrets, the permission to write them down, and state_dir,
// which a machine has its own of. scim.source is always in it, as its default
// depends on other settings.
func (l *Loaded) Portable(without ...string) ([]byte, error) {
	given := layer{}
	for _, s := range Settings() {
		v, set := l.values[s.Path]
		switch {
		case !set, s.Type == Secret, s.Path == allowLiterals, s.Path == "state_dir", slices.Contains(without, s.Path):
		case v.origin.Kind == FromDefault && !v.derived, v.value == "":
		default:
			given[s.Path] = v
		}
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(given.tree()); err != nil {
		return nil, fmt.Errorf("write the settings: %w", err)
	}
	return out.Bytes(), encoder.Close()
}
