package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

func defaults() config.Config {
	return config.Config{
		InsecureHTTP: []string{},
		Sentry:       config.Sentry{URL: "https://sentry.io"},
		Authentik: config.Authentik{
			Application: "sentry", Name: "Sentry", BindGroups: []string{}, BindUsers: []string{},
			AuthorizationFlow: "default-provider-authorization-implicit-consent",
			InvalidationFlow:  "default-provider-invalidation-flow",
		},
		SCIM: config.SCIM{
			Source: "authentik", Scope: "application", Groups: []string{}, Flatten: true, Roles: []config.Role{}, TeamNames: []config.TeamName{}, Remove: "inactive",
			TeamRoles: []config.TeamRole{}, Projects: []config.TeamProjects{}, ProjectAttribute: "sentry.projects", ProjectRemoval: "never",
			Concurrency: 8, PageSize: 100,
			ExcludeTypes: []string{"service_account", "internal_service_account"},
			Mapping:      config.Mapping{Email: "user.email", Emails: "user.emails", Active: "user.active", Include: "true", Team: "group.name"},
			Guard:        guards(),
		},
		HTTP: config.HTTP{RequestTimeout: "100s", ConnectTimeout: "30s", GiveUpAfter: "5m"},
	}
}

func guards() config.Guard {
	return config.Guard{
		MaxRemovals: "10%", MaxMemberships: "10%", MaxTeamLosses: "25%", MaxPromotions: "5%", MaxDemotions: "20%", MaxReplaced: "10%", MaxBlank: "10%",
		MaxTeamRemovals: "10%", MaxTeamPromotions: "5%", MaxTeamDemotions: "20%", MaxProjectRemovals: "10%", MaxRemovalsFloor: 3,
	}
}

func TestNothingGivenIsTheDefaults(t *testing.T) {
	t.Parallel()
	loaded := load(t, place(t))
	if d := diff(defaults(), loaded.Config); d != "" {
		t.Error(d)
	}
	if len(loaded.Files) != 0 || loaded.Profile != "" {
		t.Errorf("files %q, profile %q", loaded.Files, loaded.Profile)
	}
	for _, s := range config.Settings() {
		if got := loaded.Origin(s.Path).String(); got != "default" {
			t.Errorf("%s is from %q", s.Path, got)
		}
	}
}

const whole = `# every setting
sentry:
  url: https://sentry.example.com
  org: acme
  scim:
    url: ""
    token: {env: SENTRY_SCIM_TOKEN}
authentik:
  url: https://authentik.example.com
  token: {command: [op, read, "op://vault/authentik, main/token"]}
  application: sentry-main
scim:
  source: authentik
  file: people.yaml
  scope: groups
  groups: [engineering, "data, and more"]
  exclude_types: []
  mapping: {email: lower(user.email), role: 'memberOf("leads") ? "admin" : ""'}
  roles: [{group: sentry-managers, role: manager}]
  remove: never
  guard: {max_removals: 5, max_removals_floor: 0, allow_empty: true}
profiles:
  Staging: {sentry: {org: acme-staging}}
  empty:
`

