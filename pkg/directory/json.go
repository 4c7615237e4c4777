package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// parseJSON reads {"users": [...], "groups": [...]}, token by token, so that a
// problem can name its line and no key is silently said twice.
func parseJSON(data []byte, b *builder) {
	p := newJSONParser(data, 0, b)
	if err := p.document(); err != nil {
		b.problem(p.line(), "is no JSON of users and groups: %v", err)
	}
}

// parseJSONLines reads one object a line: a group where it has members or
// projects and no username, else a user.
func parseJSONLines(data []byte, b *builder) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		r, err := newJSONParser(text, line-1, b).onlyObject()
		if err != nil {
			b.problem(line, "is no JSON object: %v", err)
			continue
		}
		b.told = true
		_, members := r.values["members"]
		_, projects := r.values[projectsKey]
		_, username := r.values["username"]
		if (members || projects) && !username {
			b.group(r)
		} else {
			b.user(r)
		}
	}
}

type jsonParser struct {
	data []byte
	b    *builder
	dec  *json.Decoder

	seen   int64 // bytes that lines have been counted in
	passed int   // lines among them, and those before data
}

func newJSONParser(data []byte, linesBefore int, b *builder) *jsonParser {
	p := &jsonParser{data: data, b: b, dec: json.NewDecoder(bytes.NewReader(data)), passed: linesBefore}
	p.dec.UseNumber()
	return p
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
	sections := p.b.sections()
	seen := map[string]bool{}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return plain(err)
		}
		name, _ := key.(string)
		add, known := sections[name]
		switch {
		case known && !seen[name]:
			seen[name], p.b.told = true, true
			err = p.entries(add)
		case known:
			p.b.problem(p.line(), "the key %q is there twice", name)
			_, err = p.value()
		default:
			p.b.problem(p.line(), "unknown key %.80q, want users, groups", name)
			_, err = p.value()
		}
		if err != nil {
			return err
		}
	}
	return p.end()
}

// onlyObject reads data that is one object and nothing else.
func (p *jsonParser) onlyObject() (record, error) {
	if err := p.expect(json.Delim('{')); err != nil {
		return record{}, err
	}
	r, err := p.fields()
	if err != nil {
		return record{}, err
	}
	return r, p.nothing()
}

// entries reads a list of objects, or null for none.
func (p *jsonParser) entries(add func(record)) error {
	token, err := p.dec.Token()
	switch {
	case err != nil:
		return plain(err)
	case token == nil:
		return nil
	case token != json.Delim('['):
		return errors.New("want a list, found " + kindOf(token))
	}
	for p.dec.More() {
		if err := p.expect(json.Delim('{')); err != nil {
			return err
		}
		r, err := p.fields()
		if err != nil {
			return err
		}
		add(r)
	}
	return p.expect(json.Delim(']'))
}

// fields reads the object whose brace has just been read, to its end.
func (p *jsonParser) fields() (record, error) {
	r := record{line: p.line(), values: map[string]any{}}
	for p.dec.More() {
		token, err := p.dec.Token()
		if err != nil {
			return r, plain(err)
		}
		key, _ := token.(string)
		if _, twice := r.values[key]; twice {
			p.b.problem(p.line(), "the key %.80q is there twice", key)
		}
		if r.values[key], err = p.value(); err != nil {
			return r, err
		}
	}
	return r, p.expect(json.Delim('}'))
}

func (p *jsonParser) value() (value any, err error) {
	err = plain(p.dec.Decode(&value))
	return value, err
}

// end reads the closing brace of a document and makes sure nothing follows.
func (p *jsonParser) end() error {
	if err := p.expect(json.Delim('}')); err != nil {
		return err
	}
	return p.nothing()
}

func (p *jsonParser) nothing() error {
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the closing brace")
	}
	return nil
}

func (p *jsonParser) expect(want json.Delim) error {
	token, err := p.dec.Token()
	switch {
	case err != nil:
		return plain(err)
	case token != want:
		return errors.New("want " + want.String() + ", found " + kindOf(token))
	}
	return nil
}

// plain says that a document ends too early in words that people understand.
func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}
