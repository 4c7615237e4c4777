package config

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func parseYAML(data []byte) (node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	err := dec.Decode(&root)
	switch {
	case errors.Is(err, io.EOF):
		return node{line: 1}, nil
	case err != nil:
		return node{}, yamlProblem(err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return node{}, &lineError{line: max(second.Line, 1), text: "has several YAML documents, want one"}
	}
	return fromYAML(root.Content[0], 0)
}

// yamlProblem takes the line out of the library's words, which is the only place
// that has it.
func yamlProblem(err error) error {
	words := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, found := strings.CutPrefix(words, "line "); found {
		number, what, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			return &lineError{line: line, text: "invalid YAML: " + what}
		}
	}
	return errors.New("invalid YAML: " + words)
}

// fromYAML refuses aliases: settings need none, and a few can stand for
// gigabytes.
func fromYAML(y *yaml.Node, depth int) (node, error) {
	n := node{line: y.Line}
	if depth > maxDepth {
		return node{}, tooDeep(y.Line)
	}
	var err error
	switch y.Kind {
	case yaml.MappingNode:
		n.value, err = yamlPairs(y, depth)
	case yaml.SequenceNode:
		n.value, err = yamlList(y, depth)
	case yaml.ScalarNode:
		n.value, err = yamlScalar(y)
	default:
		err = &lineError{line: y.Line, text: "aliases are not read: write the value out"}
	}
	return n, err
}

func yamlPairs(y *yaml.Node, depth int) ([]pair, error) {
	var pairs []pair
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode {
			return nil, &lineError{line: key.Line, text: "a key is no text"}
		}
		value, err := fromYAML(y.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{key: key.Value, line: key.Line, node: value})
	}
	return pairs, nil
}

func yamlList(y *yaml.Node, depth int) ([]node, error) {
	list := []node{}
	for _, entry := range y.Content {
		value, err := fromYAML(entry, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// yamlScalar reads a text, number, boolean or null. What YAML takes for a date
// or for binary data is the text that stands there.
func yamlScalar(y *yaml.Node) (any, error) {
	switch y.ShortTag() {
	case "!!null", "!!bool", "!!int", "!!float":
	default:
		return y.Value, nil
	}
	var value any
	if err := y.Decode(&value); err != nil {
		// The library's words repeat the value, which may be a secret.
		return nil, &lineError{line: y.Line, text: "the value does not have the type of its tag " + y.ShortTag()}
	}
	switch v := value.(type) {
	case int64:
		return int(v), nil
	case uint64:
		return float64(v), nil
	}
	return value, nil
}