func TestAWholeFile(t *testing.T) {
	t.Parallel()
	in := place(t)
	write(t, filepath.Join(in.Dir, "sentryidp.yaml"), whole)
	in.Profile = "Staging"
	guard := guards()
	guard.MaxRemovals, guard.MaxRemovalsFloor, guard.AllowEmpty = "5", 0, true
	want := config.Config{
		InsecureHTTP: []string{},
		Sentry: config.Sentry{
			URL: "https://sentry.example.com", Org: "acme-staging",
			SCIM: config.SentrySCIM{Token: secret.Reference{Env: "SENTRY_SCIM_TOKEN"}},
		},
		Authentik: config.Authentik{
			URL: "https://authentik.example.com", Application: "sentry-main", Name: "Sentry", BindGroups: []string{}, BindUsers: []string{},
			AuthorizationFlow: "default-provider-authorization-implicit-consent",
			InvalidationFlow:  "default-provider-invalidation-flow",
			Token:             secret.Reference{Command: []string{"op", "read", "op://vault/authentik, main/token"}},
		},
		SCIM: config.SCIM{
			Source: "authentik", File: "people.yaml", Scope: "groups", Groups: []string{"engineering", "data, and more"}, Flatten: true, ExcludeTypes: []string{},
			Roles: []config.Role{{Group: "sentry-managers", Role: "manager"}}, TeamNames: []config.TeamName{}, Remove: "never",
			TeamRoles: []config.TeamRole{}, Projects: []config.TeamProjects{}, ProjectAttribute: "sentry.projects", ProjectRemoval: "never",
			Concurrency: 8, PageSize: 100,
			Mapping: config.Mapping{Email: "lower(user.email)", Emails: "user.emails", Active: "user.active", Include: "true", Role: `memberOf("leads") ? "admin" : ""`, Team: "group.name"},
			Guard:   guard,
		},
		HTTP: defaults().HTTP,
	}
	loaded := load(t, in)
	if d := diff(want, loaded.Config); d != "" {
		t.Error(d)
	}
	origins := map[string]string{}
	for _, path := range []string{"sentry.url", "sentry.org", "sentry.scim.token", "scim.guard.allow_empty", "allow_literal_secrets"} {
		origins[path] = strings.TrimPrefix(loaded.Origin(path).String(), in.Dir+string(filepath.Separator))
	}
	if d := cmp.Diff(map[string]string{
		"sentry.url": "sentryidp.yaml:3", "sentry.org": "sentryidp.yaml:23 (profile Staging)", "sentry.scim.token": "sentryidp.yaml:7",
		"scim.guard.allow_empty": "sentryidp.yaml:21", "allow_literal_secrets": "default",
	}, origins); d != "" {
		t.Error(d)
	}
	in.Profile = "empty"
	if got := load(t, in).Config.Sentry.Org; got != "acme" {
		t.Errorf("with an empty profile the organization is %q", got)
	}
}

// TestPrecedence adds the places from the weakest to the strongest: each has to
// win over all before it.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	in := place(t)
	xdg := strings.TrimPrefix(in.Env[1], "XDG_CONFIG_HOME=")
	steps := []struct {
		org, origin string
		add         func()
	}{
		{"", "default", func() {}},
		{"conventional", "SENTRY_ORG (conventional)", func() { in.Env = append(in.Env, "SENTRY_ORG=conventional") }},
		{"system", in.SystemDir + "/config.toml:2", func() {
			write(t, filepath.Join(in.SystemDir, "config.toml"), "[sentry]\norg = 'system'\n[profiles.p.sentry]\norg = 'profile'\n")
		}},
		{"user", xdg + "/sentryidp/config.yml:1", func() { write(t, filepath.Join(xdg, "sentryidp", "config.yml"), "sentry: {org: user}\n") }},
		{"project", in.Dir + "/sentryidp.json:3", func() {
			write(t, filepath.Join(in.Dir, "sentryidp.json"), "{\n\"sentry\": {\n\"org\": \"project\"}}\n")
		}},
		{"profile", in.SystemDir + "/config.toml:4 (profile p)", func() { in.Env = append(in.Env, "SENTRYIDP_PROFILE=p") }},
		{"variable", "SENTRYIDP_SENTRY_ORG", func() { in.Env = append(in.Env, "SENTRYIDP_SENTRY_ORG=variable") }},
		{"flag", "--org", func() { in.Flags = map[string]string{"sentry.org": "flag"} }},
	}
	for _, step := range steps {
		step.add()
		loaded := load(t, in)
		if loaded.Config.Sentry.Org != step.org || loaded.Origin("sentry.org").String() != filepath.FromSlash(step.origin) {
			t.Errorf("got %q from %s, want %q from %s", loaded.Config.Sentry.Org, loaded.Origin("sentry.org"), step.org, step.origin)
		}
	}
	if loaded := load(t, in); len(loaded.Files) != 3 || loaded.Profile != "p" {
		t.Errorf("files %q, profile %q", loaded.Files, loaded.Profile)
	}
}

