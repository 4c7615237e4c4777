package integration_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// keeper is a company whose tokens are remembered in a folder.
type keeper struct {
	*company

	settings integration.Settings
	tokens   *integration.Tokens
}

func newKeeper(t *testing.T, release string) *keeper {
	t.Helper()
	k := &keeper{company: newCompany(t, release), settings: everything(t)}
	k.settings.Signing = integration.Signing{}
	k.tokens = &integration.Tokens{Path: filepath.Join(t.TempDir(), "state", "tokens.json"), Rand: rand.Reader}
	return k
}

// apply applies and returns what was written.
func (k *keeper) apply(t *testing.T, rotate bool) ([]string, *integration.Report) {
	t.Helper()
	before := len(k.writes())
	run := k.run(k.settings)
	run.Tokens, run.RotateToken = k.tokens, rotate
	report, err := run.Apply(t.Context())
	if err != nil || !report.Verified {
		t.Fatalf("%v\n%s", err, shown(t, report))
	}
	return k.writes()[before:], report
}

// held is the token that authentik has.
func (k *keeper) held() string {
	token := ""
	k.own("providers/scim", func(o emulated.Object) { token = fmt.Sprint(o["token"]) })
	return token
}

// TestTheTokenIsGivenWhenItHasToBe goes through the life of a token in every release:
// those that do not tell it are given it on creation, when another is set and when
// it is to be rotated, and at no other time.
func TestTheTokenIsGivenWhenItHasToBe(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			k := newKeeper(t, release)
			tells := release < "2026.2"
			patch := []string{}
			steps := []struct {
				name   string
				do     func()
				rotate bool
				sent   bool
			}{
				{"again", func() {}, false, false},
				{"another is set", func() { k.settings.SCIMToken = secret.New("another") }, false, true},
				{"again with it", func() {}, false, false},
				{"rotated", func() {}, true, true},
				{"again after that", func() {}, false, false},
				{"none is set", func() { k.settings.SCIMToken = secret.String{} }, false, false},
				{"one is set again", func() { k.settings.SCIMToken = secret.New("another") }, false, false},
				{"somebody changes it behind our back", func() { k.own("providers/scim", func(o emulated.Object) { o["token"] = "theirs" }) }, false, tells},
				{"what is remembered is lost", func() { k.tokens.Path = filepath.Join(t.TempDir(), "tokens.json") }, false, false},
				{"another after that", func() { k.settings.SCIMToken = secret.New("third") }, false, true},
			}
			k.apply(t, false)
			k.own("providers/scim", func(o emulated.Object) { patch = []string{fmt.Sprintf("PATCH /api/v3/providers/scim/%v/", o["pk"])} })
			for _, step := range steps {
				step.do()
				wrote, report := k.apply(t, step.rotate)
				want := []string{}
				if step.sent {
					want = patch
				}
				if diff := cmp.Diff(want, append([]string{}, wrote...)); diff != "" {
					t.Errorf("%s: %s", step.name, diff)
				}
				if step.sent && k.held() != k.settings.SCIMToken.Reveal() {
					t.Errorf("%s: authentik has %q", step.name, k.held())
				}
				if says := strings.Contains(shown(t, report), "authentik does not reveal the"); says != (!tells && !step.sent) {
					t.Errorf("%s: says so: %v\n%s", step.name, says, shown(t, report))
				}
			}
		})
	}
}

func TestWhatIsRememberedOfTokensIsNoToken(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "2026.8")
	k.apply(t, false)
	data, err := os.ReadFile(k.tokens.Path)
	if err != nil || strings.Contains(string(data), canary) || !strings.Contains(string(data), "https://authentik.test") {
		t.Errorf("%v\n%s", err, data)
	}
}

// TestTokensThatCannotBeRemembered are given when the provider is made and when they
// are to be rotated, and otherwise not, which is said.
func TestTokensThatCannotBeRemembered(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"no JSON": "{", "another format": `{"format":2,"providers":{}}`, "a list": "[]"} {
		k := newKeeper(t, "2026.8")
		k.apply(t, false)
		if err := os.WriteFile(k.tokens.Path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		k.settings.SCIMToken = secret.New("another")
		for _, rotate := range []bool{false, true} {
			wrote, report := k.apply(t, rotate)
			told := 0
			for _, w := range report.Warnings {
				if w.Code == "token-not-remembered" {
					told++
				}
			}
			if told != 1 || (len(wrote) == 1) != rotate {
				t.Errorf("%s: told %d times, wrote %q", name, told, wrote)
			}
		}
	}
}

// TestATokenOfARunThatFailedIsRemembered: what came after it was refused.
func TestATokenOfARunThatFailedIsRemembered(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "2026.8")
	k.apply(t, false)
	k.settings.SCIMToken = secret.New("another")
	run := k.run(k.settings)
	run.Tokens = k.tokens
	k.own("core/applications", func(o emulated.Object) { o["backchannel_providers"] = []any{} })
	k.fails = func(r *http.Request) bool {
		return r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/core/applications/")
	}
	if _, err := run.Apply(t.Context()); fault.CodeOf(err) != fault.Partial {
		t.Fatal(err)
	}
	k.fails = nil
	wrote, _ := k.apply(t, false)
	if len(wrote) != 1 || strings.Contains(wrote[0], "/providers/scim/") {
		t.Errorf("wrote %q", wrote)
	}
}

func TestATokenThatIsToBeRotatedMustBeSet(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "2026.8")
	k.apply(t, false)
	k.settings.SCIMToken = secret.String{}
	run := k.run(k.settings)
	run.RotateToken = true
	if _, err := run.Apply(t.Context()); fault.CodeOf(err) != fault.Credential {
		t.Errorf("%v", err)
	}
}
