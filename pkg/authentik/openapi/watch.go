package openapi

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Peer keeps the schemas of the releases that were asked for.
type Peer struct {
	// Required makes a missing schema a failure. Otherwise what it would be held to
	// goes unchecked.
	Required bool

	mu      sync.Mutex
	schemas map[string]*Schema
}

// Part is what is held to the schema.
type Part int

// The parts. Stories that send what is wrong on purpose leave the requests out,
// those that have an answer of their own making the answers.
const (
	Both Part = iota
	Requests
	Answers
)

// Schema returns the schema of a release, read once.
func (p *Peer) Schema(release string) (*Schema, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.schemas[release]; s != nil {
		return s, nil
	}
	s, err := Load(release)
	if err != nil {
		return nil, fmt.Errorf("the schema of authentik %s (.ci/run peers fetches it): %w", release, err)
	}
	if p.schemas == nil {
		p.schemas = map[string]*Schema{}
	}
	p.schemas[release] = s
	return s, nil
}

// Watch returns next as an authentik of that release whose requests and answers are
// held to the schema: what is wrong fails the test. With -short, and in a benchmark,
// nothing is.
func (p *Peer) Watch(tb testing.TB, release string, part Part, next http.Handler) http.Handler {
	tb.Helper()
	if _, measures := tb.(*testing.B); measures || testing.Short() {
		return next
	}
	s, err := p.Schema(release)
	switch {
	case err == nil:
		return s.Watch(part, next, func(problem string) { tb.Error(problem) })
	case p.Required:
		tb.Fatal(err)
	}
	return next
}

// Watch returns next with each exchange held to the schema. What is wrong goes to
// report, in one piece for an exchange.
func (s *Schema) Watch(part Part, next http.Handler, report func(problem string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent []byte
		if r.Body != nil {
			sent, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(sent))
		}
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		var list []string
		if part != Answers {
			list = s.Request(r, sent)
		}
		if part != Requests {
			list = append(list, s.Answer(r, Answer{Status: kept.Code, Header: kept.Header(), Body: kept.Body.Bytes()})...)
		}
		if len(list) > 0 {
			report(fmt.Sprintf("authentik %s: %s %s %s was answered %d %s\n  %s",
				s.release, r.Method, r.URL.RequestURI(), short(sent), kept.Code, short(kept.Body.Bytes()), strings.Join(list, "\n  ")))
		}
		maps.Copy(w.Header(), kept.Header())
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	})
}

// short is the begin of a body.
func short(body []byte) string {
	const most = 500
	text := strings.TrimSpace(string(body))
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
