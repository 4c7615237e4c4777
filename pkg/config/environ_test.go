package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

func TestVariablesThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"SENTRYIDP_SENTRY_ORGG=x":                                   "SENTRYIDP_SENTRY_ORGG: unknown variable, did you mean SENTRYIDP_SENTRY_ORG?",
		"SENTRYIDP_ORG=x":                                           "SENTRYIDP_ORG: unknown variable, did you mean SENTRYIDP_SENTRY_ORG?",
		"SENTRYIDP_SCIM_TOKEN=sntrys_canary":                        "SENTRYIDP_SCIM_TOKEN: unknown variable, did you mean SENTRYIDP_SENTRY_SCIM_TOKEN?",
		"SENTRYIDP_AUTHENTIK_TOKEN_FIEL=x":                          "SENTRYIDP_AUTHENTIK_TOKEN_FIEL: unknown variable, did you mean SENTRYIDP_AUTHENTIK_TOKEN_FILE?",
		"SENTRYIDP_SENTRY_ORG_FILE=x":                               "SENTRYIDP_SENTRY_ORG_FILE: unknown variable, did you mean SENTRYIDP_SENTRY_CA_FILE?",
		"SENTRYIDP_PROFIL=x":                                        "SENTRYIDP_PROFIL: unknown variable, did you mean SENTRYIDP_PROFILE?",
		"SENTRYIDP_ELEPHANTS=x":                                     "SENTRYIDP_ELEPHANTS: unknown variable",
		"SENTRYIDP_SCIM_MAPPING={}":                                 "SENTRYIDP_SCIM_MAPPING: unknown variable, did you mean SENTRYIDP_AUTHENTIK_SCIM_MAPPING?",
		"SENTRYIDP_SCIM_MAPPING_ACTIVE=user.name":                   "SENTRYIDP_SCIM_MAPPING_ACTIVE: makes a text, want true or false",
		"SENTRYIDP_SCIM_ROLES=managers":                             `SENTRYIDP_SCIM_ROLES: expected group=role but found "managers" (names with commas: write a JSON array)`,
		"SENTRYIDP_SCIM_GUARD_ALLOW_EMPTY=yes!":                     `SENTRYIDP_SCIM_GUARD_ALLOW_EMPTY: want true or false, found "yes!"`,
		"SENTRYIDP_AUTHENTIK_URL=https://user:sntrys_canary@x.test": "SENTRYIDP_AUTHENTIK_URL: want a URL without credentials, query and fragment",
		"SENTRY_ORG=12":                                             `SENTRY_ORG (conventional): the organization slug "12" is digits alone`,
	} {
		in := place(t)
		in.Env = append(in.Env, variable)
		if d := cmp.Diff([]string{want}, problems(t, in)); d != "" {
			t.Errorf("%s: %s", variable, d)
		}
	}
}

func TestAnEmptyVariableCountsAsUnset(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, "SENTRYIDP_NO_SUCH=", "SENTRYIDP_SENTRY_ORG=", "SENTRYIDP_CONFIG=", "SENTRYIDP_PROFILE=",
		"SENTRYIDP_SENTRY_SCIM_TOKEN=", "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE=", "SENTRY_AUTH_TOKEN=", "SENTRYIDP_PEERS=required")
	if d := diff(defaults(), load(t, in).Config); d != "" {
		t.Error(d)
	}
}

// What other programs are told is no problem where it is not used.
func TestAConventionalVariableThatIsNotUsedIsNotRead(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, "SENTRY_ORG=No Slug", "SENTRY_URL=::", "AUTHENTIK_URL=authentik", "SENTRYIDP_AUTHENTIK_URL=https://a.test")
	in.Flags = map[string]string{"sentry.org": "acme", "sentry.url": "sentry.acme.test"}
	if loaded := load(t, in); loaded.Config.Sentry.Org != "acme" || loaded.Config.Authentik.URL != "https://a.test" {
		t.Errorf("got %+v", loaded.Config)
	}
}

