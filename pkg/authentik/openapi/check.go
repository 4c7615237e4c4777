package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

const apiPath = "/api/v3"

// Answer is what was answered to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Request returns what is wrong with a request, whose body is given. What is not
// below /api/v3 is no matter of the schema.
func (s *Schema) Request(r *http.Request, body []byte) []string {
	path, inside := strings.CutPrefix(r.URL.Path, apiPath)
	if !inside {
		return nil
	}
	found, values, ok := s.find(path)
	if !ok {
		return []string{"there is no such path"}
	}
	declared, _ := s.at("paths", found, operation(r.Method))
	if declared == nil {
		return []string{"the path has no such method"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return []string{err.Error()}
	}
	list := s.parameters(found, operation(r.Method), values, query)
	return append(list, s.body(found, r, body)...)
}

// parameters holds those of the path and of the query to their declarations.
func (s *Schema) parameters(path, method string, values map[string]string, query url.Values) []string {
	var list []string
	seen := map[string]bool{}
	for name, where := range s.declared(path, method) {
		p, pointer := where.object, slices.Concat(where.pointer, []string{"schema"})
		schema := s.resolved(p["schema"])
		given := query[name]
		if p["in"] == "path" {
			given = []string{values[name]}
		}
		seen[name] = true
		switch {
		case len(given) == 0 && p["required"] == true:
			list = append(list, "the parameter "+name+" is missing")
		case len(given) > 1 && schema["type"] != "array":
			list = append(list, "the parameter "+name+" is given twice")
		case len(given) > 0:
			for _, problem := range s.valid(asRequest, pointer, s.typed(schema, given)) {
				list = append(list, fmt.Sprintf("the parameter %s=%s: %s", name, strings.Join(given, ","), problem))
			}
		}
	}
	for name := range query {
		if !seen[name] && !undeclared(path, name) {
			list = append(list, "there is no parameter "+name)
		}
	}
	slices.Sort(list)
	return list
}

type parameter struct {
	object  map[string]any
	pointer []string
}

func (s *Schema) declared(path, method string) map[string]parameter {
	found := map[string]parameter{}
	for _, place := range [][]string{{"paths", path}, {"paths", path, method}} {
		holder, _ := s.at(place...)
		list, _ := holder["parameters"].([]any)
		for i, item := range list {
			p, _ := item.(map[string]any)
			pointer := append(slices.Clone(place), "parameters", strconv.Itoa(i))
			if to, is := p["$ref"].(string); is {
				p, pointer = s.at(strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
			}
			name, _ := p["name"].(string)
			found[name] = parameter{p, pointer}
		}
	}
	return found
}

// typed reads a parameter as its schema has it: text where it is nothing else.
func (s *Schema) typed(schema map[string]any, given []string) any {
	one := func(schema map[string]any, text string) any {
		switch schema["type"] {
		case "integer", "number":
			if n, err := strconv.Atoi(text); err == nil {
				return n
			}
		case "boolean":
			if b, err := strconv.ParseBool(text); err == nil && strconv.FormatBool(b) == text {
				return b
			}
		}
		return text
	}
	if schema["type"] != "array" {
		return one(schema, given[0])
	}
	items := s.resolved(schema["items"])
	list := make([]any, 0, len(given))
	for _, text := range given {
		list = append(list, one(items, text))
	}
	return list
}

// resolved is a schema, or the one that it refers to.
func (s *Schema) resolved(schema any) map[string]any {
	object, _ := schema.(map[string]any)
	if to, is := object["$ref"].(string); is {
		object, _ = s.at(strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
	}
	return object
}

func (s *Schema) body(path string, r *http.Request, body []byte) []string {
	declared, pointer := s.at("paths", path, operation(r.Method), "requestBody")
	switch {
	case len(body) == 0 && declared["required"] == true:
		return []string{"the body is missing"}
	case len(body) == 0:
		return nil
	case declared == nil:
		return []string{"there is a body, and none is declared"}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	content, _ := declared["content"].(map[string]any)
	if content[kind] == nil {
		return []string{"the type of the body is not declared: " + kind}
	}
	if kind != "application/json" {
		return nil
	}
	return s.document(asRequest, slices.Concat(pointer, []string{"content", kind, "schema"}), body)
}

// document holds a body to the schema at a pointer. Stories ask for the same again
// and again, so one that was right is not looked at twice.
func (s *Schema) document(as string, pointer []string, body []byte) []string {
	key := sha256.Sum256(slices.Concat([]byte(as+pointerOf(pointer)+"\x00"), body))
	if _, known := s.right.Load(key); known {
		return nil
	}
	list := s.read(as, pointer, body)
	if len(list) == 0 {
		s.right.Store(key, struct{}{})
	}
	return list
}

func (s *Schema) read(as string, pointer []string, body []byte) []string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []string{"no JSON: " + err.Error()}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return []string{"something follows the JSON"}
	}
	return s.valid(as, pointer, value)
}

// problems are the leaves of an error of a validation: where, and what.
func problems(err error) []string {
	if err == nil {
		return nil
	}
	failed, is := errors.AsType[*jsonschema.ValidationError](err)
	if !is {
		return []string{err.Error()}
	}
	var list []string
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			list = append(list, "/"+strings.Join(e.InstanceLocation, "/")+": "+e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(failed)
	return list
}
