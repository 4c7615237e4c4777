package sandbox

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong with one request. The zero Fault is
// nothing.
type Fault struct {
	// Status answers with this status in the place of Sentry; 0 lets it answer.
	Status int
	// Header is added to that answer.
	Header http.Header
	// ContentType is its type; text/html if empty.
	ContentType string
	// Body is its body.
	Body string
	// After lets the request take effect first: the write happens, and only the
	// answer is lost.
	After bool
	// Cut breaks the connection: before an answer if Status is 0, otherwise in
	// the middle of Body.
	Cut bool
	// Delay is waited first.
	Delay time.Duration
}

func (f Fault) replaces() bool { return f.Status != 0 || f.Cut }

func (f Fault) reply() reply {
	kind := f.ContentType
	if kind == "" {
		kind = "text/html"
	}
	return reply{status: f.Status, header: maps.Clone(f.Header), contentType: kind, body: f.Body}
}

// cut sends half of an answer, if there is one, and breaks the connection.
func cut(w http.ResponseWriter, answer reply) {
	if text, ok := answer.body.(string); ok && answer.status != 0 {
		maps.Copy(w.Header(), answer.header)
		w.Header().Set("Content-Type", answer.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.WriteHeader(answer.status)
		_, _ = w.Write([]byte(text[:len(text)/2]))
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler) // how net/http is told to break a connection
}
