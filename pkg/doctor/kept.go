package doctor

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// kept is the answer to a request that others make too.
type kept struct {
	once   sync.Once
	answer *http.Response // without its body; nil where it is too large to be kept
	body   []byte
	err    error
}

// read keeps an answer or an error. It returns the answer where that cannot be kept
// and only the first who asked has it.
func (k *kept) read(resp *http.Response, err error) *http.Response {
	if err != nil {
		k.err = err
		return nil
	}
	k.body, err = io.ReadAll(io.LimitReader(resp.Body, maxVisit+1))
	if err != nil || len(k.body) > maxVisit {
		resp.Body = rest{io.MultiReader(bytes.NewReader(k.body), remainder{resp.Body, err}), resp.Body}
		k.body = nil
		return resp
	}
	_ = resp.Body.Close()
	k.answer = resp
	return nil
}

// again is the kept answer as one of its own.
func (k *kept) again(req *http.Request) *http.Response {
	resp := *k.answer
	resp.Header, resp.Request, resp.Body = k.answer.Header.Clone(), req, io.NopCloser(bytes.NewReader(k.body))
	return &resp
}

// rest is a body of which a part has been read.
type rest struct {
	io.Reader
	io.Closer
}

// remainder goes on with a body, or with the error that it ended in.
type remainder struct {
	body io.Reader
	err  error
}

// Read reads the body.
func (f remainder) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.body.Read(p)
}
