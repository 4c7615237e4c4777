package scim_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

const forbidden = `{"detail":"You do not have permission to perform this action."}`

func TestWhatAnAnswerSaysIsSaid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status  int
		header  [2]string
		body    string
		want    string
		hint    string
		code    fault.Code
		apiCode int
	}{
		"no token":       {401, [2]string{}, `{"detail":"Invalid token"}`, "answered 401 Unauthorized: Invalid token", "SCIM Information", fault.Credential, 401},
		"SCIM off":       {403, [2]string{}, forbidden, "403 Forbidden: You do not have permission", "Enable SCIM", fault.Credential, 403},
		"no scope":       {403, [2]string{"WWW-Authenticate", `Bearer error="insufficient_scope", scope="member:read"`}, forbidden, "403", "lacks a scope; it needs", fault.Credential, 403},
		"a proxy":        {403, [2]string{}, "<html><head><title>403\nForbidden</title></head></html>", `an HTML page titled "403 Forbidden"`, "in front of it", fault.Credential, 403},
		"unknown org":    {404, [2]string{}, `{"detail":"The requested resource does not exist"}`, "does not exist", "check sentry.org and sentry.url", fault.Failed, 404},
		"a redirect":     {302, [2]string{"Location", "https://user:pw@login.acme.test/sso?next=/x"}, "", "it redirects to https://login.acme.test/sso", "sentry.url", fault.Failed, 302},
		"to nowhere":     {301, [2]string{}, "", "it redirects to nowhere", "sentry.url", fault.Failed, 301},
		"server error":   {500, [2]string{}, `{"detail":"Internal Error","errorId":"abc"}`, "500 Internal Server Error: Internal Error", "repeated", fault.Failed, 500},
		"bad gateway":    {502, [2]string{}, "<html><title>502 Bad Gateway</title><body>nginx</body></html>", `502 Bad Gateway: an HTML page titled "502 Bad Gateway"`, "proxy", fault.Failed, 502},
		"rate limited":   {429, [2]string{"Retry-After", "86400"}, `{"detail":"You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds"}`, "Limit is 40 requests in 1 seconds", "longer pause", fault.Failed, 429},
		"field errors":   {400, [2]string{}, `{"startIndex":["Ensure this value is greater than or equal to 1."]}`, "startIndex: Ensure this value", "", fault.Failed, 400},
		"invalid filter": {400, [2]string{}, `{"schemas":["x"],"scimType":"invalidFilter"}`, "400 Bad Request: invalidFilter", "", fault.Failed, 400},
		"nested detail":  {400, [2]string{}, refusal(400, `{"Operations":{"0":{"op":["\"add\" is not a valid choice"]}}}`), `Operations.0.op: "add" is not a valid choice`, "", fault.Failed, 400},
		"text":           {418, [2]string{}, "I am\x1b[31m a\n teapot", `the text "I am`, "", fault.Failed, 418},
		"nothing":        {400, [2]string{}, "", "answered 400 Bad Request", "", fault.Failed, 400},
		"an odd status":  {599, [2]string{}, "", "answered 599", "", fault.Failed, 599},
		"success, HTML":  {200, [2]string{}, "<!DOCTYPE html><html><title>Log in</title>", `answered 200 with an HTML page titled "Log in"`, "is http", fault.Failed, 0},
		"success, none":  {200, [2]string{}, "", "an empty body", "SCIM base URL", fault.Failed, 0},
		"success, 204":   {204, [2]string{}, "", "an empty body", "SCIM base URL", fault.Failed, 0},
		"success, list":  {200, [2]string{}, "[]", "a JSON list", "SCIM base URL", fault.Failed, 0},
		"success, text":  {200, [2]string{}, "hello", `the text "hello"`, "SCIM base URL", fault.Failed, 0},
		"another shape":  {200, [2]string{}, `{"detail":"hi"}`, "no SCIM list", "SCIM base URL", fault.Failed, 0},
		"broken JSON":    {200, [2]string{}, `{"totalResults":1,`, "JSON that cannot be read", "SCIM base URL", fault.Failed, 0},
		"wrong types":    {200, [2]string{}, `{"totalResults":"1"}`, "JSON that cannot be read", "SCIM base URL", fault.Failed, 0},
		"a huge total":   {200, [2]string{}, `{"totalResults":100000000000}`, "out of range", "SCIM base URL", fault.Failed, 0},
		"a minus total":  {200, [2]string{}, `{"totalResults":-1}`, "out of range", "SCIM base URL", fault.Failed, 0},
		"no id":          {200, [2]string{}, list(1, 1, `{"userName":"a@acme.test"}`), `a user has the id "", expected digits`, "SCIM base URL", fault.Failed, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.header[0] != "" {
					w.Header().Set(tt.header[0], tt.header[1])
				}
				w.Header().Set("X-Echo", r.Header.Get("Authorization"))
				w.Header().Set("Content-Type", "text/html") // Sentry's 429 says so too
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			t.Cleanup(web.Close)
			_, err := connectTo(t, web.URL).Users(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "GET "+base+"/Users: ") {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, want %q", hints, tt.hint)
			}
			if fault.CodeOf(err) != tt.code {
				t.Errorf("code %d, want %d", fault.CodeOf(err), tt.code)
			}
			api, ok := errors.AsType[*scim.APIError](err)
			if ok != (tt.apiCode != 0) || (ok && (api.Status != tt.apiCode || len(api.Body) > 512)) {
				t.Errorf("APIError %+v, want status %d", api, tt.apiCode)
			}
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("control characters in %q", err)
			}
		})
	}
}

