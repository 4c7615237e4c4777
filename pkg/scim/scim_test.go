package scim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

const (
	canary = "sntrys_canary_0123456789"
	base   = "/api/0/organizations/acme/scim/v2"
)

// An address, and what Sentry says of one that is taken.
const (
	ada     = "ada@acme.test"
	invited = `{"email":["The user ada@acme.test has already been invited"]}`
	exists  = "User already exists in the database."
)

// call is a request that a server got: method, path below the base, body.
type call struct{ method, path, filter, start, count, body string }

// server records what it is asked and lets answer decide.
type server struct {
	answer func(n int, c call, w http.ResponseWriter)

	mu    sync.Mutex
	calls []call
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	c := call{r.Method, strings.TrimPrefix(r.URL.Path, base), q.Get("filter"), q.Get("startIndex"), q.Get("count"), string(body)}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	n := len(s.calls)
	s.mu.Unlock()
	s.answer(n, c, w)
}

func (s *server) seen() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// summary writes the requests as "GET /Users?startIndex…" without order.
func (s *server) methods() string {
	var lines []string
	for _, c := range s.seen() {
		lines = append(lines, c.method+" "+c.path)
	}
	return strings.Join(lines, ", ")
}

// half is randomness that always says the same.
type half struct{}

func (half) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0x80
	}
	return len(p), nil
}

// instant is a clock whose waits take no real time: they turn it forward.
func instant() transport.Clock {
	var waited atomic.Int64
	return transport.Clock{
		Now:  func() time.Time { return time.Now().Add(time.Duration(waited.Load())) },
		Rand: half{},
		Sleep: func(ctx context.Context, d time.Duration) error {
			waited.Add(int64(d))
			return context.Cause(ctx)
		},
	}
}

// connect returns a client over the real transport with a canary as token.
func connect(t *testing.T, s http.Handler, options ...scim.Option) *scim.Client {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return connectTo(t, web.URL, options...)
}

func connectTo(t *testing.T, url string, options ...scim.Option) *scim.Client {
	t.Helper()
	client, err := transport.New(transport.Options{
		Origin: url, Token: secret.New(canary), Clock: instant(), AttemptTimeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(url+base+"/", client, append([]scim.Option{scim.Clock(instant())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func userJSON(id int, name, role string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"%d","userName":%q,`+
		`"name":{"givenName":"N/A","familyName":"N/A"},"active":true,"sentryOrgRole":%q}`, id, name, role)
}

func userN(id int) string { return userJSON(id, fmt.Sprintf("u%d@acme.test", id), "member") }

func groupN(id int) string {
	return fmt.Sprintf(`{"id":"%d","displayName":"team %d","members":[{"value":"%d","display":"u%d@acme.test"}]}`, id, id, id, id)
}

// list is a ListResponse.
func list(total, start int, items ...string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"startIndex":%d,"itemsPerPage":%d,"Resources":[%s]}`,
		total, start, len(items), strings.Join(items, ","))
}

// cut returns the page that c asks for of the items from 1 to total, at most
// limit long.
func cut(c call, total, limit int, item func(int) string) string {
	start, _ := strconv.Atoi(c.start)
	count, _ := strconv.Atoi(c.count)
	var items []string
	for id := start; id <= min(total, start+min(count, limit)-1); id++ {
		items = append(items, item(id))
	}
	return list(total, start, items...)
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// drop breaks the connection without an answer.
func drop(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func refusal(status int, detail string) string {
	quoted, _ := json.Marshal(detail)
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","detail":%s}`, status, quoted)
}
