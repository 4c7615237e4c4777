//go:build !windows

package cmd_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// comment is one of an issue, as GitHub's API has it.
type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Type string `json:"type"`
	} `json:"user"`
}

// pullRequest is GitHub's API for the comments of pull request 7.
type pullRequest struct {
	mu       sync.Mutex
	comments []comment
	refuses  bool
}

func (p *pullRequest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuses || r.Header.Get("Authorization") != "Bearer "+canaryToken {
		http.Error(w, `{"message": "Resource not accessible by integration"}`, http.StatusForbidden)
		return
	}
	var sent comment
	if r.Method != http.MethodGet {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	const all = "/repos/acme/people/issues/7/comments"
	var id int
	switch _, err := fmt.Sscanf(r.URL.Path, "/repos/acme/people/issues/comments/%d", &id); {
	case r.Method == http.MethodGet && r.URL.Path == all:
		_ = json.NewEncoder(w).Encode(p.page(r.URL.Query().Get("page")))
	case r.Method == http.MethodPost && r.URL.Path == all:
		sent.ID, sent.User.Type = len(p.comments), "Bot"
		p.comments = append(p.comments, sent)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch && err == nil && id < len(p.comments):
		p.comments[id].Body = sent.Body
	default:
		http.NotFound(w, r)
	}
}

func (p *pullRequest) page(number string) []comment {
	var n int
	_, _ = fmt.Sscan(number, &n)
	begin := min(max(0, n-1)*100, len(p.comments))
	return append([]comment{}, p.comments[begin:min(begin+100, len(p.comments))]...)
}

// newPush returns a runner for a pull request of which pull is the API.
func newPush(t *testing.T, pull *pullRequest, values map[string]string) *runner {
	t.Helper()
	r := newRunner(t, values)
	server := httptest.NewServer(pull)
	t.Cleanup(server.Close)
	r.values["github.event.pull_request.number"] = "7"
	r.env["GITHUB_API_URL"], r.env["GITHUB_REPOSITORY"] = server.URL, "acme/people"
	return r
}

func TestPushPlansInTheSummaryAndInOneComment(t *testing.T) {
	t.Parallel()
	pull := &pullRequest{}
	for range 150 {
		pull.comments = append(pull.comments, comment{ID: len(pull.comments), Body: "a review"})
	}
	// Somebody else who knows the mark could change the plan later.
	pull.comments[3].Body = "<!-- sentryidp push -->\nmine"
	pull.comments[3].User.Type = "User"
	r := newPush(t, pull, map[string]string{"inputs.dry-run": "true", "inputs.args": "--sandbox\n--remove=never\n"})
	for range 2 {
		if code, output := r.run(t, "push", "push"); code != 0 || !strings.Contains(output, "dry run:") {
			t.Fatalf("exit code %d:\n%s", code, output)
		}
		if code, output := r.run(t, "push", "comment"); code != 0 || strings.Contains(output, "::warning") {
			t.Fatalf("exit code %d:\n%s", code, output)
		}
	}
	if len(pull.comments) != 151 || pull.comments[3].Body != "<!-- sentryidp push -->\nmine" {
		t.Fatalf("%d comments, want one beside the 150", len(pull.comments))
	}
	report := r.read(t, r.env["RUNNER_TEMP"], "sentryidp-push", "push.md")
	if got := pull.comments[150].Body; report == "" || got != "<!-- sentryidp push -->\n"+report {
		t.Errorf("the comment is not the report:\n%s", got)
	}
	if !strings.Contains(r.read(t, r.env["GITHUB_STEP_SUMMARY"]), "**Dry run: ") {
		t.Error("the plan is not in the summary")
	}
	if got := r.read(t, r.env["GITHUB_OUTPUT"]); got != "exit-code=0\nexit-code=0\n" {
		t.Errorf("output is %q", got)
	}
	for _, kind := range []string{"html", "json"} {
		if r.read(t, r.env["RUNNER_TEMP"], "sentryidp-push", "push."+kind) == "" {
			t.Errorf("no report push.%s", kind)
		}
	}
}

func TestAPlanThatCannotBeACommentIsAWarning(t *testing.T) {
	t.Parallel()
	r := newPush(t, &pullRequest{refuses: true}, map[string]string{"inputs.dry-run": "true", "inputs.args": "--sandbox"})
	if code, output := r.run(t, "push", "push"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
	code, output := r.run(t, "push", "comment")
	if code != 0 || !strings.Contains(output, "::warning title=sentryidp::the plan was not written") || strings.Contains(output, canaryToken) {
		t.Errorf("exit code %d:\n%s", code, output)
	}
}

func TestALongPlanIsCutToWhatACommentMayHave(t *testing.T) {
	t.Parallel()
	pull := &pullRequest{}
	r := newPush(t, pull, nil)
	write(t, filepath.Join(r.env["RUNNER_TEMP"], "sentryidp-push", "push.md"), strings.Repeat("ä", 70_000))
	if code, output := r.run(t, "push", "comment"); code != 0 || len(pull.comments) != 1 {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
	if got := []rune(pull.comments[0].Body); len(got) > 65_536 || !strings.HasSuffix(string(got), "(cut: see the artifact)") {
		t.Errorf("%d characters, end %q", len(got), string(got[len(got)-30:]))
	}
}

// TestPushKeepsItsStateAndItsExitCode pushes into a Sentry that is served.
func TestPushKeepsItsStateAndItsExitCode(t *testing.T) {
	t.Parallel()
	address := serveSentry(t)
	r := newRunner(t, map[string]string{"inputs.args": "--file=people.yaml"})
	r.env["SENTRYIDP_SENTRY_URL"], r.env["SENTRYIDP_SENTRY_ORG"], r.env["SENTRYIDP_SENTRY_SCIM_TOKEN"] = address, "acme", canaryToken
	write(t, filepath.Join(r.dir, "people.yaml"), "users:\n  - {username: ada, name: Ada Example, email: ada@acme.test, groups: [engineering]}\n")
	const lost = "::warning title=sentryidp::what earlier pushes remembered was not found"
	if code, output := r.run(t, "push", "push"); code != 0 || strings.Contains(output, canaryToken) || !strings.Contains(output, lost) {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
	if found, _ := filepath.Glob(filepath.Join(r.dir, "sentryidp-state", "pushes", "*")); len(found) == 0 {
		t.Error("the push remembers nothing in sentryidp-state")
	}
	write(t, filepath.Join(r.dir, "people.yaml"), "users: []\n")
	code, output := r.run(t, "push", "push")
	if code != 6 || !strings.HasSuffix(r.read(t, r.env["GITHUB_OUTPUT"]), "exit-code=6\n") || !strings.Contains(output, "::error title=sentryidp::") || strings.Contains(output, lost) {
		t.Errorf("exit code %d, want 6:\n%s", code, output)
	}
}

// TestPushIsForPrivateRepositories, as everybody reads what it leaves in others. Its
// name is a part of the keys of caches: one with a dot could be given another's state.
func TestPushIsForPrivateRepositories(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"push/private": "", "push-2/internal": "", "A/": "",
		"push/public":     "everybody could read the e-mail addresses",
		"push.eu/private": "name must be letters, digits and -", "/private": "name must be", "a b/private": "name must be", "../private": "name must be",
	} {
		name, visibility, _ := strings.Cut(values, "/")
		r := newRunner(t, map[string]string{"inputs.name": name, "github.event.repository.visibility": visibility})
		code, output := r.run(t, "push", "begin")
		if (code == 64) != (want != "") || code != 0 && !strings.HasPrefix(output, "::error title=sentryidp::"+want) {
			t.Errorf("%s: exit code %d, expected %q:\n%s", values, code, want, output)
		}
	}
	steps := readAction(t, "push").Runs.Steps
	if steps[0].ID != "begin" || steps[0].If != "" {
		t.Errorf("it begins with %+v", steps[0])
	}
	for _, step := range steps {
		if strings.Contains(step.If, "always()") && !strings.HasPrefix(step.If, "always() && steps.begin.outcome == 'success'") {
			t.Errorf("a step runs even where the push was refused: %s", step.If)
		}
	}
}

func TestCheckTakesNoStrangeNames(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]int{"check push": 0, "check-2 push-2": 0, "a.b push": 64, "check push.eu": 64, " push": 64, "check ": 64, "a/b push": 64, "a b/c": 64} {
		name, of, _ := strings.Cut(values, " ")
		r := newRunner(t, map[string]string{"inputs.name": name, "inputs.state-of": of})
		if code, output := r.run(t, "check", "begin"); code != want {
			t.Errorf("%q: exit code %d, expected %d:\n%s", values, code, want, output)
		}
	}
}

// TestPushWritesOnlyWhereItIsTold: a dry run that is misspelled is no push, and what
// strangers can start is one by default.
func TestPushWritesOnlyWhereItIsTold(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"True", "yes", "1", ""} {
		r := newRunner(t, map[string]string{"inputs.args": "--sandbox", "inputs.dry-run": value})
		code, output := r.run(t, "push", "push")
		if code != 64 || !strings.Contains(output, "dry-run must be true or false, found '"+value+"'") || r.read(t, r.env["GITHUB_STEP_SUMMARY"]) != "" {
			t.Errorf("dry-run: %q: exit code %d:\n%s", value, code, output)
		}
	}
	if got := readAction(t, "push").Inputs["dry-run"].Default; got != "${{ "+mayWrite+" }}" {
		t.Errorf("the default of dry-run is %s", got)
	}
}

func TestCheckReportsAndFailsWithTheGreaterExitCode(t *testing.T) {
	t.Parallel()
	r := newRunner(t, map[string]string{"inputs.args": "--sandbox\n--strict\n", "inputs.certificates": "--cert=missing.crt"})
	code, output := r.run(t, "check", "check")
	if code != 64 || r.read(t, r.env["GITHUB_OUTPUT"]) != "exit-code=64\n" {
		t.Fatalf("exit code %d, want 64:\n%s", code, output)
	}
	summary := r.read(t, r.env["GITHUB_STEP_SUMMARY"])
	report := r.read(t, r.env["RUNNER_TEMP"], "sentryidp-check", "doctor.md")
	if report == "" || !strings.HasPrefix(summary, report) || !strings.Contains(summary, "\n## Certificates\n") {
		t.Errorf("the summary is\n%s", summary)
	}
}

// serveSentry serves an emulated Sentry with its sample and canaryToken, and
// returns its address.
func serveSentry(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	fake, err := sandbox.NewSentry(sandbox.SampleState(), sandbox.Config{
		Release: sandbox.ReleaseLatest, Token: canaryToken, BaseURL: "http://" + server.Listener.Addr().String(), Now: time.Now, Rand: rand.Reader, SAMLURL: sentry.IsSAMLURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = fake
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}
