package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// node is a value of a file and the line it stands in. Its value is nil, a
// string, bool, int, float64, []node or []pair.
type node struct {
	line  int
	value any
}

// pair is a key of a mapping and its value.
type pair struct {
	key  string
	line int
	node node
}

// parse reads a file's content by its extension.
func parse(path string, data []byte) (node, error) {
	if !utf8.Valid(data) {
		return node{}, errors.New("is not UTF-8")
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".toml":
		return parseTOML(data)
	case ".json":
		if err := checkJSON(data); err != nil {
			return node{}, err
		}
	}
	return parseYAML(data) // which JSON is a part of, and has lines
}

func checkJSON(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	var value any
	err := json.Unmarshal(data, &value)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return &lineError{line: line, text: "is no JSON: " + syntax.Error()}
	}
	return err
}

// lineError is a problem with a line of a file.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

func parseYAML(data []byte) (node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	err := dec.Decode(&root)
	switch {
	case errors.Is(err, io.EOF):
		return node{line: 1}, nil
	case err != nil:
		return node{}, fmt.Errorf("is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	case dec.Decode(&yaml.Node{}) == nil:
		return node{}, errors.New("has several YAML documents, want one")
	}
	return fromYAML(root.Content[0])
}

// fromYAML refuses aliases: settings need none, and a few can stand for
// gigabytes.
func fromYAML(y *yaml.Node) (node, error) {
	n := node{line: y.Line}
	switch y.Kind {
	case yaml.MappingNode:
		var pairs []pair
		for i := 0; i+1 < len(y.Content); i += 2 {
			value, err := fromYAML(y.Content[i+1])
			if err != nil {
				return node{}, err
			}
			pairs = append(pairs, pair{key: y.Content[i].Value, line: y.Content[i].Line, node: value})
		}
		n.value = pairs
	case yaml.SequenceNode:
		list := []node{}
		for _, entry := range y.Content {
			value, err := fromYAML(entry)
			if err != nil {
				return node{}, err
			}
			list = append(list, value)
		}
		n.value = list
	case yaml.ScalarNode:
		if y.Tag == "!!timestamp" {
			n.value = y.Value
			return n, nil
		}
		if err := y.Decode(&n.value); err != nil {
			return node{}, &lineError{line: y.Line, text: err.Error()}
		}
	default:
		return node{}, &lineError{line: y.Line, text: "anchors and aliases are not read: write the value out"}
	}
	return n, nil
}
