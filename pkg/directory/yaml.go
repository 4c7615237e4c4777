package directory

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"
)

func parseYAML(data []byte, b *builder) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	err := dec.Decode(&root)
	switch {
	case errors.Is(err, io.EOF):
		b.problem(0, "is empty, want users and groups")
		return
	case err != nil:
		b.problem(0, "is no YAML: %v", err)
		return
	case dec.Decode(&yaml.Node{}) == nil:
		b.problem(0, "has several YAML documents, want one")
		return
	}
	top := root.Content[0]
	if top.Kind != yaml.MappingNode {
		b.problem(top.Line, "want a mapping with users and groups")
		return
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		section(top.Content[i], top.Content[i+1], b)
	}
}

func section(key, value *yaml.Node, b *builder) {
	add := b.user
	switch key.Value {
	case "users":
	case "groups":
		add = b.group
	default:
		b.problem(key.Line, "unknown key %q, want users, groups", key.Value)
		return
	}
	if value.Tag == "!!null" {
		return
	}
	if value.Kind != yaml.SequenceNode {
		b.problem(value.Line, "%s is no list", key.Value)
		return
	}
	for _, entry := range value.Content {
		values, ok := mappingOf(entry, b)
		if ok {
			add(record{line: entry.Line, values: values})
		}
	}
}

// mappingOf reads one entry. Aliases are refused: nothing in a directory needs
// them, and a few of them can stand for gigabytes.
func mappingOf(node *yaml.Node, b *builder) (map[string]any, bool) {
	if node.Kind != yaml.MappingNode {
		b.problem(node.Line, "want a mapping such as {username: ada, email: ada@acme.test}")
		return nil, false
	}
	values := make(map[string]any, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if _, twice := values[key.Value]; twice {
			b.problem(key.Line, "the key %q is there twice", key.Value)
			return nil, false
		}
		value, ok := valueOf(node.Content[i+1], b, true)
		if !ok {
			return nil, false
		}
		values[key.Value] = value
	}
	return values, true
}

func valueOf(node *yaml.Node, b *builder, lists bool) (any, bool) {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		b.problem(node.Line, "anchors and aliases are not read: write the value out")
		return nil, false
	case node.Kind == yaml.SequenceNode && lists:
		list := make([]any, 0, len(node.Content))
		for _, entry := range node.Content {
			value, ok := valueOf(entry, b, false)
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	case node.Kind != yaml.ScalarNode:
		b.problem(node.Line, "want a text, true, false or a list of texts")
		return nil, false
	}
	var value any
	if err := node.Decode(&value); err != nil {
		b.problem(node.Line, "%v", err)
		return nil, false
	}
	if _, isTime := value.(interface{ IsZero() bool }); isTime {
		return node.Value, true // a text that happens to look like a date
	}
	return value, true
}
