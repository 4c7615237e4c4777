package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestInsideIsForLoopbackHostsAlone(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	for host, status := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:9000": 200, "127.9.9.9:1": 200, "[::1]": 200, "[::1]:9000": 200, "[::ffff:127.0.0.1]:80": 200,
		"localhost": 200, "localhost:9000": 200, "LOCALHOST:9000": 200,
		"evil.test": 421, "evil.test:9000": 421, "localhost.evil.test": 421, "127.0.0.1.evil.test:9000": 421, "10.0.0.1:9000": 421,
		"0.0.0.0:9000": 421, "[::]:9000": 421, "sub.localhost:9000": 421, "2130706433:9000": 421,
	} {
		for _, path := range []string{"state", "requests"} {
			w := ask(t, s, "GET", "http://"+host+"/_sandbox/"+path, "", "Authorization", "Bearer "+ownToken)
			if w.Code != status || status != http.StatusOK && strings.Contains(w.Body.String(), "acme.test") {
				t.Errorf("%s: %s answered %d %s, want %d", host, path, w.Code, w.Body, status)
			}
		}
	}
}

func TestInsideTakesItsOwnTokenAlone(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer " + token, "Bearer " + ownToken + "x", "Basic " + ownToken} {
		for _, path := range []string{"state", "requests", "x"} {
			w := ask(t, s, "GET", inside+path, "", "Authorization", authorization)
			if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "Bearer" || strings.Contains(w.Body.String(), "acme.test") {
				t.Errorf("%q: %s answered %d %s", authorization, path, w.Code, w.Body)
			}
		}
	}
	if w := ask(t, s, "GET", scim+"/Users", "", "Authorization", "Bearer "+ownToken); w.Code != http.StatusUnauthorized {
		t.Errorf("SCIM answered %d to the sandbox's own token", w.Code)
	}
	if total := len(s.Requests()); total != 1 {
		t.Errorf("the journal has %d requests, want that of SCIM", total)
	}
}

func TestInsideIsReadAlone(t *testing.T) {
	t.Parallel()
	s := newSentry(t, small(), config())
	w := ask(t, s, "POST", inside+"state", "{}", "Authorization", "Bearer "+ownToken)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if w := ask(t, s, "GET", inside+"x", "", "Authorization", "Bearer "+ownToken); w.Code != http.StatusNotFound {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestTheSandboxHasATokenOfItsOwn(t *testing.T) {
	t.Parallel()
	c := config()
	c.Token, c.SandboxToken = "", ""
	s := newSentry(t, sandbox.DefaultState("acme"), c)
	if s.SandboxToken() != strings.Repeat("0", 64) || s.SandboxToken() == s.Token() {
		t.Errorf("the tokens are %q and %q", s.SandboxToken(), s.Token())
	}
	if w := ask(t, s, "GET", inside+"state", "", "Authorization", "Bearer "+s.SandboxToken()); w.Code != http.StatusOK {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
