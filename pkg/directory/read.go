package directory

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

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

// maxBytes is the greatest size of a directory: about two million people.
const maxBytes = 256 << 20

// Read reads a directory from a file, or from stdin for "-". The format follows
// from the file's extension, or from the content.
func Read(path string, stdin io.Reader) (*Directory, error) {
	name, in := path, stdin
	if path == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, fault.Hint(err, "scim.file (--file) names a file of people and groups")
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(data) > maxBytes:
		return nil, fault.New(fault.Failed, "%s is larger than %d MiB", name, maxBytes>>20)
	}
	return Parse(data, name, formatOf(path, data))
}

func formatOf(path string, data []byte) Format {
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
	return guess(bytes.TrimSpace(data))
}

// guess tells the formats apart by their first line: an object that ends there
// is JSON Lines, and a line of column names is CSV.
func guess(data []byte) Format {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	first = bytes.TrimSpace(first)
	switch {
	case bytes.HasPrefix(first, []byte("{")) && bytes.HasSuffix(first, []byte("}")) && len(bytes.TrimSpace(rest)) > 0,
		bytes.HasPrefix(first, []byte(`{"username"`)), bytes.HasPrefix(first, []byte(`{"name"`)):
		return JSONLines
	case bytes.HasPrefix(data, []byte("{")):
		return JSON
	case bytes.Contains(first, []byte(",")) && !bytes.Contains(first, []byte(":")):
		return CSV
	}
	return YAML
}

// Parse reads a directory from data. source names it in errors, which carry
// file and line; up to 20 problems are reported at once.
func Parse(data []byte, source string, format Format) (*Directory, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	b := &builder{source: source, users: map[string]int{}, groups: map[string]int{}}
	if !utf8.Valid(data) {
		b.problem(lineOfInvalid(data), "is not UTF-8")
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

func lineOfInvalid(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}
