package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// parseJSON reads {"users": [...], "groups": [...]}, entry by entry, so that an
// error can name its line.
func parseJSON(data []byte, b *builder) {
	p := &jsonParser{data: data, b: b, dec: json.NewDecoder(bytes.NewReader(data))}
	if err := p.document(); err != nil {
		b.problem(p.line(), "is no JSON of users and groups: %v", err)
	}
}

type jsonParser struct {
	data []byte
	b    *builder
	dec  *json.Decoder

	seen   int64 // bytes that lines have been counted in
	passed int   // lines among them
}

// line is the line that the decoder has come to.
func (p *jsonParser) line() int {
	offset := min(p.dec.InputOffset(), int64(len(p.data)))
	p.passed += bytes.Count(p.data[p.seen:offset], []byte("\n"))
	p.seen = offset
	return p.passed + 1
}

func (p *jsonParser) document() error {
	if err := p.expect(json.Delim('{')); err != nil {
		return err
	}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "users":
			err = p.entries(p.b.user)
		case "groups":
			err = p.entries(p.b.group)
		default:
			p.b.problem(p.line(), "unknown key %q, want users, groups", key)
			err = p.dec.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if err := p.expect(json.Delim('}')); err != nil {
		return err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the closing brace")
	}
	return nil
}

func (p *jsonParser) entries(add func(record)) error {
	if err := p.expect(json.Delim('[')); err != nil {
		return err
	}
	for p.dec.More() {
		var values map[string]any
		if err := p.dec.Decode(&values); err != nil {
			return err
		}
		add(record{line: p.line(), values: values})
	}
	return p.expect(json.Delim(']'))
}

func (p *jsonParser) expect(want json.Delim) error {
	token, err := p.dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case token != want:
		return errors.New("want " + want.String())
	}
	return nil
}

// parseJSONLines reads one object a line: a group where it has members and no
// username, else a user.
func parseJSONLines(data []byte, b *builder) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			continue
		}
		var values map[string]any
		if err := json.Unmarshal(text, &values); err != nil || values == nil {
			b.problem(line, "is no JSON object: %s", jsonProblem(err))
			continue
		}
		_, members := values["members"]
		_, username := values["username"]
		if members && !username {
			b.group(record{line: line, values: values})
		} else {
			b.user(record{line: line, values: values})
		}
	}
}

func jsonProblem(err error) string {
	if err == nil {
		return "found null"
	}
	return err.Error()
}
