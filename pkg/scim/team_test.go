package scim_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// change is a PATCH of a team's members as a server reads it.
type change struct {
	Op  string
	IDs []string
}

// team is a server that changes the members of one team, a request at a time.
// answer decides what becomes of each; without it all is well. It calls commit
// to carry the request out.
type team struct {
	answer func(n int, c change, commit func(), req *http.Request) verdict

	mu      sync.Mutex
	members map[string]bool
	changes []change
	busy    int
	overlap bool
	odd     []string // what no request may have
}

func newTeam(ids ...string) *team {
	s := &team{members: map[string]bool{}}
	for _, id := range ids {
		s.members[id] = true
	}
	return s
}

func (s *team) RoundTrip(req *http.Request) (*http.Response, error) {
	c := s.read(req)
	s.mu.Lock()
	s.busy++
	s.overlap = s.overlap || s.busy > 1
	s.changes = append(s.changes, c)
	n := len(s.changes)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}()
	commit := func() { s.commit(c) }
	if s.answer == nil {
		commit()
		return done().response()
	}
	return s.answer(n, c, commit, req).response()
}

var byValue = regexp.MustCompile(`^members\[value eq "([0-9]+)"\]$`)

func (s *team) read(req *http.Request) change {
	var body struct {
		Schemas    []string
		Operations []struct {
			Op, Path string
			Value    []struct{ Value string }
		}
	}
	text, _ := io.ReadAll(req.Body)
	err := json.Unmarshal(text, &body)
	var c change
	for _, o := range body.Operations {
		c.Op = o.Op
		if found := byValue.FindStringSubmatch(o.Path); o.Op == "remove" && found != nil {
			c.IDs = append(c.IDs, found[1])
			continue
		}
		if o.Op != "add" || o.Path != "members" || len(body.Operations) != 1 {
			err = errors.New("an operation of another kind")
		}
		for _, v := range o.Value {
			c.IDs = append(c.IDs, v.Value)
		}
	}
	_, marked := req.Header["Idempotency-Key"]
	if err != nil || req.Method != http.MethodPatch || req.URL.Path != base+"/Groups/5" || len(body.Schemas) != 1 ||
		len(body.Operations) > 100 || len(c.IDs) > 100 || len(c.IDs) == 0 || marked != (len(c.IDs) == 1) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.odd = append(s.odd, req.Method+" "+req.URL.Path+" "+string(text))
	}
	return c
}

func (s *team) commit(c change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range c.IDs {
		if c.Op == "add" {
			s.members[id] = true
		} else {
			delete(s.members, id)
		}
	}
}

// sizes writes the requests as "+100 -50".
func (s *team) sizes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, c := range s.changes {
		sign := "+"
		if c.Op == "remove" {
			sign = "-"
		}
		list = append(list, sign+strconv.Itoa(len(c.IDs)))
	}
	return strings.Join(list, " ")
}

// check holds what is true of every change: who is in the team, how it was asked.
func (s *team) check(t fataler, want []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(s.members))); want != nil && diff != "" {
		t.Fatalf("members (-want +got):\n%s", diff)
	}
	if s.overlap || len(s.odd) > 0 {
		t.Fatalf("overlapping %t, odd requests %q", s.overlap, s.odd)
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// verdict is what a server answers, or why it does not.
type verdict struct {
	status  int
	body    string
	headers []string
	err     error
}

func done() verdict { return verdict{status: http.StatusNoContent} }

// integrity is how Sentry refuses what another request has just written.
func integrity() verdict {
	return verdict{status: 400, body: refusal(400, "Database Integrity Error.")}
}

func refused() verdict { return verdict{err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}} }

func (v verdict) response() (*http.Response, error) {
	if v.err != nil {
		return nil, v.err
	}
	h := http.Header{}
	for i := 0; i+1 < len(v.headers); i += 2 {
		h.Set(v.headers[i], v.headers[i+1])
	}
	body := io.Reader(strings.NewReader(v.body))
	if v.body == halfBody {
		body = iotest.ErrReader(io.ErrUnexpectedEOF)
	}
	return &http.Response{StatusCode: v.status, Header: h, Body: io.NopCloser(body), ContentLength: -1}, nil
}

// halfBody is the body of an answer that ends too soon.
const halfBody = "half"

// over returns a client over the real transport with network as the network.
func over(t fataler, network http.RoundTripper, timeout time.Duration, clock transport.Clock) *scim.Client {
	t.Helper()
	client, err := transport.New(transport.Options{Clock: clock, Base: network, AttemptTimeout: timeout})
	if err != nil {
		t.Fatalf("%v", err)
	}
	c, err := scim.New("https://sentry.acme.test"+base, client, scim.Clock(clock))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// changeMembers changes a team and returns the error alone.
func changeMembers(t *testing.T, c *scim.Client, id string, add, remove []string) error {
	t.Helper()
	_, _, err := c.ChangeMembers(t.Context(), id, add, remove)
	return err
}

// numbers returns the ids from first to last.
func numbers(first, last int) []string {
	var list []string
	for id := first; id <= last; id++ {
		list = append(list, strconv.Itoa(id))
	}
	return list
}
