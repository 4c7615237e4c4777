package cmd_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sentryidp/sentryidp/cmd"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	sandboxfaults "github.com/sentryidp/sentryidp/pkg/sandbox/faults"
	"github.com/sentryidp/sentryidp/pkg/sentry"
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
//	silent       nothing, and it is a release that does not say what its SCIM can do
//	old          nothing, and it is release 25.7
//	broken       every answer is HTTP 500
//	unavailable  every answer is 503 with an HTML page
//	denied       every answer is 403
//	redirect     every answer is a redirect to another host
//	html         every list is an HTML page with status 200
//	tls          nothing, and its certificate is of the authority in ca.pem
//	refuses      every invitation is refused with 400
//
// or the name of a fault of the sandbox. The token of Sentry's own API is in
// CANARY_API_TOKEN.
func startSentry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: sentry MODE [STATE]")
	}
	fault, known := faults()[args[0]]
	board, err := sandboxfaults.New(sandbox.Faults())
	ts.Check(err)
	if !known {
		fault = faults()["ok"]
		defer func() { ts.Check(board.Set([]string{args[0]})) }()
	}
	state := sandbox.SampleState()
	if len(args) == 2 {
		parsed, err := sandbox.ParseState([]byte(ts.ReadFile(args[1])))
		ts.Check(err)
		state = parsed
	}
	release := sandbox.ReleaseLatest
	if older, is := map[string]sandbox.Release{"silent": sandbox.Release268, "old": sandbox.Release257}[args[0]]; is {
		release = older
	}
	server := httptest.NewUnstartedServer(nil)
	scheme := "http"
	if args[0] == "tls" {
		scheme = "https"
	}
	fake, err := sandbox.NewSentry(state, sandbox.Config{
		Release: release, Token: canaryToken, APIToken: canarySentryAPI, Faults: board, BaseURL: scheme + "://" + server.Listener.Addr().String(), Now: time.Now, Rand: rand.Reader, SAMLURL: sentry.IsSAMLURL,
		Fault: func(_ int, r *http.Request) sandbox.Fault { return fault(r) },
	})
	ts.Check(err)
	if server.Config.Handler = fake; args[0] == "tls" {
		startTLS(ts, server)
	} else {
		server.Start()
		ts.Defer(server.Close)
	}
	ts.Setenv("SENTRYIDP_SENTRY_URL", server.URL)
	ts.Setenv("SENTRYIDP_SENTRY_ORG", state.Org)
	ts.Setenv("SENTRYIDP_SENTRY_SCIM_TOKEN", canaryToken)
	ts.Setenv("CANARY_API_TOKEN", canarySentryAPI)
}

// canarySentryAPI is the API token of every script's Sentry, which a script gives to
// the program itself: env SENTRYIDP_SENTRY_API_TOKEN=$CANARY_API_TOKEN.
const canarySentryAPI = "sntryi_canary_api"

// canaryAPIToken is the API token of every script's authentik.
const canaryAPIToken = "ak_canary_token"

// startAuthentik serves an emulated authentik for the rest of a script, and
// points the program's variables at it:
//
//	authentik RELEASE [STATE]
//
// STATE is a file; without one authentik holds the people of three groups, and
// no application.
func startAuthentik(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: authentik RELEASE [STATE]")
	}
	state := emulated.FreshState([]emulated.Person{
		{Username: "ada", Name: "Ada Example", Email: "ada@acme.test", Groups: []string{"staff", "data"}},
		{Username: "bob", Name: "Bob Example", Email: "bob@acme.test", Groups: []string{"staff"}},
		{Username: "cid", Name: "Cid Example", Email: "cid@acme.test", Inactive: true, Groups: []string{"staff"}},
		{Username: "eve", Name: "Eve Example", Email: "eve@acme.test", Groups: []string{"guests"}},
	}, []string{"data", "guests", "staff"})
	if len(args) == 2 {
		parsed, err := emulated.ParseState([]byte(ts.ReadFile(args[1])))
		ts.Check(err)
		state = parsed
	}
	a, err := emulated.New(state, emulated.Config{
		Release: emulated.Release(args[0]), Token: canaryAPIToken, Now: time.Now, Rand: rand.Reader, SCIM: &http.Client{},
	})
	ts.Check(err)
	server := httptest.NewServer(watchedBy(ts, a))
	ts.Defer(server.Close)
	ts.Defer(a.Wait)
	ts.Setenv("SENTRYIDP_AUTHENTIK_URL", server.URL)
	ts.Setenv("SENTRYIDP_AUTHENTIK_TOKEN", canaryAPIToken)
}

func faults() map[string]func(*http.Request) sandbox.Fault {
	always := func(f sandbox.Fault) func(*http.Request) sandbox.Fault {
		return func(*http.Request) sandbox.Fault { return f }
	}
	const html = "text/html"
	return map[string]func(*http.Request) sandbox.Fault{
		"ok":          always(sandbox.Fault{}),
		"silent":      always(sandbox.Fault{}),
		"old":         always(sandbox.Fault{}),
		"broken":      always(sandbox.Fault{Status: http.StatusInternalServerError, ContentType: html, Body: "<h1>Internal Server Error</h1>"}),
		"tls":         always(sandbox.Fault{}),
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

// rehearsal prints a page of a running sandbox: rehearsal READY-FILE PAGE
func rehearsal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rehearsal READY-FILE PAGE")
	}
	var ready struct {
		RehearsalURL string `json:"rehearsal_url"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &ready))
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, ready.RehearsalURL+args[1]+"/", http.NoBody)
	ts.Check(err)
	response, err := (&http.Client{Timeout: time.Minute}).Do(r)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s answered %s", r.URL, response.Status)
	}
	_, err = io.Copy(ts.Stdout(), response.Body)
	ts.Check(err)
}

// login logs a person of a running sandbox in at Sentry, as a browser would, and
// prints the page where that ends:
//
//	login READY-FILE USERNAME
func login(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: login READY-FILE USERNAME")
	}
	var ready struct {
		LoginURL string `json:"login_url"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &ready))
	page, err := cmd.LogIn(context.Background(), ready.LoginURL, args[1])
	ts.Check(err)
	_, err = io.WriteString(ts.Stdout(), page)
	ts.Check(err)
}

// useSandbox points the program's variables at a running sandbox:
//
//	use READY-FILE
func useSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: use READY-FILE")
	}
	var ready map[string]string
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &ready))
	for variable, name := range map[string]string{
		"SENTRYIDP_SENTRY_URL": "sentry_url", "SENTRYIDP_SENTRY_ORG": "org", "SENTRYIDP_SENTRY_SCIM_TOKEN": "scim_token",
		"SENTRYIDP_AUTHENTIK_URL": "authentik_url", "SENTRYIDP_AUTHENTIK_TOKEN": "authentik_token",
	} {
		ts.Setenv(variable, ready[name])
	}
}
