package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP answers as Sentry would, unless the configured fault says otherwise.
func (s *Sentry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/_sandbox/"); ok {
		s.write(w, r, s.inside(r, name))
		return
	}
	n, began := int(s.asked.Add(1)), s.config.Now()
	var fault Fault
	if s.config.Fault != nil {
		fault = s.config.Fault(n, r)
	}
	if !pause(r, fault.Delay) {
		return
	}
	var answer reply
	if fault.After || !fault.replaces() {
		answer = s.answer(r)
	}
	if fault.replaces() {
		answer = fault.reply()
	}
	s.journal.add(Request{N: n, Method: r.Method, Path: r.URL.RequestURI(), Status: answer.status, Took: s.config.Now().Sub(began).Microseconds()})
	if fault.Cut {
		cut(w, answer)
	}
	s.write(w, r, answer)
}

// pause waits and tells whether the client is still there.
func pause(r *http.Request, wait time.Duration) bool {
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer is Sentry's own answer.
func (s *Sentry) answer(r *http.Request) reply {
	path := r.URL.Path
	if instead, ok := s.inTheWay(r); ok {
		return instead
	}
	switch {
	case strings.HasPrefix(path, "/saml/metadata/"):
		return s.metadata(r)
	case path == "/api/client-config/" && r.Method == http.MethodGet:
		return s.clientConfig(r)
	case strings.HasPrefix(path, "/api/0/"):
		return s.api(r)
	default:
		return notFoundPage()
	}
}

// api answers a request to the API: routing, rate limits and the conversion of
// errors into answers.
func (s *Sentry) api(r *http.Request) reply {
	c, ok := s.route(r)
	if !ok {
		return routeNotFound(r)
	}
	if r.Method == http.MethodOptions {
		return reply{status: http.StatusOK, contentType: html, header: http.Header{"Allow": {c.allow()}}}
	}
	_, known := s.access(r)
	pass := s.limiter.enter(r.Method, known)
	defer pass.leave()
	if pass.refused != nil {
		return *pass.refused
	}
	if r.Method != http.MethodGet {
		c.body, c.bodyErr = readBody(r) // before all waiting, as nginx does
	}
	time.Sleep(s.config.Latency)
	answer, err := s.handle(c)
	if err != nil {
		answer = internalError()
		if refused, ok := errors.AsType[*refusal](err); ok {
			answer = refused.reply
		}
	}
	return pass.mark(answer)
}

func routeNotFound(r *http.Request) reply {
	if strings.HasSuffix(r.URL.Path, "/") {
		return reply{status: http.StatusNotFound, contentType: html, body: ""}
	}
	const help = "Route not found, did you forget a trailing slash?"
	try := "try: " + r.URL.Path + "/"
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return reply{status: http.StatusNotFound, body: map[string]string{"info": help + " " + try}}
	}
	arrow := strings.Repeat(" ", len(try)-1) + "^"
	return reply{status: http.StatusNotFound, contentType: "text/plain", body: help + "\n\n" + try + "\n" + arrow + "\n"}
}

func notFoundPage() reply {
	return reply{status: http.StatusNotFound, contentType: html, body: "<h1>Not Found</h1>\n"}
}

// encode is the body as it goes over the wire, and its type.
func (a reply) encode() ([]byte, string, error) {
	switch body := a.body.(type) {
	case nil:
		return nil, a.contentType, nil
	case string:
		return []byte(body), a.contentType, nil
	default:
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		err := encoder.Encode(body)
		kind := a.contentType
		if kind == "" {
			kind = "application/json"
		}
		return bytes.TrimSuffix(out.Bytes(), []byte("\n")), kind, err
	}
}

// write sends an answer. What cannot be sent any more is the client's loss.
func (s *Sentry) write(w http.ResponseWriter, r *http.Request, answer reply) {
	body, kind, err := answer.encode()
	if err != nil {
		answer = internalError()
		body, kind, _ = answer.encode()
	}
	header := w.Header()
	header.Set("Date", s.now().UTC().Format(http.TimeFormat))
	maps.Copy(header, answer.header)
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	if answer.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(answer.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// absolute is an address under Sentry's url-prefix.
func (s *Sentry) absolute(r *http.Request, path string) string {
	base := s.config.BaseURL
	if base == "" {
		base = (&url.URL{Scheme: "http", Host: r.Host}).String()
	}
	return s.prefix(base) + path
}
