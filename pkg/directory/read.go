package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Format is how a directory is written.
type Format string

// The formats. JSONLines is one object a line.
const (
	YAML      Format = "yaml"
	JSON      Format = "json"
	JSONLines Format = "jsonl"
	CSV       Format = "csv"
)

// MaxBytes is the greatest size of a directory: about two million people.
const MaxBytes = 256 << 20

// FormatOf returns how the directory in data is written: what the extension of
// its file says, or else what it looks like. A path of - has no extension.
func FormatOf(path string, data []byte) Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return YAML
	case ".json":
		return JSON
	case ".jsonl", ".ndjson":
		return JSONLines
	case ".csv":
		return CSV
	}
	return guess(bytes.TrimSpace(bom.Text(data)))
}

// guess tells the formats apart by their first line: an object that ends there
// and is a user or group is JSON Lines, and a line of column names is CSV.
func guess(data []byte) Format {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	first = bytes.TrimSpace(first)
	switch {
	case isRecord(first):
		return JSONLines
	case bytes.HasPrefix(first, []byte("{")):
		return JSON
	case bytes.ContainsRune(first, ',') && !bytes.HasPrefix(first, []byte("#")) && !bytes.ContainsRune(first, ':'), slices.Contains(userKeys(), string(first)):
		return CSV
	}
	return YAML
}

func isRecord(line []byte) bool {
	var values map[string]json.RawMessage
	if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &values) != nil {
		return false
	}
	for _, key := range slices.Concat(userKeys(), groupKeys()) {
		if _, found := values[key]; found && key != groupsKey {
			return true
		}
	}
	return false
}

// Parse reads a directory from data. source names it in errors, which carry
// file and line; up to 20 problems are reported at once.
func Parse(data []byte, source string, format Format) (*Directory, error) {
	data = bom.Text(data)
	b := &builder{source: source, users: map[string]int{}, ids: map[string]int{}, groups: map[string]int{}}
	if line, what := unreadable(data); what != "" {
		b.problem(line, "%s", what)
		return nil, b.err()
	}
	switch format {
	case YAML:
		parseYAML(data, b)
	case JSON:
		parseJSON(data, b)
	case JSONLines:
		parseJSONLines(data, b)
	case CSV:
		parseCSV(data, b)
	default:
		return nil, fault.Usagef("unknown format of a directory %q, want yaml, json, jsonl or csv", format)
	}
	return b.directory()
}

// unreadable finds the first byte that no text has, and says what it is.
func unreadable(data []byte) (line int, what string) {
	line = 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return line, "is not UTF-8"
		case r == '\n':
			line++
		case r < ' ' && r != '\t' && r != '\r':
			return line, fmt.Sprintf("has the control character %U", r)
		}
		rest = rest[size:]
	}
	return 0, ""
}
