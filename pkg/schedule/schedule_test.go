package schedule_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/schedule"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func platforms() []schedule.Platform {
	return []schedule.Platform{schedule.GitHub, schedule.GitLab, schedule.Kubernetes, schedule.Systemd, schedule.Cron}
}

// acme is a job with everything that a job can have.
func acme() schedule.Settings {
	return schedule.Settings{
		Org: "acme", Version: "1.2.3", Timezone: "Europe/Berlin", Authentik: true, Ports: []int{443, 8443},
		Config: map[string]any{
			"scim": map[string]any{"source": "authentik"}, "sentry": map[string]any{"org": "acme", "url": "https://sentry.example.com"},
		},
		Secrets: []schedule.Secret{
			{Setting: "sentry.scim.token", Env: "SENTRYIDP_SENTRY_SCIM_TOKEN", Push: true},
			{Setting: "authentik.token", Env: "SENTRYIDP_AUTHENTIK_TOKEN", Push: true},
			{Setting: "sentry.api.token", Env: "SENTRYIDP_SENTRY_API_TOKEN"},
		},
		Files: []schedule.Input{{Setting: "sentry.ca_file", Env: "SENTRYIDP_SENTRY_CA_FILE", Path: "certs/internal.pem"}},
	}
}

// plain is a job of the least: people of a file, no authentik, UTC.
func plain() schedule.Settings {
	return schedule.Settings{
		Org: "acme", Version: "dev", Ports: []int{443}, Config: map[string]any{"scim": map[string]any{"source": "file"}},
		Secrets: []schedule.Secret{{Setting: "sentry.scim.token", Env: "SENTRYIDP_SENTRY_SCIM_TOKEN", Push: true}},
		Files:   []schedule.Input{{Setting: "scim.file", Env: "SENTRYIDP_SCIM_FILE", Path: "/home/ada/people.yaml"}},
	}
}

func written(t *testing.T, platform schedule.Platform, s schedule.Settings) []schedule.File {
	t.Helper()
	files, err := schedule.Files(platform, s)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func together(files []schedule.File) string {
	var all strings.Builder
	for _, f := range files {
		fmt.Fprintf(&all, "==> %s %04o\n%s", f.Path, f.Mode, f.Content)
	}
	return all.String()
}

func TestJobsAreAsTheGoldenFilesHaveThem(t *testing.T) {
	t.Parallel()
	for _, platform := range platforms() {
		t.Run(string(platform), func(t *testing.T) {
			t.Parallel()
			got, golden := together(written(t, platform, acme())), filepath.Join("testdata", string(platform)+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABuildThatIsNoReleaseSaysWhatToReplace(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", "1.2.3-rc.1": "1.2.3-rc.1",
		"dev": schedule.Placeholder, "": schedule.Placeholder, "v0.0.0-20261128070416-dd2dda8aaaaa": schedule.Placeholder,
		"v1.2.3+dirty": schedule.Placeholder, "1.2.3\nrun: evil": schedule.Placeholder,
	} {
		s := acme()
		s.Version = version
		if got := s.Release(); got != want {
			t.Errorf("%q: release %q, want %q", version, got, want)
		}
		job := together(written(t, schedule.GitHub, s))
		if told := strings.Contains(job, "replace X.Y.Z by one of"); told != (want == schedule.Placeholder) {
			t.Errorf("%q: told %v", version, told)
		}
	}
}

// TestNamesFitEverywhere: a name in Kubernetes has to be a DNS label, with room for
// the suffixes of Jobs and pods; two organizations never share one.
func TestNamesFitEverywhere(t *testing.T) {
	t.Parallel()
	label := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	seen := map[string]string{}
	for _, org := range []string{
		"acme", "a_b", "a-b", "_", "-", "a-", "a", strings.Repeat("x", 32), strings.Repeat("x", 33),
		strings.Repeat("x", 49) + "y", strings.Repeat("x", 50), strings.Repeat("-", 50),
	} {
		name := schedule.Settings{Org: org}.Name()
		if !label.MatchString(name) || len(name) > 42 {
			t.Errorf("%s: the name %q does not fit", org, name)
		}
		if other, taken := seen[name]; taken {
			t.Errorf("%s and %s are both called %s", org, other, name)
		}
		seen[name] = org
	}
}

func TestSecretsAreNamedAndNeverAskedForInTheWrongTask(t *testing.T) {
	t.Parallel()
	for _, platform := range platforms() {
		job := together(written(t, platform, acme()))
		for _, want := range []string{"sentry.scim.token", "authentik.token", "sentry.api.token, for the checks alone"} {
			if platform != schedule.Systemd && !strings.Contains(job, want) {
				t.Errorf("%s: %q is not told", platform, want)
			}
		}
	}
	for _, f := range written(t, schedule.Systemd, acme()) {
		has := strings.Contains(f.Content, "SENTRYIDP_SENTRY_API_TOKEN_FILE")
		if push := strings.HasSuffix(f.Path, "-push.service"); push && has || strings.HasSuffix(f.Path, "-doctor.service") && !has {
			t.Errorf("%s: the token of the API is there: %v", f.Path, has)
		}
	}
}

func TestTheCertificateIsCheckedWhereItCanBe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		authentik bool
		metadata  string
		want      string
	}{
		"by authentik's API": {true, "https://id.example.com/m/", "saml cert check --timeout 10m --authentik\n"},
		"by the metadata":    {false, "https://id.example.com/m/", "saml cert check --timeout 10m --metadata https://id.example.com/m/\n"},
		"nowhere":            {false, "", ""},
	} {
		s := acme()
		s.Authentik, s.MetadataURL = test.authentik, test.metadata
		job := together(written(t, schedule.Cron, s))
		if test.want == "" && strings.Contains(job, "cert check") || !strings.Contains(job, test.want) || !strings.Contains(job, "run doctor --timeout 10m\n") {
			t.Errorf("%s: %q is not in %s", name, test.want, job)
		}
	}
}
