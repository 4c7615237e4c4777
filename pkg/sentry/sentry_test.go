package sentry_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestParseBase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want     string
		warnings int
	}{
		"https://sentry.io":                    {"https://sentry.io", 0},
		"sentry.example.com":                   {"https://sentry.example.com", 0},
		"\tsentry.example.com/\n":              {"https://sentry.example.com", 0},
		"Sentry.Example.com:9000/errors/":      {"https://sentry.example.com:9000/errors", 0},
		"https://sentry.example.com:443":       {"https://sentry.example.com:443", 0}, // compared as written
		"http://localhost:9000":                {"http://localhost:9000", 0},
		"localhost:9000":                       {"https://localhost:9000", 0},
		"http://127.0.0.1:9000":                {"http://127.0.0.1:9000", 0},
		"http://[::1]:9000":                    {"http://[::1]:9000", 0},
		"https://10.0.0.5":                     {"https://10.0.0.5", 0},
		"http://sentry.example.com":            {"http://sentry.example.com", 1},
		"https://sentry":                       {"https://sentry", 1},
		"http://sentry:9000":                   {"http://sentry:9000", 2},
		"https://acme.sentry.io":               {"https://acme.sentry.io", 1},
		"de.sentry.io":                         {"https://de.sentry.io", 1},
		"https://us.sentry.io/":                {"https://us.sentry.io", 1},
		"https://xn--bcher-kva.example/sentry": {"https://xn--bcher-kva.example/sentry", 0},
	}
	for raw, tt := range tests {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			base, warnings, err := sentry.ParseBase(raw)
			if err != nil {
				t.Fatal(err)
			}
			if base.String() != tt.want || len(warnings) != tt.warnings {
				t.Errorf("got %q and %q, want %q and %d warnings", base, warnings, tt.want, tt.warnings)
			}
		})
	}
}

func TestParseBaseRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "https://", "ftp://sentry.example.com", "https://sentry.example.com?x=1", "https://sentry.example.com/#x", "https://sentry.example.com?",
		"https://user:hunter2@sentry.example.com", "user@sentry.example.com", "https://bücher.example", "https://sentry.example.com:port",
		"https://sentry.example.com:99999", "https://sentry.example.com:", "https://sen try.example.com", "https://a..b", "https://sentry.example.com//x",
		"https://sentry.example.com\\x", "https://sentry.example.com/a b", "https://[::1", "https://%zz", "javascript://x.y/",
	} {
		base, _, err := sentry.ParseBase(raw)
		switch {
		case fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0:
			t.Errorf("ParseBase(%q) = %q, %v; want a usage error with a hint", raw, base, err)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	base, _, err := sentry.ParseBase("https://sentry.example.com/errors/")
	if err != nil {
		t.Fatal(err)
	}
	want := sentry.URLs{
		Org: "acme", SentryURL: "https://sentry.example.com/errors",
		ACSURL:      "https://sentry.example.com/errors/saml/acs/acme/",
		Audience:    "https://sentry.example.com/errors/saml/metadata/acme/",
		SLSURL:      "https://sentry.example.com/errors/saml/sls/acme/",
		MetadataURL: "https://sentry.example.com/errors/saml/metadata/acme/",
		LoginURL:    "https://sentry.example.com/errors/auth/login/acme/",
		SCIMBaseURL: "https://sentry.example.com/errors/api/0/organizations/acme/scim/v2",
	}
	got := sentry.URLsOf(base, "acme")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("URLs differ (-want +got):\n%s", diff)
	}
	var text strings.Builder
	if err := report.Write(&text, ui.Plain(), report.Env, got); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(text.String(), "\n"); lines != 6 {
		t.Errorf("%d shell variables, want 6:\n%s", lines, text.String())
	}
}

func TestParseSlug(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"acme", "a", "acme-inc", "acme_inc", "1acme", "-", strings.Repeat("a", 50)} {
		if got, err := sentry.ParseSlug(slug); err != nil || string(got) != slug {
			t.Errorf("ParseSlug(%q) = %q, %v", slug, got, err)
		}
	}
	for raw, hint := range map[string]string{
		"": "a slug has", "12345": "a slug has", "Acme": "did you mean acme?", "Acme Inc": "did you mean acme-inc?", "acmé": "did you mean acme?",
		"acme/": "did you mean acme?", "研究": "a slug has", strings.Repeat("a", 51): "a slug has", "../acme": "did you mean acme?",
	} {
		_, err := sentry.ParseSlug(raw)
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(strings.Join(fault.Hints(err), " "), hint) {
			t.Errorf("ParseSlug(%q) gave %v with %q, want a usage error with %q", raw, err, fault.Hints(err), hint)
		}
	}
}

// The examples were made with Django's own slugify.
func TestTeamSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Über Ops": "uber-ops", "SRE:Team": "sreteam", "R&D": "rd", "Foo.Bar/Baz": "foobarbaz", "a  b--c": "a-b-c", "foo_bar": "foo_bar", "__x__": "x",
		"a—b": "ab", "Åse Ødegård": "ase-degard", "Команда": "", "研究": "", "12 34": "12-34", "": "", " - ": "", "Test\tSCIM": "test-scim",
		"Data & Insights": "data-insights", "ﬁnance": "finance", "x²": "x2", "a\u00a0b": "a-b",
	} {
		if got := sentry.TeamSlug(name); got != want {
			t.Errorf("TeamSlug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTeamSlugOfRefusesWhatSentryCannotHave(t *testing.T) {
	t.Parallel()
	if slug, err := sentry.TeamSlugOf("Data & Insights"); err != nil || slug != "data-insights" {
		t.Errorf("got %q, %v", slug, err)
	}
	for _, name := range []string{"", "研究", "2024", strings.Repeat("a", 51), strings.Repeat("&", 60) + "aaaaa"} {
		if slug, err := sentry.TeamSlugOf(name); err == nil {
			t.Errorf("TeamSlugOf(%q) = %q, want an error", name, slug)
		}
	}
}

func TestCheckRole(t *testing.T) {
	t.Parallel()
	for _, role := range sentry.Roles() {
		if err := sentry.CheckRole(role); err != nil {
			t.Errorf("CheckRole(%q) = %v", role, err)
		}
	}
	for _, role := range []string{"owner", "", "Member", "superuser"} {
		if err := sentry.CheckRole(role); fault.CodeOf(err) != fault.Usage {
			t.Errorf("CheckRole(%q) = %v, want a usage error", role, err)
		}
	}
}
