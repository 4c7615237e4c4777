package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// holding is several organizations, each with a profile, and one authentik.
type holding struct {
	*site

	orgs     []*site
	config   string
	requests atomic.Int64 // to authentik
	during   func()       // called in each of them, unless nil
}

// newHolding has organizations o00, o01 and so on, and as many people in authentik as
// told.
func newHolding(tb testing.TB, orgs, people int) *holding {
	tb.Helper()
	hub := newHub(tb)
	h := &holding{site: newSite(tb, hub, sandbox.DefaultState("own"))}
	var config strings.Builder
	config.WriteString("scim: {source: authentik, scope: groups}\nauthentik: {url: " + hub.url + ", token: {env: AUTHENTIK_TOKEN}}\nprofiles:\n")
	for i := range orgs {
		s := newSite(tb, hub, sandbox.DefaultState(fmt.Sprintf("o%02d", i)))
		h.orgs = append(h.orgs, s)
		token, variable := strings.TrimPrefix(s.env[2], "SENTRY_AUTH_TOKEN="), fmt.Sprintf("TOKEN_%02d", i)
		h.env = append(h.env, variable+"="+token)
		_, _ = fmt.Fprintf(&config, "  p%02d: {scim: {groups: [%s]}, sentry: {org: o%02d, url: %s, scim: {token: {env: %s}}}}\n",
			i, []string{"Staff", "Sta*"}[i%2], i, hub.url, variable)
	}
	h.env = append(h.env, "AUTHENTIK_TOKEN="+h.authentik(tb, hub, people), "XDG_STATE_HOME="+filepath.Join(h.dir, kept))
	h.config = filepath.Join(h.dir, "profiles.yaml")
	if err := os.WriteFile(h.config, []byte(config.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return h
}

// authentik serves the people and returns its token.
func (h *holding) authentik(tb testing.TB, hub *hub, people int) string {
	tb.Helper()
	var staff []emulated.Person
	for i := range people {
		name := fmt.Sprintf("p%04d", i)
		staff = append(staff, emulated.Person{Username: name, Name: name, Email: name + "@acme.test", Groups: []string{"Staff"}})
	}
	token := hub.token()
	idp, err := emulated.New(emulated.FreshState(staff, []string{"Staff"}), emulated.Config{Token: token, Now: h.now, Rand: h.chance})
	if err != nil {
		tb.Fatal(err)
	}
	hub.servers.Store(token, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		if h.during != nil {
			h.during()
		}
		idp.ServeHTTP(w, r)
	}))
	return token
}

// outcomes is what is read of the document.
type outcomes struct {
	ExitCode int `json:"exit_code"`
	Profiles []struct {
		Profile  string
		ExitCode int `json:"exit_code"`
		Error    *struct{ Message string }
		Result   *struct{ Org string }
	}
}

func (h *holding) all(t *testing.T, args ...string) (code int, got outcomes, messages string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: h.env}
	code = a.run(t.Context(), append(args, "--all-profiles", "--config", h.config, "-o", "json"))
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q\n%s", err, out.String(), errs.String())
	}
	return code, got, errs.String()
}

// alone is how many requests to authentik one profile takes.
func (h *holding) alone(t *testing.T) int64 {
	t.Helper()
	before := h.requests.Load()
	var out, errs bytes.Buffer
	a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: h.env}
	if code := a.run(t.Context(), []string{"scim", "push", "--dry-run", "--profile", "p00", "--config", h.config}); code != 0 {
		t.Fatal(errs.String())
	}
	return h.requests.Load() - before
}

func TestEachProfileIsPushedAndTheDirectoryReadOnce(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 5, 7)
	report := filepath.Join(h.dir, "push.json")
	code, got, messages := h.all(t, "scim", "push", "--report", report)
	if code != 0 || len(got.Profiles) != 5 {
		t.Fatalf("code %d: %+v\n%s", code, got, messages)
	}
	one := h.requests.Load()
	if alone := h.alone(t); one != alone {
		t.Errorf("%d requests to authentik for five profiles, expected %d as for one", one, alone)
	}
	h.requests.Store(one)
	for i, s := range h.orgs {
		if n := len(s.sentry.Snapshot().Members); n != 7 {
			t.Errorf("organization %d has %d members", i, n)
		}
		if p := got.Profiles[i]; p.Result == nil || p.Result.Org != fmt.Sprintf("o%02d", i) {
			t.Errorf("profile %d is %+v", i, p)
		}
		if _, err := os.Stat(filepath.Join(h.dir, fmt.Sprintf("push.p%02d.json", i))); err != nil {
			t.Error(err)
		}
	}
	for _, s := range h.orgs {
		s.writes.Store(0)
	}
	if code, _, messages := h.all(t, "scim", "push", "--parallel", "1"); code != 0 || h.requests.Load() != 2*one {
		t.Errorf("code %d, %d requests to authentik, expected %d\n%s", code, h.requests.Load(), 2*one, messages)
	}
	for i, s := range h.orgs {
		if n := s.writes.Load(); n != 0 {
			t.Errorf("the second push into organization %d wrote %d times", i, n)
		}
	}
}

