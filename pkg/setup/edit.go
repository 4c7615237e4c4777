package setup

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// EditFile puts answers into a configuration file (YAML) that is there. What they
// do not name keeps its value, its comments and its place, profiles too; a file
// that says the same already keeps every byte. given are the answers that the file
// itself gives.
func EditFile(content []byte, given, a Answers) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fault.Usagef("the file is not YAML that can be changed: %w", err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode { // nothing, or comments alone
		return NewFile(a)
	}
	for _, path := range Asked() {
		if reflect.DeepEqual(given.Values[path], a.Values[path]) {
			continue
		}
		edited, err := edit(content, path, a.Values[path])
		if err != nil {
			return nil, err
		}
		content = edited
	}
	return content, nil
}

// edit sets one value, or removes it where it is nil. Where the lines of the file
// cannot be changed one by one, as with a mapping in braces, the file is written
// anew.
func edit(content []byte, path string, value any) ([]byte, error) {
	want, err := nodeOf(value)
	if err != nil {
		return nil, err
	}
	if t, ok := parse(content); ok {
		if edited := t.put(path, value, want); says(edited, path, value, want) {
			return edited, nil
		}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	if err := put(document.Content[0], path, value); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = encode(&out, &document)
	return out.Bytes(), err
}

// says reports whether a file gives the value to the path.
func says(content []byte, path string, value any, want *yaml.Node) bool {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return false
	}
	n := document.Content[0]
	for word := range strings.SplitSeq(path, ".") {
		i := keyOf(n, word)
		if i < 0 {
			return value == nil
		}
		n = n.Content[i+1]
	}
	var got, wanted any
	return value != nil && n.Decode(&got) == nil && want.Decode(&wanted) == nil && reflect.DeepEqual(got, wanted)
}

// put sets the value at a path below a mapping, or removes it where value is nil.
func put(mapping *yaml.Node, path string, value any) error {
	word, rest, nested := strings.Cut(path, ".")
	i := keyOf(mapping, word)
	switch {
	case i < 0 && value == nil:
		return nil
	case nested:
		if i < 0 || mapping.Content[i+1].Kind != yaml.MappingNode {
			i = appended(mapping, i, word, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
		}
		return put(mapping.Content[i+1], rest, value)
	case value == nil:
		mapping.Content = slices.Delete(mapping.Content, i, i+2)
		return nil
	}
	n, err := nodeOf(value)
	if err != nil {
		return err
	}
	if i >= 0 {
		n.LineComment = mapping.Content[i+1].LineComment
	}
	appended(mapping, i, word, n)
	return nil
}

// appended gives a key its value, behind all others where it is new, and returns
// where the key is.
func appended(mapping *yaml.Node, i int, word string, value *yaml.Node) int {
	if i >= 0 {
		mapping.Content[i+1] = value
		return i
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: word}, value)
	return len(mapping.Content) - 2
}

// keyOf is where a mapping has a key, or -1.
func keyOf(mapping *yaml.Node, word string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == word {
			return i
		}
	}
	return -1
}
