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
			return node{}, &lineError{line: line, text: "is no TOML: " + strings.TrimPrefix(decode.Error(), "toml: ")}
		}
		return node{}, fmt.Errorf("is no TOML: %s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	return fromTOML(values, "", tomlLines(data), 1), nil
}

func fromTOML(value any, path string, lines map[string]int, line int) node {
	if known, ok := lines[path]; ok {
		line = known
	}
	n := node{line: line}
	switch v := value.(type) {
	case map[string]any:
		var pairs []pair
		for _, key := range slices.Sorted(maps.Keys(v)) {
			child := fromTOML(v[key], join(path, key), lines, line)
			pairs = append(pairs, pair{key: key, line: child.line, node: child})
		}
		n.value = pairs
	case []any:
		list := []node{}
		for _, entry := range v {
			list = append(list, fromTOML(entry, "", nil, line))
		}
		n.value = list
	case int64:
		n.value = int(v)
	case string, bool, float64, nil:
		n.value = v
	default:
		n.value = fmt.Sprint(v) // dates and times
	}
	return n
}

// tomlLines returns the line in which each dotted key first stands.
func tomlLines(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		path, line := "", 0
		for keys := e.Key(); keys.Next(); {
			key := keys.Node()
			path = join(path, string(key.Data))
			line = p.Shape(key.Raw).Start.Line
		}
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = path
			note(lines, table, line)
		case unstable.KeyValue:
			note(lines, join(table, path), line)
		default:
		}
	}
	return lines
}

// note keeps the first line of a key and of the tables that it implies.
func note(lines map[string]int, path string, line int) {
	for path != "" {
		if _, known := lines[path]; !known {
			lines[path] = line
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
