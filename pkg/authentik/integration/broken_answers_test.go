package integration_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// spoiler gives another answer to one request, the one with the number at. The server
// has handled it or not, as the way of spoiling says.
type spoiler struct {
	direct

	spoil   func(handled func() *http.Response) *http.Response // nil: the connection is lost
	at, sum int
}

func (s *spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	s.sum++
	if s.sum != s.at {
		return s.direct.RoundTrip(r)
	}
	answer := s.spoil(func() *http.Response {
		res, err := s.direct.RoundTrip(r)
		if err != nil {
			panic(err)
		}
		return res
	})
	if answer == nil {
		return nil, io.ErrUnexpectedEOF
	}
	answer.Request = r
	return answer, nil
}

func answered(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewBufferString(body))}
}

// TestABrokenAnswerIsMendedByTheNextRun spoils each answer once. No application is
// left with a provider and without bindings, and the next run finishes: one object of
// each kind, and nothing to write for the one after.
func TestABrokenAnswerIsMendedByTheNextRun(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(func() *http.Response) *http.Response{
		"refused":       func(func() *http.Response) *http.Response { return answered(http.StatusForbidden, `{"detail":"no"}`) },
		"handled, lost": func(handled func() *http.Response) *http.Response { handled(); return nil },
		"handled, page": func(handled func() *http.Response) *http.Response {
			handled()
			return answered(http.StatusOK, "<html>log in")
		},
		"an empty object": func(func() *http.Response) *http.Response { return answered(http.StatusOK, "{}") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := 1; spoiled(t, &spoiler{spoil: spoil, at: at}); at++ {
			}
		})
	}
}

// spoiled reports whether there was a request of that number.
func spoiled(t *testing.T, s *spoiler) bool {
	t.Helper()
	c, settings := newCompany(t, "2026.8"), plainSettings(t)
	s.direct = direct{c, c.Authentik}
	client, err := authentik.New("https://authentik.test", &http.Client{Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	run := c.run(settings)
	run.Client = client
	if _, err := run.Apply(t.Context()); s.sum < s.at {
		if err != nil {
			t.Errorf("with no answer spoiled: %v", err)
		}
		return false
	}
	apps := c.made("core/applications")
	if len(apps) > 0 && apps[0]["provider"] != nil && len(c.made("policies/bindings")) == 0 {
		t.Errorf("request %d: everybody may use the application", s.at)
	}
	if again, err := c.run(settings).Apply(t.Context()); err != nil || !again.Verified {
		t.Errorf("request %d: the next run: %v", s.at, err)
	}
	writes := len(c.writes())
	if _, err := c.run(settings).Apply(t.Context()); err != nil || len(c.writes()) != writes {
		t.Errorf("request %d: the run after the next wrote, or ended with %v", s.at, err)
	}
	for _, path := range []string{"core/applications", "providers/saml", "providers/scim", "policies/bindings", "propertymappings/provider/scim"} {
		if n := len(c.made(path)); n != 1 {
			t.Errorf("request %d: %d objects of %s", s.at, n, path)
		}
	}
	return true
}
