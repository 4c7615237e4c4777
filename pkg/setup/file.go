package setup

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// heading is the beginning of a new file.
const heading = `# Configuration of sentryidp, written by 'sentryidp init'. What stands behind
# a # sets nothing. 'sentryidp help environment' lists all settings, and
# 'sentryidp config validate' checks this file. It holds no secret, only where
# secrets are.
`

// shown are the settings of a new file that were not asked for, and stand there as
// comments.
func shown() []string {
	return []string{"scim.groups", "scim.roles", "scim.remove", "state_dir"}
}

// commentWidth is where the comments of a file are broken, in columns: with the sign
// of a comparison before them they fit a terminal.
const commentWidth = 78

// NewFile writes answers as a configuration file (YAML) in which each setting is
// explained. Settings without an answer are comments.
func NewFile(a Answers) ([]byte, error) {
	w := &writer{answers: a}
	w.out.WriteString(heading)
	err := w.section("", slices.Concat(Asked(), shown()))
	return []byte(w.out.String()), err
}

// writer writes a new file.
type writer struct {
	answers Answers
	out     strings.Builder
}

// section writes the settings below a path, which all stand in the file.
func (w *writer) section(above string, paths []string) error {
	depth := 0
	if above != "" {
		depth = strings.Count(above, ".") + 1
	}
	indent := strings.Repeat("  ", depth)
	done := map[string]bool{}
	for _, path := range paths {
		rest := strings.TrimPrefix(strings.TrimPrefix(path, above), ".")
		word, _, nested := strings.Cut(rest, ".")
		if done[word] {
			continue
		}
		done[word] = true
		if depth == 0 {
			w.out.WriteString("\n")
		}
		if !nested {
			if err := w.setting(indent, word, path); err != nil {
				return err
			}
			continue
		}
		section := strings.TrimPrefix(above+"."+word, ".")
		inside := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !strings.HasPrefix(p, section+".") })
		fmt.Fprintf(&w.out, "%s%s%s:\n", indent, w.mark(inside), word)
		if err := w.section(section, inside); err != nil {
			return err
		}
	}
	return nil
}

// mark makes a comment of a section in which nothing is set.
func (w *writer) mark(paths []string) string {
	if slices.ContainsFunc(paths, func(p string) bool { return w.answers.Values[p] != nil }) {
		return ""
	}
	return "# "
}

func (w *writer) setting(indent, key, path string) error {
	s := config.SettingOf(path)
	w.out.WriteString(comment(s, indent))
	value, lead := w.answers.Values[path], ""
	if value == nil {
		value, lead = s.Example, "# "
	}
	n, err := nodeOf(value)
	if err != nil {
		return err
	}
	fmt.Fprintf(&w.out, "%s%s%s: %s\n", indent, lead, key, oneLine(n))
	return nil
}

// comment is what a setting means, as lines of comments.
func comment(s config.Setting, indent string) string {
	text := ui.Fill(ui.Blocks(s.Meaning()), commentWidth-len(indent)-len("# "))
	var lines strings.Builder
	for line := range strings.Lines(text) {
		lines.WriteString(indent + "# " + line)
	}
	return lines.String()
}

// nodeOf is a value as YAML, without line breaks inside.
func nodeOf(value any) (*yaml.Node, error) {
	if reference, ok := value.(secret.Reference); ok {
		value = placeOf(reference)
	}
	n := &yaml.Node{}
	if err := n.Encode(value); err != nil {
		return nil, err
	}
	inline(n)
	return n, nil
}

func inline(n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		n.Style = yaml.FlowStyle
	case yaml.ScalarNode:
		if strings.ContainsAny(n.Value, "\n\r") || n.Style == yaml.LiteralStyle {
			n.Style = yaml.DoubleQuotedStyle
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	for _, inner := range n.Content {
		inline(inner)
	}
}

// placeOf is a reference as files have it.
func placeOf(r secret.Reference) map[string]any {
	switch {
	case r.Env != "":
		return map[string]any{"env": r.Env}
	case r.File != "":
		return map[string]any{"file": r.File}
	case len(r.Command) > 0:
		return map[string]any{"command": r.Command}
	}
	return map[string]any{"keyring": r.Keyring}
}

func encode(out *bytes.Buffer, n *yaml.Node) error {
	enc := yaml.NewEncoder(out)
	enc.SetIndent(len("  "))
	if err := enc.Encode(n); err != nil {
		return err
	}
	return enc.Close()
}