func TestAFailureStopsOnlyItsOwnProfile(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 4, 3)
	h.env = append(h.env, "TOKEN_02=of-nobody")
	code, got, messages := h.all(t, "scim", "push")
	if code != int(fault.Credential) || got.ExitCode != code {
		t.Errorf("code %d, document %+v", code, got)
	}
	for i, p := range got.Profiles {
		switch {
		case i == 2 && (p.ExitCode != int(fault.Credential) || p.Error == nil || !strings.Contains(messages, "p02: error: ")):
			t.Errorf("the profile without a token: %+v\n%s", p, messages)
		case i != 2 && (p.ExitCode != 0 || p.Error != nil || len(h.orgs[i].sentry.Snapshot().Members) != 3):
			t.Errorf("profile %d: %+v", i, p)
		}
	}
}

func TestShardsShareTheProfilesOut(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 5, 1)
	var seen []string
	for _, args := range [][]string{{"--shard", "1/2"}, {"--shard", "auto/2"}} {
		h.env = append(h.env, "JOB_COMPLETION_INDEX=1")
		code, got, messages := h.all(t, append([]string{"scim", "push", "--dry-run"}, args...)...)
		if code != 0 {
			t.Fatalf("%v: code %d\n%s", args, code, messages)
		}
		for _, p := range got.Profiles {
			seen = append(seen, p.Profile)
		}
	}
	if want := []string{"p00", "p02", "p04", "p01", "p03"}; !slices.Equal(seen, want) {
		t.Errorf("got %v, expected %v", seen, want)
	}
}

func TestWhatSeveralProfilesCannotMeanIsRefused(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 2, 1)
	twice := filepath.Join(h.dir, "twice.yaml")
	shared := filepath.Join(h.dir, "shared.yaml")
	none := filepath.Join(h.dir, "none.yaml")
	for path, text := range map[string]string{
		twice: "profiles: {a: {sentry: {org: one}}, b: {sentry: {org: one, url: 'https://SENTRY.io/'}}}\n",
		shared: "sentry: {scim: {url: 'https://sentry.io/api/0/organizations/one/scim/v2/'}}\n" +
			"profiles: {a: {sentry: {org: one}}, b: {sentry: {org: two}}}\n",
		none: "sentry: {org: one}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for args, want := range map[string]string{
		"--org acme":                         "--all-profiles and --org cannot go together",
		"--profile p00":                      "--all-profiles and --profile cannot go together",
		"--file -":                           "standard input cannot be read once for each profile",
		"--shard 3/2":                        "expected i/n for --shard",
		"--shard x":                          "expected i/n for --shard",
		"--shard auto/2":                     "--shard auto/2 needs an index",
		"--parallel 0":                       "--parallel must be between 1 and 32",
		"--config " + twice:                  `the profiles "a" and "b" mean one organization`,
		"--config " + twice + " --shard 1/2": `the profiles "a" and "b" mean one organization`, // the other is written to by another job
		"--shard=":                           "expected i/n for --shard",
		"--config " + shared:                 `the profiles "a" and "b" mean one organization: https://sentry.io/api/0/organizations/one/scim/v2`,
		"--config " + none:                   "no file that was read has profiles",
		"--config " + none + " --shard 1":    "expected i/n for --shard",
	} {
		var out, errs bytes.Buffer
		a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: h.env}
		line := append([]string{"scim", "push", "--all-profiles", "--config", h.config}, strings.Fields(args)...)
		if code := a.run(t.Context(), line); code != int(fault.Usage) || !strings.Contains(errs.String(), want) || out.Len() > 0 {
			t.Errorf("%s: code %d, %q, expected %q", args, code, errs.String(), want)
		}
	}
	for _, s := range h.orgs {
		if n := s.reads.Load() + s.writes.Load(); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	}
}

// TestTheJobHasAsManyPartsAsTheShard: where it has not, profiles would be left out in
// silence.
func TestTheJobHasAsManyPartsAsTheShard(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]shard{
		"CI_NODE_INDEX=2 CI_NODE_TOTAL=2":        {2, 2},
		"CI_NODE_INDEX=2":                        {2, 2},
		"CI_NODE_INDEX=1 CI_NODE_TOTAL=1":        {},
		"CI_NODE_INDEX=1 CI_NODE_TOTAL=3":        {},
		"JOB_COMPLETION_INDEX=1 CI_NODE_TOTAL=7": {2, 2},
		"JOB_COMPLETION_INDEX=2":                 {},
	} {
		a := &app{env: strings.Fields(env)}
		got, err := shardOf("auto/2", a.getenv)
		if got != want || (err == nil) != (want.count > 0) || err != nil && (fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0) {
			t.Errorf("%s: %v, %v, expected %v", env, got, err, want)
		}
	}
}

