package authentik

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	apiPath = "/api/v3/"
	maxBody = 4 << 20
)

// reply is an answer. A body that is a string is sent as it is.
type reply struct {
	status int
	body   any
	kind   string // content type; JSON if empty
	file   string // the name of what is downloaded

	location string // where a redirect leads
}

func detail(status int, words string) reply {
	return reply{status: status, body: Object{"detail": words}}
}

const html = "text/html; charset=utf-8"

// noPage is what authentik's interface says outside of the API.
func noPage() reply {
	return reply{status: http.StatusNotFound, body: "<!DOCTYPE html><title>Not Found - authentik</title>", kind: html}
}

// crash is an exception that nothing catches.
func crash() reply {
	return reply{status: http.StatusInternalServerError, body: "<h1>Server Error (500)</h1>", kind: html}
}

// metadataPath is the public address of an application's metadata.
var metadataPath = lazily(`^/application/saml/([^/]+)/metadata/$`)

// addressed notes the address that authentik is asked under, for the URLs of the
// answer. The lock is held.
func (a *Authentik) addressed(r *http.Request) {
	a.base = a.config.BaseURL
	if a.base == "" {
		a.base = (&url.URL{Scheme: "http", Host: r.Host}).String()
	}
	a.base = a.seenAs(a.base)
}

func notFound() reply { return detail(http.StatusNotFound, "Not found.") }

// ServeHTTP answers as authentik would, unless the configured fault says
// otherwise.
func (a *Authentik) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.config.Latency > 0 {
		timer := time.NewTimer(a.config.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	n := a.note(r)
	w.Header().Set("Date", a.Now().UTC().Format(http.TimeFormat))
	answer, _ := a.inTheWay(r)
	if a.config.Fault != nil && answer.status == 0 {
		answer.status, answer.body = a.fault(n, r)
		answer.kind = html
	}
	if answer.status == 0 {
		answer = a.answer(r)
	}
	a.settle(n, answer.status)
	send(w, answer)
}

func (a *Authentik) fault(n int, r *http.Request) (status int, body any) {
	return a.config.Fault(n, r)
}

// note writes a request into the journal and returns its number.
func (a *Authentik) note(r *http.Request) int {
	a.journal.Lock()
	defer a.journal.Unlock()
	a.asked++
	if len(a.seen) == maxJournal {
		a.seen = slices.Delete(a.seen, 0, maxJournal/10)
	}
	a.seen = append(a.seen, Request{N: a.asked, Method: r.Method, Path: r.URL.RequestURI()})
	return a.asked
}

func (a *Authentik) settle(n, status int) {
	a.journal.Lock()
	defer a.journal.Unlock()
	for i := range slices.Backward(a.seen) {
		if a.seen[i].N == n {
			a.seen[i].Status = status
			return
		}
	}
}

func send(w http.ResponseWriter, answer reply) {
	page, isText := answer.body.(string)
	if answer.kind == "" {
		answer.kind = "application/json"
	}
	w.Header().Set("Content-Type", answer.kind)
	if answer.location != "" {
		w.Header().Set("Location", answer.location)
	}
	if answer.file != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": answer.file}))
	}
	w.Header().Set("X-Powered-By", "authentik")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(answer.status)
	switch {
	case isText:
		_, _ = io.WriteString(w, page)
	case answer.body != nil:
		_ = json.NewEncoder(w).Encode(answer.body)
	}
}

func (a *Authentik) answer(r *http.Request) reply {
	path, inside := strings.CutPrefix(r.URL.Path, apiPath)
	if match := metadataPath().FindStringSubmatch(r.URL.Path); match != nil && r.Method == http.MethodGet {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.addressed(r)
		return a.applicationMetadata(match[1], r.URL.Query())
	}
	if !inside || !strings.HasSuffix(path, "/") {
		return noPage()
	}
	path = strings.TrimSuffix(path, "/")
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return detail(http.StatusBadRequest, "the request body is too large")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.addressed(r)
	if answer, open := a.public(r, path); open {
		return answer
	}
	if refused := a.refused(r); refused != nil {
		return *refused
	}
	return a.route(&call{Request: r, path: path, body: body})
}

// public answers what needs no token.
func (a *Authentik) public(r *http.Request, path string) (reply, bool) {
	if path == "root/config" {
		return reply{status: http.StatusOK, body: Object{
			"capabilities": []string{}, "cache_timeout": 300, "cache_timeout_flows": 300, "cache_timeout_policies": 300,
			"error_reporting": Object{"enabled": false, "sentry_dsn": "", "environment": "customer", "send_pii": false, "traces_sample_rate": 0},
		}}, true
	}
	key, rest, _ := strings.Cut(strings.TrimPrefix(path, pathSAML+"/"), "/")
	if strings.HasPrefix(path, pathSAML+"/") && rest == "metadata" && r.Method == http.MethodGet {
		return a.samlMetadata(key, r.URL.Query()), true
	}
	return reply{}, false
}

