package guide_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// settings are those of an organization at an address.
func settings(t *testing.T, address string) guide.Settings {
	t.Helper()
	base, _, err := sentry.ParseBase(address)
	if err != nil {
		t.Fatal(err)
	}
	return guide.Settings{Sentry: base, Org: "acme", AuthentikURL: "https://authentik.example.com/", Application: "sentry"}
}

// seen is an examination in which every check is ok but for those of the results,
// which are of the check before the slash of their code.
func seen(results ...doctor.Result) *doctor.Report {
	r := &doctor.Report{StartedAt: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Requests: 40}
	for i, result := range results {
		results[i].Check, _, _ = strings.Cut(result.Code, "/")
	}
	for _, code := range doctor.Codes()[4:] { // the first four are the sides
		given := false
		for _, result := range results {
			if result.Check == code {
				r.Results, given = append(r.Results, result), true
			}
		}
		switch {
		case given, code == "response":
		case code == "sentry-stored", code == "sentry-report":
			r.Results = append(r.Results, doctor.Result{Code: code, Check: code, Verdict: doctor.Unchecked, Why: "no report is given"})
		default:
			r.Results = append(r.Results, doctor.Result{Code: code, Check: code, Verdict: doctor.OK, Saw: "it is fine"})
		}
	}
	return r
}

func failed(code string) doctor.Result {
	return doctor.Result{Code: code, Verdict: doctor.Failed, Saw: code + " is wrong", Fix: "mend " + code}
}

func because(code, cause string) doctor.Result {
	r := failed(code)
	r.Cause = cause
	return r
}

func unchecked(code, why string) doctor.Result {
	return doctor.Result{Code: code, Verdict: doctor.Unchecked, Why: why}
}

// halfway is the examination of somebody who is half way through, without a token
// of Sentry's.
func halfway() *doctor.Report {
	return seen(
		failed("authentik-application/missing"), because("authentik-provider/missing", "authentik-application/missing"),
		because("idp-answer/not-found", "authentik-application/missing"), failed("owners/few"),
		unchecked("auth-provider", "sentry.api.token is not set"), unchecked("sentry-token", "sentry.api.token is not set"),
		unchecked("scim-token", "sentry.scim.token is not set"), unchecked("directory", "sentry.scim.token is not set"),
		unchecked("sso-login/nobody", "no member has logged in by SSO yet"),
	)
}

func ticked(s guide.Settings, r *doctor.Report) *guide.Guide {
	g := guide.New(s)
	g.Tick(r)
	return g
}

func render(t *testing.T, g *guide.Guide, format report.Format) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), format, g); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFormats holds the whole of a guide against golden files.
func TestFormats(t *testing.T) {
	t.Parallel()
	saas, own := settings(t, "https://sentry.io"), settings(t, "https://sentry.example.com")
	nothing := guide.Settings{Sentry: saas.Sentry, Application: "sentry"}
	for name, g := range map[string]*guide.Guide{
		"saas": ticked(saas, halfway()), "self-hosted": ticked(own, halfway()), "unknown": guide.New(nothing), "done": ticked(saas, seen()),
	} {
		for extension, format := range map[string]report.Format{"txt": report.Text, "md": report.Markdown, "json": report.JSON, "html": report.HTML} {
			t.Run(name+"."+extension, func(t *testing.T) {
				t.Parallel()
				golden(t, name+"."+extension, render(t, g, format))
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// TestNoLineOfTheTextIsLong allows only what must not be broken: a word.
func TestNoLineOfTheTextIsLong(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://sentry.io", "https://sentry.internal.platform.example.com"} {
		for line := range strings.Lines(render(t, ticked(settings(t, address), halfway()), report.Text)) {
			line = strings.TrimRight(line, "\n")
			words := strings.Fields(strings.TrimSuffix(line, " \\"))
			if len(line) > 80 && len(words) > 2 {
				t.Errorf("%d columns: %s", len(line), line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("blanks at the end of %q", line)
			}
		}
	}
}

func TestEveryCheckOfAStepExists(t *testing.T) {
	t.Parallel()
	var keys []string
	for i, s := range guide.New(settings(t, "https://sentry.io")).Steps {
		if s.Number != i+1 || s.Title == "" || s.Reason == "" || len(s.Actions) == 0 || len(s.Checks) == 0 || slices.Contains(keys, s.Key) {
			t.Errorf("the step %q is not whole: %+v", s.Key, s)
		}
		keys = append(keys, s.Key)
		for _, code := range s.Checks {
			if !slices.Contains(doctor.Codes(), code) {
				t.Errorf("%s: doctor has no check %s", s.Key, code)
			}
		}
	}
	for _, key := range []string{"way-back", "login", "require", "scim", "push", "nightly"} {
		if i := slices.Index(keys, key); i < 1 || key == "require" && (i < slices.Index(keys, "way-back") || i < slices.Index(keys, "login")) {
			t.Errorf("%s is step %d of %v", key, i+1, keys)
		}
	}
}

func TestTheJSONCanBeReadBack(t *testing.T) {
	t.Parallel()
	g := ticked(settings(t, "https://sentry.io"), halfway())
	var again guide.Guide
	if err := json.Unmarshal([]byte(render(t, g, report.JSON)), &again); err != nil {
		t.Fatal(err)
	}
	if again.Next != 5 || again.Counts != g.Counts || len(again.Steps) != len(g.Steps) || again.Steps[4].Finding != g.Steps[4].Finding {
		t.Errorf("read %+v", again)
	}
	if strings.Contains(render(t, g, report.JSON), "null,") {
		t.Error("a list is null")
	}
}

func TestWhatFollowsApply(t *testing.T) {
	t.Parallel()
	for address, audience := range map[string]string{"https://sentry.io": "sentry", "https://us.sentry.io": "sentry", "https://sentry.example.com": "self-hosted"} {
		next := guide.AfterApply(settings(t, address))
		var values []string
		for _, p := range next {
			if p.Command != "sentryidp guide --for "+audience {
				t.Errorf("%s: the command is %s", address, p.Command)
			}
			for _, v := range p.Values {
				values = append(values, v.Label+": "+v.Value)
			}
		}
		want := []string{
			"Metadata URL: https://authentik.example.com/application/saml/sentry/metadata/",
			"IdP User ID: http://schemas.goauthentik.io/2021/02/saml/uid",
			"User Email: http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
			"First Name: http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
			"SCIM Base URL: " + address + "/api/0/organizations/acme/scim/v2",
		}
		if diff := cmp.Diff(want, values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}
