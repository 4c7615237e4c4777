package cmd_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// canaryToken is the SCIM token of every script's Sentry: it must be in no
// output and no file.
const canaryToken = "sntrys_canary_token"

// startSentry serves an emulated Sentry for the rest of a script, and points
// the program's variables at it:
//
//	sentry MODE [STATE]
//
// STATE is a file; without one Sentry holds the sample. MODE is what goes wrong:
//
//	ok           nothing
//	unavailable  every answer is 503 with an HTML page
//	denied       every answer is 403
//	redirect     every answer is a redirect to another host
//	html         every list is an HTML page with status 200
//	refuses      every invitation is refused with 400
func startSentry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: sentry MODE [STATE]")
	}
	fault, known := faults()[args[0]]
	if !known {
		ts.Fatalf("unknown mode %s", args[0])
	}
	state := sandbox.SampleState()
	if len(args) == 2 {
		parsed, err := sandbox.ParseState([]byte(ts.ReadFile(args[1])))
		ts.Check(err)
		state = parsed
	}
	sentry, err := sandbox.NewSentry(state, sandbox.Config{
		Token: canaryToken, Now: time.Now, Rand: rand.Reader,
		Fault: func(_ int, r *http.Request) sandbox.Fault { return fault(r) },
	})
	ts.Check(err)
	server := httptest.NewServer(sentry)
	ts.Defer(server.Close)
	ts.Setenv("SENTRYIDP_SENTRY_URL", server.URL)
	ts.Setenv("SENTRYIDP_SENTRY_ORG", state.Org)
	ts.Setenv("SENTRYIDP_SENTRY_SCIM_TOKEN", canaryToken)
}

func faults() map[string]func(*http.Request) sandbox.Fault {
	always := func(f sandbox.Fault) func(*http.Request) sandbox.Fault {
		return func(*http.Request) sandbox.Fault { return f }
	}
	const html = "text/html"
	return map[string]func(*http.Request) sandbox.Fault{
		"ok":          always(sandbox.Fault{}),
		"unavailable": always(sandbox.Fault{Status: http.StatusServiceUnavailable, ContentType: html, Body: "<html><title>503</title></html>"}),
		"denied":      always(sandbox.Fault{Status: http.StatusForbidden, ContentType: "application/json", Body: `{"detail":"You do not have permission to perform this action."}`}),
		"redirect":    always(sandbox.Fault{Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example/"}}}),
		"html":        always(sandbox.Fault{Status: http.StatusOK, ContentType: html, Body: "<html><title>Sign in</title></html>"}),
		"refuses": func(r *http.Request) sandbox.Fault {
			if r.Method != http.MethodPost {
				return sandbox.Fault{}
			}
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"Invalid organization role."}`}
		},
	}
}