// TestWhatARefusalIs asks each refusal for all that it can be.
func TestWhatARefusalIs(t *testing.T) {
	t.Parallel()
	kinds := []error{scim.ErrNotFound, scim.ErrConflict, scim.ErrUnknownMember, scim.ErrRole, scim.ErrAddress}
	tests := map[string]struct {
		status int
		body   string
		want   error
	}{
		"gone":                  {404, refusal(404, "The requested resource does not exist"), scim.ErrNotFound},
		"a 404 of a proxy":      {404, "<title>404</title>", nil},
		"a member is gone":      {404, refusal(404, "User not found."), scim.ErrUnknownMember},
		"there already":         {409, refusal(409, exists), scim.ErrConflict},
		"invited already":       {400, refusal(400, invited), scim.ErrConflict},
		"a member already":      {400, refusal(400, `{"email":["The user ada@acme.test is already a member"]}`), scim.ErrConflict},
		"a slug in use":         {400, `{"slug":["The slug \"web\" is already in use."]}`, scim.ErrConflict},
		"not an address":        {400, refusal(400, `{"email":["Enter a valid email address."]}`), scim.ErrAddress},
		"text about an address": {400, "email: what?", nil},
		"no such role":          {400, refusal(400, "Invalid organization role."), scim.ErrRole},
		"another 400":           {400, refusal(400, "Invalid SCIM payload."), nil},
		"a fault":               {500, `{"detail":"Internal Error"}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, tt.status, tt.body) }})
			_, err := c.ResetRole(t.Context(), "7")
			for _, kind := range kinds {
				if got := errors.Is(err, kind); err == nil || got != errors.Is(tt.want, kind) {
					t.Errorf("%v is %v: %t", err, kind, got)
				}
			}
		})
	}
}

func TestNoErrorShowsTheToken(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 400, 401, 403, 404, 409, 429, 500, 502} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"detail":"refused: ` + r.Header.Get("Authorization") + `"}`))
		}))
		_, err := connectTo(t, web.URL).Users(t.Context())
		web.Close()
		api, ok := errors.AsType[*scim.APIError](err)
		if !ok || strings.Contains(err.Error()+api.Body+strings.Join(fault.Hints(err), ""), canary) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestServersThatAreNotThere(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for url, want := range map[string]string{
		"http://127.0.0.1:1":                             "connection refused at 127.0.0.1:1", // tcpmux, which nobody serves
		strings.Replace(plain.URL, "http:", "https:", 1): "plain HTTP",
	} {
		_, err := connectTo(t, url).Users(t.Context())
		unreachable, ok := errors.AsType[*answer.UnreachableError](err)
		if !ok || !strings.Contains(err.Error(), want) || unreachable.Err == nil {
			t.Errorf("%s: %v", url, err)
		}
		if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, url) || !strings.Contains(hints, "sentry.url") {
			t.Errorf("hints %q", hints)
		}
	}
}

func TestCancelling(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := connect(t, &server{answer: func(_ int, _ call, w http.ResponseWriter) {
		cancel()
		time.Sleep(time.Millisecond)
		drop(w)
	}})
	_, err := c.Invite(ctx, ada, "")
	if !errors.Is(err, context.Canceled) || len(fault.Hints(err)) != 0 {
		t.Errorf("%v, hints %v", err, fault.Hints(err))
	}
}

func TestNewRefusesURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "sentry.io/api", "ftp://sentry.io", "https://", "https://user:" + canary + "@sentry.io/scim/v2",
		"https://sentry.io/scim/v2?token=" + canary, "https://sentry.io/scim/v2#x", "http://[::1/" + canary, "/scim/v2",
	} {
		_, err := scim.New(url, http.DefaultClient)
		if fault.CodeOf(err) != fault.Usage || strings.Contains(err.Error(), canary) || len(fault.Hints(err)) == 0 {
			t.Errorf("%q: %v", url, err)
		}
	}
}
