package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// jsonReader reads JSON token by token, because only tokens have positions and
// show a key that is there twice.
type jsonReader struct {
	data   []byte
	tokens *json.Decoder
	offset int // up to which lines are counted
	line   int
}

// parseJSON reads one JSON value; a file of white space is an empty one.
func parseJSON(data []byte) (node, error) {
	r := &jsonReader{data: data, tokens: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.tokens.UseNumber()
	if len(bytes.TrimSpace(data)) == 0 {
		return node{line: 1}, nil
	}
	n, err := r.value(0)
	if err != nil {
		return node{}, err
	}
	if _, err := r.tokens.Token(); !errors.Is(err, io.EOF) {
		return node{}, &lineError{line: r.here(), text: "invalid JSON: there is more after the first value"}
	}
	return n, nil
}

func (r *jsonReader) value(depth int) (node, error) {
	token, err := r.next()
	if err != nil {
		return node{}, err
	}
	n := node{line: r.line}
	if depth > maxDepth {
		return node{}, tooDeep(n.line)
	}
	switch token {
	case json.Delim('{'):
		n.value, err = r.pairs(depth)
	case json.Delim('['):
		n.value, err = r.list(depth)
	default:
		n.value = jsonScalar(token)
	}
	return n, err
}

func (r *jsonReader) pairs(depth int) ([]pair, error) {
	var pairs []pair
	for r.tokens.More() {
		token, err := r.next()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // the decoder takes nothing else for a key
		line := r.line
		child, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{key: key, line: line, node: child})
	}
	_, err := r.next()
	return pairs, err
}

func (r *jsonReader) list(depth int) ([]node, error) {
	list := []node{}
	for r.tokens.More() {
		entry, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, entry)
	}
	_, err := r.next()
	return list, err
}

// next returns the next token; its line is r.line.
func (r *jsonReader) next() (json.Token, error) {
	token, err := r.tokens.Token()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, &lineError{line: r.lineAt(int(syntax.Offset)), text: "invalid JSON: " + syntax.Error()}
	}
	if err != nil {
		return nil, &lineError{line: r.lineAt(len(r.data)), text: "invalid JSON: it ends too early"}
	}
	r.here()
	return token, nil
}

func (r *jsonReader) here() int { return r.lineAt(int(r.tokens.InputOffset())) }

// lineAt counts on from the last call, so that all calls together read the data
// once.
func (r *jsonReader) lineAt(offset int) int {
	offset = min(max(offset, r.offset), len(r.data))
	r.line += bytes.Count(r.data[r.offset:offset], []byte("\n"))
	r.offset = offset
	return r.line
}

func jsonScalar(token json.Token) any {
	number, ok := token.(json.Number)
	if !ok {
		return token
	}
	if whole, err := strconv.Atoi(number.String()); err == nil {
		return whole
	}
	fraction, _ := number.Float64() // beyond its range it is infinite, and refused as no whole number
	return fraction
}
