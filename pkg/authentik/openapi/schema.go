// Package openapi holds what is sent to authentik, and what an emulated authentik
// answers, to the OpenAPI file of the real one, which its npm package
// @goauthentik/api ships as schema.yml. It is for tests alone.
//
// A schema of OpenAPI 3.0 becomes a JSON schema, once as requests have it and once
// as answers do, that knows no field beyond the named ones. So a single check finds
// what is missing, unknown, read-only in a request, write-only in an answer, and of
// another type.
package openapi

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
)

// Versions are the versions of the npm package that stand for the releases: the
// newest of each line that npm has. .ci/run peers fetches them.
func Versions() map[string]string {
	return map[string]string{
		"2025.10": "2025.10.4",
		"2025.12": "2025.12.6",
		"2026.2":  "2026.2.3-rc1",
		"2026.5":  "2026.5.6",
		"2026.8":  "2026.8.3",
	}
}

// Schema is the OpenAPI file of a release.
type Schema struct {
	release string
	doc     map[string]any
	routes  []route

	right sync.Map // the sums of documents that were right

	compile  sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// The two readings of the file, by their addresses in the compiler.
const (
	asRequest = "request.json"
	asAnswer  = "answer.json"
)

// Load reads the schema of a release such as 2026.8 from the folder of the peers.
func Load(release string) (*Schema, error) {
	version, known := Versions()[release]
	if !known {
		return nil, fmt.Errorf("expected a release of authentik that has a schema but found %q", release)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return cached(release, filepath.Join(cache, "sentryidp-peers", "authentik-"+version))
}

// cached reads the JSON beside a schema in YAML, which is many times as quick and is
// made at the first time.
func cached(release, path string) (*Schema, error) {
	text, err := os.ReadFile(path + ".yml")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	kept := fmt.Sprintf("%s-%x.json", path, sum[:8])
	if data, err := os.ReadFile(kept); err == nil { //nolint:gosec // it is beside the schema
		var doc map[string]any
		if json.Unmarshal(data, &doc) == nil {
			return newSchema(release, doc)
		}
	}
	s, err := Parse(release, text)
	if err != nil {
		return nil, err
	}
	if data, err := json.Marshal(s.doc); err == nil {
		_ = atomicfile.Write(kept, data, 0o600, atomicfile.Overwrite) // without it, the next one takes longer
	}
	return s, nil
}

// Parse reads the text of a schema, and takes it for that of the release.
func Parse(release string, data []byte) (*Schema, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	return newSchema(release, doc)
}

func newSchema(release string, doc map[string]any) (*Schema, error) {
	s := &Schema{release: release, doc: doc, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	s.compiler.AssertFormat()
	for _, as := range []string{asRequest, asAnswer} {
		if err := s.compiler.AddResource(as, converter{release: release, answer: as == asAnswer}.document(s.doc)); err != nil {
			return nil, err
		}
	}
	s.routes = routesOf(s.doc)
	return s, nil
}

// valid returns what is wrong with a value, by the schema at a pointer of the file.
func (s *Schema) valid(as string, pointer []string, value any) []string {
	location := as + "#" + pointerOf(pointer)
	s.compile.Lock()
	schema := s.compiled[location]
	if schema == nil {
		var err error
		if schema, err = s.compiler.Compile(location); err != nil {
			s.compile.Unlock()
			return []string{err.Error()}
		}
		s.compiled[location] = schema
	}
	s.compile.Unlock()
	return problems(schema.Validate(value))
}

func pointerOf(names []string) string {
	var out strings.Builder
	for _, name := range names {
		out.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name))
	}
	return out.String()
}

// at returns what the file has at a path of names, nil for nothing. References are
// followed.
func (s *Schema) at(names ...string) (object map[string]any, pointer []string) {
	object = s.doc
	for _, name := range names {
		object, _ = object[name].(map[string]any)
		pointer = append(pointer, name)
		if to, is := object["$ref"].(string); is {
			object, pointer = s.at(strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
		}
	}
	return object, pointer
}

// operation is the lower-case name of a method, as paths have it.
func operation(method string) string {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return strings.ToLower(method)
}
