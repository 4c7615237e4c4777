package openapi_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
)

// small is a schema of one collection, in the ways of authentik's.
const small = `
openapi: 3.0.3
paths:
  /things/:
    get:
      parameters:
        - {in: query, name: name, schema: {type: string}}
        - {in: query, name: full, schema: {type: boolean}}
        - {in: query, name: state, schema: {type: array, items: {$ref: '#/components/schemas/State'}}}
        - $ref: '#/components/parameters/Page'
      responses:
        '200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses:
        '201': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '400': {$ref: '#/components/responses/Invalid'}
  /things/{id}/:
    delete:
      parameters:
        - {in: path, name: id, required: true, schema: {type: integer}}
      responses: {'204': {description: gone}}
components:
  parameters:
    Page: {in: query, name: page, schema: {type: integer}}
  responses:
    Invalid: {content: {application/json: {schema: {type: object, additionalProperties: {}}}}}
  schemas:
    State: {type: string, enum: [up, down]}
    GenericError: {type: object, properties: {detail: {type: string}}, required: [detail]}
    Thing:
      type: object
      properties:
        pk: {type: integer, readOnly: true}
        name: {type: string, minLength: 1}
        token: {type: string, writeOnly: true}
        email: {type: string, format: email}
        uuid: {type: string, format: uuid, nullable: true}
        state: {allOf: [{$ref: '#/components/schemas/State'}], nullable: true}
      required: [pk, name]
`

func TestRequestsAreHeldToTheSchema(t *testing.T) {
	t.Parallel()
	s, err := openapi.Parse("2026.8", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ method, path, body, want string }{
		"a list":            {"GET", "things/?name=x&full=true&state=up&state=down&page=2", "", ""},
		"an object":         {"POST", "things/", `{"name":"x","token":"t","email":"","uuid":null,"state":null}`, ""},
		"one":               {"DELETE", "things/5/", "", ""},
		"unknown path":      {"GET", "robots/", "", "no such path"},
		"unknown method":    {"PUT", "things/", "{}", "no such method"},
		"unknown query":     {"GET", "things/?nam=x", "", "no parameter nam"},
		"a query twice":     {"GET", "things/?name=x&name=y", "", "name is given twice"},
		"no boolean":        {"GET", "things/?full=1", "", "full=1"},
		"no number":         {"GET", "things/?page=x", "", "page=x"},
		"no state":          {"GET", "things/?state=up&state=odd", "", "state=up,odd"},
		"no number in path": {"DELETE", "things/x/", "", "id=x"},
		"a body":            {"DELETE", "things/5/", "{}", "a body, and none is declared"},
		"no body":           {"POST", "things/", "", "the body is missing"},
		"no JSON":           {"POST", "things/", "{", "no JSON"},
		"two objects":       {"POST", "things/", `{"name":"x"}{}`, "something follows"},
		"missing":           {"POST", "things/", `{}`, "name"},
		"read-only":         {"POST", "things/", `{"name":"x","pk":1}`, "pk"},
		"unknown field":     {"POST", "things/", `{"name":"x","nam":"y"}`, "nam"},
		"another type":      {"POST", "things/", `{"name":5}`, "/name"},
		"too short":         {"POST", "things/", `{"name":""}`, "/name"},
		"no address":        {"POST", "things/", `{"name":"x","email":"nobody"}`, "/email"},
		"no UUID":           {"POST", "things/", `{"name":"x","uuid":"1"}`, "/uuid"},
		"no choice":         {"POST", "things/", `{"name":"x","state":"odd"}`, "/state"},
	} {
		r := request(t, tt.method, tt.path, tt.body)
		expect(t, name, s.Request(r, []byte(tt.body)), tt.want)
	}
}

func request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://authentik.test/api/v3/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// expect wants a single problem with these words, or none.
func expect(t *testing.T, name string, found []string, want string) {
	t.Helper()
	if want == "" && len(found) > 0 || want != "" && !strings.Contains(strings.Join(found, "\n"), want) {
		t.Errorf("%s: expected %q but found %q", name, want, found)
	}
}

func TestAnswersAreHeldToTheSchema(t *testing.T) {
	t.Parallel()
	s, err := openapi.Parse("2026.8", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	const kind = "application/json"
	for name, tt := range map[string]struct {
		method, path string
		status       int
		kind, body   string
		want         string
	}{
		"a list":        {"GET", "things/", 200, kind, `[{"pk":1,"name":"x","email":""}]`, ""},
		"made":          {"POST", "things/", 201, kind, `{"pk":1,"name":"x"}`, ""},
		"invalid":       {"POST", "things/", 400, kind, `{"name":["This field is required."]}`, ""},
		"gone":          {"DELETE", "things/1/", 204, "", "", ""},
		"not there":     {"DELETE", "things/1/", 404, kind, `{"detail":"Not found."}`, ""},
		"a proxy":       {"GET", "things/", 502, "text/html; charset=utf-8", "<html>", ""},
		"other status":  {"POST", "things/", 200, kind, `{"pk":1,"name":"x"}`, "the status is not declared"},
		"not so there":  {"DELETE", "things/1/", 404, kind, `{}`, "detail"},
		"write-only":    {"POST", "things/", 201, kind, `{"pk":1,"name":"x","token":"t"}`, "token"},
		"missing":       {"POST", "things/", 201, kind, `{"name":"x"}`, "pk"},
		"unknown":       {"POST", "things/", 201, kind, `{"pk":1,"name":"x","more":1}`, "more"},
		"another type":  {"GET", "things/", 200, kind, `[{"pk":"1","name":"x"}]`, "/0/pk"},
		"a page":        {"GET", "things/", 200, "text/html", "<html>", "the type of the body is not declared"},
		"a body":        {"DELETE", "things/1/", 204, kind, "{}", "a body, and none is declared"},
		"no such thing": {"GET", "robots/", 200, kind, "{}", "the status is not declared"},
	} {
		answer := openapi.Answer{Status: tt.status, Header: http.Header{"Content-Type": {tt.kind}}, Body: []byte(tt.body)}
		expect(t, name, s.Answer(request(t, tt.method, tt.path, ""), answer), tt.want)
	}
}

func TestAWatchedHandlerAnswersTheSame(t *testing.T) {
	t.Parallel()
	s, err := openapi.Parse("2026.8", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.Copy(w, r.Body)
	})
	var told []string
	watched := s.Watch(openapi.Both, echo, func(problem string) { told = append(told, problem) })
	got := httptest.NewRecorder()
	watched.ServeHTTP(got, request(t, "POST", "things/", `{"name":5}`))
	if got.Code != http.StatusCreated || got.Body.String() != `{"name":5}` || got.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
	}
	watched.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/application/saml/sentry/metadata/", http.NoBody))
	if len(told) != 1 || strings.Count(told[0], "/name") != 2 {
		t.Errorf("told %q", told)
	}
}

// TestTheSchemasAreThere says why nothing is held to them, where they have not been
// fetched.
func TestTheSchemasAreThere(t *testing.T) {
	t.Parallel()
	for _, release := range slices.Sorted(maps.Keys(openapi.Versions())) {
		if _, err := openapi.Load(release); err != nil && os.Getenv("SENTRYIDP_PEERS") == "required" {
			t.Error(err)
		} else if err != nil {
			t.Skipf("requests to authentik and answers of its emulation are not held to its schema: %v", err)
		}
	}
	if _, err := openapi.Load("2024.2"); err == nil {
		t.Error("a release without a schema has one")
	}
}