// TestATokenOfAVariableIsForOneServer: the profiles of others would have it sent to
// theirs.
func TestATokenOfAVariableIsForOneServer(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		"SENTRYIDP_AUTHENTIK_TOKEN=x": `SENTRYIDP_AUTHENTIK_TOKEN (authentik.token) would be sent to the servers of several profiles: https://id.one.test of "a", https://id.two.test of "b"`,
		"SENTRY_AUTH_TOKEN=x":         `SENTRY_AUTH_TOKEN (conventional) (sentry.scim.token) would be sent`,
		"AUTHENTIK_TOKEN=x":           `AUTHENTIK_TOKEN (conventional) (authentik.token) would be sent to the servers of several profiles: https://id.one.test of "a"`,
		"TOKEN=x":                     "",
	} {
		path := filepath.Join(t.TempDir(), "sentryidp.yaml")
		if err := os.WriteFile(path, []byte(`
scim: {source: file, file: missing.yaml}
sentry: {scim: {token: {env: TOKEN}}}
authentik: {token: {env: TOKEN}}
profiles:
  a: {sentry: {org: one, url: 'https://one.test'}, authentik: {url: 'https://id.one.test'}}
  b: {sentry: {org: two, url: 'https://two.test'}, authentik: {url: 'https://id.two.test'}}
  c: {sentry: {org: three, url: 'https://one.test'}, authentik: {url: 'https://id.one.test'}}
`), 0o600); err != nil {
			t.Fatal(err)
		}
		if want != "" && !strings.HasPrefix(env, "SENTRYIDP_") {
			text, _ := os.ReadFile(path)
			if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("token: {env: TOKEN}"), nil), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs bytes.Buffer
		a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: time.Now, env: []string{env}}
		code := a.run(t.Context(), []string{"scim", "push", "--dry-run", "--all-profiles", "--config", path})
		if refused := out.Len() == 0; refused != (want != "") || code != int(fault.Usage) || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: code %d, %q, %q, expected %q", env, code, out.String(), errs.String(), want)
		}
		for _, line := range []string{"doctor --offline", "scim push --dry-run --sandbox", "saml cert check --cert missing.crt"} {
			out.Reset()
			a.run(t.Context(), append(strings.Fields(line), "--all-profiles", "--config", path))
			if refused := out.Len() == 0; refused != (strings.HasPrefix(line, "saml") && strings.Contains(env, "AUTHENTIK_")) {
				t.Errorf("%s: %s is refused: %v\n%s", env, line, refused, errs.String())
			}
		}
	}
}

// TestAnInterruptionEndsAllProfiles interrupts the first of them.
func TestAnInterruptionEndsAllProfiles(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 3, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	h.during = func() { cancel(signalError{}) }
	var out, errs bytes.Buffer
	a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: h.env}
	code := a.run(ctx, []string{"scim", "push", "--all-profiles", "--parallel", "1", "--config", h.config})
	if code != int(fault.Interrupted) || strings.Count(out.String(), "  130   interrupted") != 3 {
		t.Errorf("code %d, %q, %q", code, out.String(), errs.String())
	}
}

// BenchmarkProfiles pushes 500 people of one authentik into 200 organizations, and
// again, when there is nothing to do.
func BenchmarkProfiles(b *testing.B) {
	for b.Loop() {
		h := newHolding(b, 200, 500)
		for _, push := range []string{"first", "second"} {
			began := time.Now()
			var out, errs bytes.Buffer
			a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: h.env}
			if code := a.run(b.Context(), []string{"scim", "push", "--all-profiles", "--config", h.config}); code != 0 {
				b.Fatal(out.String(), errs.String())
			}
			b.ReportMetric(time.Since(began).Seconds(), push+"-s")
		}
	}
}

// TestWhatOneVariableGivesAllProfilesIsRefused: a variable wins over a profile, and
// what it gives is of one organization.
func TestWhatOneVariableGivesAllProfilesIsRefused(t *testing.T) {
	t.Parallel()
	h := newHolding(t, 2, 1)
	for _, name := range []string{"SENTRYIDP_SENTRY_ORG", "SENTRYIDP_SENTRY_SCIM_URL", "SENTRYIDP_SENTRY_SCIM_TOKEN", "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE"} {
		var out, errs bytes.Buffer
		a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: h.now, rand: h.chance, env: append(slices.Clone(h.env), name+"=canary")}
		code := a.run(t.Context(), []string{"scim", "push", "--all-profiles", "--config", h.config})
		if code != int(fault.Usage) || !strings.Contains(errs.String(), name+" stands before ") || strings.Contains(errs.String(), "canary") {
			t.Errorf("%s: code %d, %q", name, code, errs.String())
		}
	}
	for _, s := range h.orgs {
		if n := s.reads.Load() + s.writes.Load(); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	}
}
