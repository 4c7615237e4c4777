package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads the values with the library's decoder, and the lines of the
// keys with its parser, which alone has positions.
func parseTOML(data []byte) (node, error) {
	var values map[string]any
	if err := toml.Unmarshal(data, &values); err != nil {
		if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, _ := decode.Position()
			return node{}, &lineError{line: line, text: tomlProblem(decode.Error())}
		}
		return node{}, errors.New(tomlProblem(err.Error()))
	}
	lines, err := tomlLines(data)
	if err != nil {
		return node{}, err
	}
	return lines.node(values, "", 1, 0)
}

// tomlPlaces is the line in which each dotted key first stands.
type tomlPlaces map[string]int

// node turns a decoded value at path into a node. Entries of lists have no path
// of their own, and the line of their list.
func (t tomlPlaces) node(value any, path string, line, depth int) (node, error) {
	if known, ok := t[path]; ok && path != "" {
		line = known
	}
	n := node{line: line}
	if depth > maxDepth {
		return node{}, tooDeep(line)
	}
	switch v := value.(type) {
	case map[string]any:
		var pairs []pair
		for _, key := range slices.Sorted(maps.Keys(v)) {
			child, err := t.node(v[key], join(path, key), line, depth+1)
			if err != nil {
				return node{}, err
			}
			pairs = append(pairs, pair{key: key, line: child.line, node: child})
		}
		n.value = pairs
	case []any:
		list := []node{}
		for _, entry := range v {
			child, err := tomlPlaces{}.node(entry, "", line, depth+1)
			if err != nil {
				return node{}, err
			}
			list = append(list, child)
		}
		n.value = list
	case int64:
		n.value = int(v)
	case string, bool, float64, nil:
		n.value = v
	default:
		n.value = fmt.Sprint(v) // dates and times
	}
	return n, nil
}

// tomlLines reads the places of the keys.
func tomlLines(data []byte) (tomlPlaces, error) {
	lines := tomlPlaces{}
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		path, line, depth := "", 0, 0
		for keys := e.Key(); keys.Next(); depth++ {
			key := keys.Node()
			line = p.Shape(key.Raw).Start.Line
			if depth > maxDepth {
				return nil, tooDeep(line)
			}
			path = join(path, string(key.Data))
		}
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = path
			lines.note(table, line)
		case unstable.KeyValue:
			lines.note(join(table, path), line)
		default:
		}
	}
	return lines, nil
}

// note keeps the first line of a key and of the tables that it implies.
func (t tomlPlaces) note(path string, line int) {
	for path != "" {
		if _, known := t[path]; !known {
			t[path] = line
		}
		i := strings.LastIndexByte(path, '.')
		path = path[:max(i, 0)]
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