// refused is what somebody without the token is told
// (authentik/api/authentication.py: the scheme has no challenge, so it is 403).
func (a *Authentik) refused(r *http.Request) *reply {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	var answer reply
	switch {
	case token == "":
		answer = detail(http.StatusForbidden, "Authentication credentials were not provided.")
	case !strings.EqualFold(scheme, "Bearer"):
		answer = detail(http.StatusForbidden, "Unsupported authentication type")
	case subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) != 1, a.config.Faults.IsOn("token-invalid"):
		answer = detail(http.StatusForbidden, "Token invalid/expired")
	default:
		return nil
	}
	return &answer
}

// call is a request behind the token.
type call struct {
	*http.Request

	path string
	body []byte
	sent Object
}

// decode reads the body as a JSON object.
func (c *call) decode() *reply {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		answer := detail(http.StatusBadRequest, "JSON parse error - "+err.Error())
		return &answer
	}
	sent, ok := v.(Object)
	if !ok {
		answer := reply{status: http.StatusBadRequest, body: Object{nonField: []string{"Invalid data. Expected a dictionary, but got " + typeName(v) + "."}}}
		return &answer
	}
	c.sent = sent
	return nil
}

// route finds the collection of a path: the longest that is one.
func (a *Authentik) route(c *call) reply {
	switch {
	case c.path == "admin/version":
		return a.version()
	case c.path == "core/users/me":
		return a.me()
	case strings.HasPrefix(c.path, "propertymappings/all/"):
		return a.testMapping(c)
	}
	for path, k := range a.kinds {
		rest, inside := strings.CutPrefix(c.path, path)
		if !inside || rest != "" && rest[0] != '/' {
			continue
		}
		if slices.Contains(a.state.Denied, path) {
			return detail(http.StatusForbidden, "You do not have permission to perform this action.")
		}
		if path == pathKeyPairs {
			if err := a.certify(); err != nil {
				return detail(http.StatusInternalServerError, err.Error())
			}
		}
		return a.collection(c, k, strings.TrimPrefix(rest, "/"))
	}
	return noPage()
}

func (a *Authentik) version() reply {
	current := a.config.Release.version()
	if a.config.Faults.IsOn("authentik-old") {
		current = "2024.12.5"
	}
	return reply{status: http.StatusOK, body: Object{
		"version_current": current, "version_latest": current, "version_latest_valid": true, "build_hash": "", "outdated": false, "outpost_outdated": false,
	}}
}

func (a *Authentik) me() reply {
	owner := a.owner()
	self := partial(owner, "username", "name", "email", "is_active", "type")
	self["uid"], self["avatar"], self["is_superuser"] = uid(owner), avatar, owner["is_superuser"] == true
	self["groups"], self["settings"], self["system_permissions"] = a.groupsOf(owner, "pk", "name"), Object{}, []any{}
	if a.since(Release202512) {
		self["roles"] = []any{}
	}
	body := Object{"user": self}
	if a.since(Release202608) {
		self["is_current"], body["users"] = true, []any{self}
	}
	return reply{status: http.StatusOK, body: body}
}

func (a *Authentik) collection(c *call, k *kind, rest string) reply {
	key, action, _ := strings.Cut(rest, "/")
	switch {
	case key == "" && c.Method == http.MethodGet:
		return a.list(c, k)
	case key == "" && c.Method == http.MethodPost && !k.readOnly:
		return a.create(c, k)
	case k.path == pathKeyPairs && key == "generate" && c.Method == http.MethodPost:
		return a.generate(c)
	case key == "":
		return notAllowed(c.Method)
	}
	o := k.of(a, key)
	refused := a.barred(k)
	switch {
	case refused != nil:
		return *refused
	case o == nil || !a.viewer(k)(o):
		return notFound()
	case action != "":
		return a.act(c, k, o, action)
	}
	return a.single(c, k, o)
}

func notAllowed(method string) reply {
	return detail(http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", method))
}

func (a *Authentik) single(c *call, k *kind, o Object) reply {
	switch c.Method {
	case http.MethodGet:
		return reply{status: http.StatusOK, body: k.told(a, o, c.URL.Query())}
	case http.MethodPut, http.MethodPatch:
		return a.change(c, k, o)
	case http.MethodDelete:
		if k.readOnly {
			return notAllowed(c.Method)
		}
		a.delete(k, o)
		return reply{status: http.StatusNoContent}
	}
	return notAllowed(c.Method)
}