func TestSecretsByVariable(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]struct {
		reference secret.Reference
		origin    string
	}{
		"SENTRYIDP_SENTRY_SCIM_TOKEN=sntrys_canary":   {secret.Reference{Env: "SENTRYIDP_SENTRY_SCIM_TOKEN"}, "SENTRYIDP_SENTRY_SCIM_TOKEN"},
		"SENTRYIDP_SENTRY_SCIM_TOKEN_FILE=/run/token": {secret.Reference{File: "/run/token"}, "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE"},
		"SENTRY_AUTH_TOKEN=sntrys_canary":             {secret.Reference{Env: "SENTRY_AUTH_TOKEN"}, "SENTRY_AUTH_TOKEN (conventional)"},
	} {
		in := place(t)
		in.Env = append(in.Env, variable)
		loaded := load(t, in)
		if d := diff(want.reference, loaded.Config.Sentry.SCIM.Token); d != "" || loaded.Origin("sentry.scim.token").String() != want.origin {
			t.Errorf("%s: from %s, %s", variable, loaded.Origin("sentry.scim.token"), d)
		}
		token, err := loaded.Config.Sentry.SCIM.Token.Resolve(t.Context(), secret.Sources{Env: in.Env})
		if want.reference.Env != "" && (err != nil || token.Reveal() != "sntrys_canary") {
			t.Errorf("%s: %v", variable, err)
		}
	}
	in := place(t)
	in.Env = append(in.Env, "SENTRYIDP_AUTHENTIK_TOKEN=x", "SENTRYIDP_AUTHENTIK_TOKEN_FILE=y")
	want := []string{"SENTRYIDP_AUTHENTIK_TOKEN_FILE: SENTRYIDP_AUTHENTIK_TOKEN is set too: keep one of them"}
	if d := cmp.Diff(want, problems(t, in)); d != "" {
		t.Error(d)
	}
}

func TestTheLastOfAVariableCounts(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, "SENTRYIDP_SENTRY_ORG=first", "SENTRYIDP_SENTRY_ORG=last")
	if got := load(t, in).Config.Sentry.Org; got != "last" {
		t.Errorf("got %q", got)
	}
}

func TestAHigherListReplacesTheLowerWhole(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, "SENTRYIDP_SCIM_EXCLUDE_TYPES= external , internal ,", "SENTRYIDP_SCIM_GROUPS=a,b")
	in.Flags = map[string]string{"scim.groups": "c"}
	got := load(t, in).Config.SCIM
	if d := cmp.Diff([][]string{{"external", "internal"}, {"c"}}, [][]string{got.ExcludeTypes, got.Groups}); d != "" {
		t.Error(d)
	}
}

func TestAVariableTakesRulesAsAFileHasThem(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, `SENTRYIDP_SCIM_ROLES= [{"group": "Site A, B", "role": "manager"}]`, `SENTRYIDP_SCIM_TEAM_NAMES=[{"group": "a", "team": "x=y"}]`)
	got := load(t, in).Config.SCIM
	want := []any{[]config.Role{{Group: "Site A, B", Role: "manager"}}, []config.TeamName{{Group: "a", Team: "x=y"}}}
	if d := cmp.Diff(want, []any{got.Roles, got.TeamNames}); d != "" {
		t.Error(d)
	}
	for _, text := range []string{`[{"group": "a"}]`, `[{"group": "a", "role": "owner"}]`, `[{"group": "a", "role": "member"}`, `[{"group": "a", "team": "b"}]`, `[{}] x`} {
		in := place(t)
		in.Env = append(in.Env, "SENTRYIDP_SCIM_ROLES="+text)
		if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), "SENTRYIDP_SCIM_ROLES: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAListCanHaveCommasInItsEntries(t *testing.T) {
	t.Parallel()
	in := place(t)
	in.Env = append(in.Env, `SENTRYIDP_SCIM_GROUPS= ["Smith, Ada", "data", ""]`, `SENTRYIDP_SCIM_ROLES=["Site A, B=manager","x=y=admin"]`,
		`SENTRYIDP_SCIM_TEAM_NAMES=["a, b=C, D"]`, `SENTRYIDP_SCIM_EXCLUDE_TYPES=[]`)
	in.Flags = map[string]string{"authentik.bind_groups": `["Ops, \"night\""]`, "authentik.bind_users": "[ab]*,c"}
	got := load(t, in).Config
	want := []any{
		[]string{"Smith, Ada", "data"},
		[]config.Role{{Group: "Site A, B", Role: "manager"}, {Group: "x=y", Role: "admin"}},
		[]config.TeamName{{Group: "a, b", Team: "C, D"}},
		[]string{},
		[]string{`Ops, "night"`},
		[]string{"[ab]*", "c"},
	}
	found := []any{got.SCIM.Groups, got.SCIM.Roles, got.SCIM.TeamNames, got.SCIM.ExcludeTypes, got.Authentik.BindGroups, got.Authentik.BindUsers}
	if d := cmp.Diff(want, found); d != "" {
		t.Error(d)
	}
	for _, text := range []string{`["a"`, `["a", 1]`, `[{"a": "b"}]`, `["a"] b`} {
		in := place(t)
		in.Env = append(in.Env, "SENTRYIDP_SCIM_GROUPS="+text)
		if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), `SENTRYIDP_SCIM_GROUPS: expected texts separated by commas or a JSON array such as ["eng","data"] but found `) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEveryVariableIsNamedAfterItsSetting(t *testing.T) {
	t.Parallel()
	if got := config.SettingOf("sentry.scim.token").Env(); got != "SENTRYIDP_SENTRY_SCIM_TOKEN" {
		t.Errorf("got %s", got)
	}
	if config.SettingOf("no.such").Path != "" {
		t.Error("a setting that does not exist was found")
	}
}