func TestTheConfigFlagReplacesTheSearch(t *testing.T) {
	t.Parallel()
	in := place(t)
	write(t, filepath.Join(in.Dir, "sentryidp.yaml"), "sentry: {org: project}")
	other := write(t, filepath.Join(in.Dir, "other.yaml"), "authentik: {application: other}")
	third := write(t, filepath.Join(in.Dir, "third.yaml"), "authentik: {application: third}")
	in.Env = append(in.Env, "SENTRYIDP_CONFIG="+other)
	if loaded := load(t, in); loaded.Config.Sentry.Org != "" || loaded.Config.Authentik.Application != "other" {
		t.Errorf("SENTRYIDP_CONFIG: got %+v", loaded.Config)
	}
	in.File = third
	if loaded := load(t, in); loaded.Config.Authentik.Application != "third" || len(loaded.Files) != 1 {
		t.Errorf("--config: got %+v", loaded.Config)
	}
	in.File = filepath.Join(in.Dir, "missing.yaml")
	if d := cmp.Diff([]string{"there is no configuration file missing.yaml"}, problems(t, in)); d != "" {
		t.Error(d)
	}
}

func TestFilesAreLookedForInHome(t *testing.T) {
	t.Parallel()
	in := place(t)
	home := strings.TrimPrefix(in.Env[0], "HOME=")
	write(t, filepath.Join(home, ".config", "sentryidp", "config.yaml"), "sentry: {org: home}")
	for _, xdg := range []string{"XDG_CONFIG_HOME=", "XDG_CONFIG_HOME=relative"} {
		in.Env[1] = xdg
		if got := load(t, in).Config.Sentry.Org; got != "home" {
			t.Errorf("%s: got %q", xdg, got)
		}
	}
}

func TestTheSourceFollowsTheFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file   string
		env    []string
		flags  map[string]string
		want   string
		origin string
	}{
		"nothing":               {"", nil, nil, "authentik", "default"},
		"a file":                {"scim: {file: p.yaml}", nil, nil, "file", "c.yaml:1"},
		"both in one place":     {"scim: {file: p.yaml, source: authentik}", nil, nil, "authentik", "c.yaml:1"},
		"a file by flag":        {"scim: {source: authentik}", nil, map[string]string{"scim.file": "-"}, "file", "--file"},
		"both by flag":          {"", nil, map[string]string{"scim.file": "-", "scim.source": "authentik"}, "authentik", "--source"},
		"a file by variable":    {"scim: {source: authentik}", []string{"SENTRYIDP_SCIM_FILE=p.csv"}, nil, "file", "SENTRYIDP_SCIM_FILE"},
		"a source over a file":  {"scim: {file: p.yaml}", []string{"SENTRYIDP_SCIM_SOURCE=authentik"}, nil, "authentik", "SENTRYIDP_SCIM_SOURCE"},
		"an empty source":       {"scim: {source: '', file: p.yaml}", nil, nil, "file", "c.yaml:1"},
		"authentik is set":      {"authentik: {url: https://a}", nil, nil, "authentik", "c.yaml:1"},
		"authentik and a file":  {"{authentik: {url: https://a}, scim: {file: p.yaml}}", nil, nil, "authentik", "c.yaml:1"},
		"authentik elsewhere":   {"scim: {file: p.yaml}", []string{"AUTHENTIK_URL=https://a"}, nil, "file", "c.yaml:1"},
		"authentik over a file": {"scim: {file: p.yaml}", nil, map[string]string{"authentik.url": "https://a"}, "authentik", "--authentik-url"},
		"a file over authentik": {"authentik: {url: https://a}", nil, map[string]string{"scim.file": "-"}, "file", "--file"},
		"a source over both":    {"{authentik: {url: https://a}, scim: {file: p.yaml, source: file}}", nil, nil, "file", "c.yaml:1"},
		"an empty file by flag": {"scim: {file: p.yaml}", nil, map[string]string{"scim.file": ""}, "authentik", "default"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			loaded := load(t, config.Input{File: write(t, filepath.Join(dir, "c.yaml"), test.file), Env: test.env, Flags: test.flags})
			origin := strings.TrimPrefix(loaded.Origin("scim.source").String(), dir+string(filepath.Separator))
			if loaded.Config.SCIM.Source != test.want || loaded.Value("scim.source") != test.want || origin != test.origin {
				t.Errorf("got %q from %s", loaded.Config.SCIM.Source, origin)
			}
		})
	}
}
