//go:build linux

package cmd

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// firstDay has an empty folder, a Sentry with two owners who know its form, and an
// authentik with people and nothing for Sentry.
type firstDay struct {
	*dialogue

	site *runningSandbox
}

func newFirstDay(t *testing.T) *firstDay {
	t.Helper()
	a, _, _ := testApp()
	a.now, a.rand = time.Now, rand.Reader
	people, err := sampleAuthentik("")
	if err != nil {
		t.Fatal(err)
	}
	state := sandbox.DefaultState("acme")
	for i, email := range []string{"ada.example@acme.test", "grace.sample@acme.test"} {
		state.Members = append(state.Members, sandbox.Member{ID: []string{"1", "2"}[i], Email: email, Role: "owner", Linked: true})
	}
	site, err := a.openSandbox(t.Context(), sandboxSetup{
		address: loopback, authentikAddress: loopback, state: state, config: sandbox.Config{Release: sandbox.ReleaseLatest},
		authentikState: people, authentikRelease: emulated.ReleaseLatest,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.addLogin(site, false); err != nil {
		t.Fatal(err)
	}
	site.start(t.Context())
	return &firstDay{site: site, dialogue: converse(t, "xterm-256color", []string{
		"SENTRYIDP_AUTHENTIK_TOKEN=" + site.authentik.Token(), "SENTRYIDP_SENTRY_SCIM_TOKEN=" + site.sentry.Token(), "SENTRYIDP_SENTRY_API_TOKEN=" + site.sentry.APIToken(),
	})}
}

// onTerminal runs a command in the same folder, on a new terminal.
func (n *firstDay) onTerminal(args ...string) *dialogue {
	n.t.Helper()
	d := converse(n.t, "xterm-256color", nil, args...)
	d.dir, d.run.Dir, d.run.Env = n.dir, n.dir, n.run.Env
	d.run.Args = append(d.run.Args[:1], args...)
	d.start()
	return d
}

// document is the JSON of a command in the same folder.
func (n *firstDay) document(into any, args ...string) {
	n.t.Helper()
	command := exec.CommandContext(n.t.Context(), n.run.Path, append(args, "-o", "json")...)
	command.Dir, command.Env = n.dir, n.run.Env
	out, err := command.Output()
	if err != nil {
		n.t.Logf("%v: %v", args, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		n.t.Fatalf("%v: %v in %s", args, err, out)
	}
}

// guided is what is read of the guide.
type guided struct {
	Headline string
	Next     int
	Steps    []guidedStep
}

type guidedStep struct {
	Number     int
	Key, State string
	Finding    struct{ Saw, Fix, Why string }
}

// deeds are what a person does at the steps of the guide that are not done.
func (n *firstDay) deeds() map[string]func() {
	return map[string]func(){
		"provider": func() { n.agreed("Apply this? [y/N]", "authentik", "apply") },
		"access": func() {
			n.agreed("Apply this? [y/N]", "authentik", "apply", "--bind-group", "Engineering", "--bind-group", "Design")
		},
		"login": func() { n.logIn("ada") },
		"push":  func() { n.agreed("Push this? [y/N]", "scim", "push") },
		"after": func() { n.logIn(n.pushed()...) },
	}
}

// agreed runs a command that asks, and agrees.
func (n *firstDay) agreed(question string, args ...string) {
	n.t.Helper()
	d := n.onTerminal(args...)
	d.expect(question)
	d.press("y" + enter)
	d.ends(fault.OK)
}

func (n *firstDay) logIn(usernames ...string) {
	n.t.Helper()
	for _, username := range usernames {
		if _, err := LogIn(n.t.Context(), n.site.url+"/auth/login/acme/", username); err != nil {
			n.t.Fatal(err)
		}
	}
}

// pushed are the people of the sample who are members of Sentry.
func (n *firstDay) pushed() []string {
	n.t.Helper()
	d, err := directory.Parse(sandbox.SamplePeople(), "sample", directory.YAML)
	if err != nil {
		n.t.Fatal(err)
	}
	var usernames []string
	for _, m := range n.site.sentry.Snapshot().Members {
		i := slices.IndexFunc(d.People, func(p directory.Person) bool { return strings.EqualFold(p.Email, m.Email) })
		if i < 0 {
			n.t.Fatalf("%s is not in the sample", m.Email)
		}
		usernames = append(usernames, d.People[i].Username)
	}
	return usernames
}

// TestFromNothingToSingleSignOn follows the guide from an empty folder until every
// step is done, on a terminal and in a browser; the doctor then finds nothing.
func TestFromNothingToSingleSignOn(t *testing.T) {
	t.Parallel()
	n := newFirstDay(t)
	n.start()
	for _, turn := range turns(n.site) {
		n.expect(turn.question)
		n.press(turn.typed + enter)
	}
	n.expect("next: 'sentryidp authentik apply --dry-run'")
	n.ends(fault.Findings) // there is no application yet
	if _, err := os.Stat(filepath.Join(n.dir, "sentryidp.yaml")); err != nil {
		t.Fatal(err)
	}
	deeds := n.deeds()
	for {
		var g guided
		n.document(&g, "guide")
		if g.Next == 0 {
			break
		}
		step := g.Steps[slices.IndexFunc(g.Steps, func(s guidedStep) bool { return s.Number == g.Next })]
		deed := deeds[step.Key]
		if deed == nil {
			t.Fatalf("%s: step %d (%s) is %s: %+v", g.Headline, step.Number, step.Key, step.State, step.Finding)
		}
		delete(deeds, step.Key) // a step that is done once is done
		deed()
	}
	if len(deeds) > 0 {
		t.Errorf("the guide did not ask for %v", deeds)
	}
	var examined struct {
		Verdict, Headline string
		Problems          []any
	}
	n.document(&examined, "doctor", "--skip", "directory")
	if examined.Verdict != "ok" || len(examined.Problems) > 0 {
		t.Errorf("doctor says %+v", examined)
	}
}
