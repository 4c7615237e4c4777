package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func parseYAML(data []byte, b *builder) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root, second yaml.Node
	err := dec.Decode(&root)
	switch {
	case errors.Is(err, io.EOF):
		return
	case err != nil:
		b.yamlProblem(err)
		return
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		b.problem(max(second.Line, 1), "has several YAML documents, want one")
		return
	case !errors.Is(err, io.EOF):
		b.yamlProblem(err)
		return
	}
	if top := root.Content[0]; literal(top, b) {
		document(top, b)
	}
}

// yamlProblem reports what the library says. It has the line only in its words,
// and what its parser (not its scanner) finds is one line further down.
func (b *builder) yamlProblem(err error) {
	line, text := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, found := strings.CutPrefix(text, "line "); found {
		number, words, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			line, text = n, "near this line: "+words
		}
	}
	b.problem(line, "is no YAML, %.200s", text)
}

func document(top *yaml.Node, b *builder) {
	if top.Kind != yaml.MappingNode {
		b.problem(top.Line, "want a mapping with users and groups")
		return
	}
	sections := b.sections()
	seen := map[string]bool{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		add, known := sections[key.Value]
		switch {
		case !literal(key, b), !literal(value, b):
		case !known:
			b.problem(key.Line, "unknown key %.80q, want users, groups", key.Value)
		case seen[key.Value]:
			b.problem(key.Line, "the key %q is there twice", key.Value)
		default:
			seen[key.Value], b.told = true, true
			section(key.Value, value, add, b)
		}
	}
}

func section(name string, value *yaml.Node, add func(record), b *builder) {
	switch {
	case value.Tag == "!!null":
	case value.Kind != yaml.SequenceNode:
		b.problem(value.Line, "%s is no list", name)
	default:
		for _, entry := range value.Content {
			if values, ok := mappingOf(entry, b); ok {
				add(record{line: entry.Line, values: values})
			}
		}
	}
}

// literal reports whether a node says what it means by itself. Aliases and tags
// are refused: nothing in a directory needs them, and a few aliases can stand
// for gigabytes.
func literal(node *yaml.Node, b *builder) bool {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "" || node.Tag == "!!merge":
		b.problem(node.Line, "anchors, aliases and merges are not read: write the value out")
		return false
	case node.Style&yaml.TaggedStyle != 0 && node.Tag != "!!str":
		b.problem(node.Line, "the tag %.80q is not read: write the value without it", node.Tag)
		return false
	}
	return true
}

// mappingOf reads one entry.
func mappingOf(node *yaml.Node, b *builder) (map[string]any, bool) {
	if !literal(node, b) {
		return nil, false
	}
	if node.Kind != yaml.MappingNode {
		b.problem(node.Line, "want a mapping such as {username: ada, email: ada@acme.test}")
		return nil, false
	}
	return pairsOf(node, b, func(key string, value *yaml.Node) (any, bool) {
		if key == attributesKey {
			return treeOf(value, b, 0)
		}
		return valueOf(value, b, 0)
	})
}

// pairsOf reads the pairs of a mapping, each value by read.
func pairsOf(node *yaml.Node, b *builder, read func(key string, value *yaml.Node) (any, bool)) (map[string]any, bool) {
	values := make(map[string]any, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if !literal(key, b) {
			return nil, false
		}
		if _, twice := values[key.Value]; twice {
			b.problem(key.Line, "the key %.80q is there twice", key.Value)
			return nil, false
		}
		value, ok := read(key.Value, node.Content[i+1])
		if !ok {
			return nil, false
		}
		values[key.Value] = value
	}
	return values, true
}

// valueOf reads a scalar or a list of them; level is 1 inside of a list.
func valueOf(node *yaml.Node, b *builder, level int) (any, bool) {
	switch {
	case !literal(node, b):
		return nil, false
	case node.Kind == yaml.ScalarNode:
		return scalarOf(node), true
	case node.Kind != yaml.SequenceNode || level > 0:
		b.problem(node.Line, "want a text, true, false or a list of texts")
		return nil, false
	}
	list := make([]any, 0, len(node.Content))
	for _, entry := range node.Content {
		value, ok := valueOf(entry, b, level+1)
		if !ok {
			return nil, false
		}
		list = append(list, value)
	}
	return list, true
}

// treeOf reads a value that may be nested, which attributes are, as far down as
// they may go and one level on, where it is then complained of.
func treeOf(node *yaml.Node, b *builder, level int) (any, bool) {
	switch {
	case !literal(node, b):
		return nil, false
	case node.Kind == yaml.ScalarNode:
		return scalarOf(node), true
	case level > maxAttributeDepth:
		return []any{}, true
	case node.Kind == yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, entry := range node.Content {
			value, ok := treeOf(entry, b, level+1)
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	}
	values, ok := pairsOf(node, b, func(_ string, value *yaml.Node) (any, bool) { return treeOf(value, b, level+1) })
	return values, ok
}

// scalarOf reads a text, boolean, null or number. A date is the text that
// stands there.
func scalarOf(node *yaml.Node) any {
	switch node.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		return json.Number(node.Value)
	default:
		return node.Value
	}
}
