package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/bom"
)

// maxDepth is how deep mappings and lists may be nested, in levels. Settings
// need six; the bound keeps hostile files from costing more than their size.
const maxDepth = 32

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

// lineError is a problem with a line of a file.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// tooDeep is the problem of a line that is nested deeper than maxDepth.
func tooDeep(line int) error {
	return &lineError{line: line, text: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
}

// parse reads a file's content by its extension; YAML is the one without.
func parse(path string, data []byte) (node, error) {
	data = bom.Text(data)
	if !utf8.Valid(data) {
		return node{}, errors.New("is not UTF-8")
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".toml":
		return parseTOML(data)
	case ".json":
		return parseJSON(data)
	}
	return parseYAML(data)
}

// kindOf describes a value without repeating it.
func kindOf(n node) string {
	switch v := n.value.(type) {
	case nil:
		return "nothing"
	case string:
		if v == "" {
			return "an empty text"
		}
		return "a text"
	case bool:
		return "true or false"
	case int, float64:
		return "a number"
	case []node:
		return "a list"
	}
	return "a mapping"
}

// quoted returns text in quotes, shortened, with what could steer a terminal
// escaped.
func quoted(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// shown returns a key as it is, or quoted where it is long or odd.
func shown(key string) string {
	if q := quoted(key); key == "" || q != `"`+key+`"` {
		return q
	}
	return key
}
