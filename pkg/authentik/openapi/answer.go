package openapi

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Answer returns what is wrong with an answer to a request.
func (s *Schema) Answer(r *http.Request, a Answer) []string {
	path, inside := strings.CutPrefix(r.URL.Path, apiPath)
	if !inside {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if kind != "application/json" && a.Status >= http.StatusBadRequest {
		return nil // of what stands before authentik, or of its pages: not of the API
	}
	found, _, ok := s.find(path)
	declared, pointer := s.at("paths", found, operation(r.Method), "responses", strconv.Itoa(a.Status))
	if !ok || declared == nil {
		if general(a.Status) {
			return s.document(asAnswer, []string{"components", "schemas", "GenericError"}, a.Body)
		}
		return []string{"the status is not declared"}
	}
	content, _ := declared["content"].(map[string]any)
	switch {
	case content == nil && len(a.Body) == 0:
		return nil
	case content == nil && a.Status == http.StatusBadRequest: // a description alone says nothing of the body
		return s.document(asAnswer, []string{"components", "schemas", "ValidationError"}, a.Body)
	case content == nil && a.Status == http.StatusNotFound:
		return s.document(asAnswer, []string{"components", "schemas", "GenericError"}, a.Body)
	case content == nil:
		return []string{"there is a body, and none is declared"}
	case content[kind] == nil && downloads(r, found):
		return nil
	case content[kind] == nil:
		return []string{"the type of the body is not declared: " + kind}
	case kind != "application/json":
		return nil
	}
	return s.document(asAnswer, slices.Concat(pointer, []string{"content", kind, "schema"}), a.Body)
}

// general are the statuses that any view may answer and the file declares for none:
// Django REST framework raises NotFound for a key and a page that are not there,
// MethodNotAllowed and Throttled (rest_framework/exceptions.py), all with a detail.
func general(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusTooManyRequests
}

// downloads reports the answers that are files if the query says so, which the file
// declares as JSON alone (authentik/crypto/api.py view_certificate,
// authentik/providers/saml/api/providers.py metadata).
func downloads(r *http.Request, path string) bool {
	return r.URL.Query().Has("download") && (strings.HasSuffix(path, "/view_certificate/") || strings.HasSuffix(path, "/view_private_key/") || strings.HasSuffix(path, "/metadata/"))
}

// undeclared are parameters that the file leaves out.
func undeclared(string, string) bool { return false }
