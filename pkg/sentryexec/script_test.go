package sentryexec_test

import (
	"encoding/base64"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// wanted is the configuration that the script of the tests makes.
func wanted(t *testing.T) map[string]any {
	t.Helper()
	const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	return map[string]any{
		"idp": map[string]any{
			"entity_id": "https://id.example.com/application/saml/sentry/metadata/", "sso_url": "https://id.example.com/application/saml/sentry/",
			"slo_url": nil, "x509cert": base64.StdEncoding.EncodeToString(certificate(t)),
		},
		"attribute_mapping": map[string]any{
			"identifier": "http://schemas.goauthentik.io/2021/02/saml/uid", "user_email": claims + "emailaddress", "first_name": claims + "name", "last_name": "",
		},
	}
}

// starts are a Sentry for each action in which the action has something to do.
func starts(t *testing.T) map[sentryexec.Action]seed {
	t.Helper()
	old := wanted(t)
	old["idp"] = map[string]any{"entity_id": "old", "sso_url": "https://old.example.com/", "slo_url": "https://old.example.com/out", "x509cert": "b2xk"}
	old["advanced"] = map[string]any{"private_key": "-----BEGIN PRIVATE KEY-----canary"}
	return map[sentryexec.Action]seed{
		sentryexec.SAML:        {},
		sentryexec.Certificate: {Provider: "saml2", Config: old, Flags: 1},
		sentryexec.SCIM:        {Provider: "saml2", Config: old, Flags: 1},
		sentryexec.SSOOptional: {Provider: "saml2", Config: old, Flags: 2, Token: "canary-old"},
		sentryexec.SSORequired: {Provider: "saml2", Config: old, Flags: 1, Linked: []int{2}},
		sentryexec.SSOOff:      {Provider: "saml2", Config: old, Flags: 2, Token: "canary-old", Linked: []int{2, 3}},
	}
}

func TestASetUpFromNothingAndBack(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	r := play(t, script(t), story{Runs: []run{
		{Args: []string{"status"}},
		{Args: []string{"saml"}},
		applied(sentryexec.SAML),
		{Args: []string{"scim"}},
		applied(sentryexec.SCIM, "--token-file", token),
		{Args: []string{"status"}},
		applied(sentryexec.SSOOff),
	}})[0]
	for i, one := range r {
		if one.Code != 0 {
			t.Fatalf("run %d: exit code %d: %s", i, one.Code, one.Stderr)
		}
		without(t, one)
	}
	if r[0].report(t).Provider != nil || r[1].provider() != nil {
		t.Error("there is a provider before it is applied")
	}
	if got := r[2].provider(); cmp.Diff(wanted(t), got["config"]) != "" || got["provider"] != "saml2" || got["flags"] != 1.0 {
		t.Errorf("the provider is %v", got)
	}
	if diff := cmp.Diff(r[2].provider()["config"], r[2].State["Replica"][0]["config"]); diff != "" {
		t.Errorf("the other half of Sentry was not told: %s", diff)
	}
	if len(r[3].State["SentryAppInstallationToken"]) != 0 || r[4].provider()["flags"] != 3.0 {
		t.Error("SCIM is on too early, or not at all")
	}
	if saved, err := os.ReadFile(token); err != nil || string(saved) != "canary-token-0\n" {
		t.Errorf("the token file has %q, %v", saved, err)
	}
	status := r[5].report(t)
	if status.SCIM == nil || !status.SCIM.Enabled || !status.SCIM.HasToken || status.SCIM.BaseURL != "https://sentry.example.com/api/0/organizations/acme/scim/v2" {
		t.Errorf("SCIM is reported as %+v", status.SCIM)
	}
	if off := r[6]; off.provider() != nil || len(off.State["SentryAppInstallationToken"]) != 0 || off.report(t).Before == nil {
		t.Errorf("after sso-off: %v", off.State)
	}
}

func TestAnActionSaysWhatItWouldDoAndTwiceIsOnce(t *testing.T) {
	t.Parallel()
	var stories []story
	actions := slices.Sorted(maps.Keys(starts(t)))
	for _, action := range actions {
		stories = append(stories, story{Seed: starts(t)[action], Runs: []run{{Args: []string{"help"}}, {Args: []string{string(action)}}, applied(action), applied(action)}})
	}
	for i, r := range play(t, script(t), stories...) {
		before, planned, once, twice := r[0], r[1], r[2], r[3]
		for _, one := range r {
			without(t, one)
			if one.Code != 0 {
				t.Errorf("%s: exit code %d: %s", actions[i], one.Code, one.Stderr)
			}
		}
		if diff := cmp.Diff(before.State, planned.State); diff != "" || !strings.Contains(planned.Stderr, "nothing was written: add --apply") {
			t.Errorf("%s: without --apply: %s%s", actions[i], diff, planned.Stderr)
		}
		if cmp.Diff(before.State, once.State) == "" || !once.report(t).Applied {
			t.Errorf("%s: nothing is applied", actions[i])
		}
		if diff := cmp.Diff(planned.report(t).Changes, once.report(t).Changes); diff != "" || len(planned.report(t).Changes) != 1 {
			t.Errorf("%s: another change than planned: %s", actions[i], diff)
		}
		if diff := cmp.Diff(once.State, twice.State); diff != "" || !strings.Contains(twice.Stderr, "nothing to change") {
			t.Errorf("%s: the second time: %s%s", actions[i], diff, twice.Stderr)
		}
	}
}

func TestEachStepThatFailsLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	points := map[sentryexec.Action][]string{
		sentryexec.SAML:        {"save", "saved", "save:2", "saved:2"},
		sentryexec.Certificate: {"save", "saved"},
		sentryexec.SCIM:        {"enable_scim", "save", "saved", "get_token", "get_token:2", "get_token:3"},
		sentryexec.SSOOptional: {"save", "saved"},
		sentryexec.SSORequired: {"save", "saved"},
		sentryexec.SSOOff:      {"disable", "disabled"},
	}
	var stories []story
	var names []string
	dir := t.TempDir()
	for _, action := range slices.Sorted(maps.Keys(points)) {
		for _, point := range points[action] {
			var more []string
			if action == sentryexec.SCIM {
				more = []string{"--token-file", filepath.Join(dir, point)}
			}
			failing := applied(action, more...)
			failing.Fail = point
			names = append(names, string(action)+" "+point)
			stories = append(stories, story{Seed: starts(t)[action], Runs: []run{{Args: []string{"help"}}, failing, applied(action, more...)}})
		}
	}
	for i, r := range play(t, script(t), stories...) {
		before, failed, again := r[0], r[1], r[2]
		without(t, failed)
		if failed.Code != 1 || !strings.Contains(failed.Stderr, "Broken at ") || !strings.Contains(failed.Stderr, "; nothing was written") {
			t.Errorf("%s: exit code %d: %s", names[i], failed.Code, failed.Stderr)
		}
		if diff := cmp.Diff(before.State, failed.State); diff != "" || failed.report(t).Applied {
			t.Errorf("%s: something is half-written: %s", names[i], diff)
		}
		if again.Code != 0 || !again.report(t).Applied {
			t.Errorf("%s: the next run does not finish: %s", names[i], again.Stderr)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 6 {
		t.Errorf("%d token files, %v", len(files), err)
	}
}

// TestWhatFailsAfterTheCommitIsNotCalledUndone: Sentry's replication runs then.
func TestWhatFailsAfterTheCommitIsNotCalledUndone(t *testing.T) {
	t.Parallel()
	failing := applied(sentryexec.SAML)
	failing.Fail = "replicate"
	token := filepath.Join(t.TempDir(), "token")
	switching := applied(sentryexec.SCIM, "--token-file", token)
	switching.Fail = "replicate"
	both := play(t, script(t),
		story{Runs: []run{failing, {Args: []string{"status"}}, applied(sentryexec.SAML)}},
		story{Seed: starts(t)[sentryexec.SCIM], Runs: []run{switching}})
	r := both[0]
	if r[0].Code != 1 || strings.Contains(r[0].Stderr, "nothing was written") || !strings.Contains(r[0].Stderr, "the action 'status' shows what stands") {
		t.Errorf("exit code %d: %s", r[0].Code, r[0].Stderr)
	}
	if r[1].report(t).Provider == nil || !strings.Contains(r[2].Stderr, "nothing to change") {
		t.Errorf("what stands: %s; %s", r[1].Stdout, r[2].Stderr)
	}
	if _, err := os.Stat(token); !os.IsNotExist(err) || both[1][0].Code != 1 {
		t.Errorf("a token that may be undone is left: %v", err)
	}
}

func TestAMissingNameStopsTheActionsThatRelyOnIt(t *testing.T) {
	t.Parallel()
	type lack struct {
		without, words string
		on             []sentryexec.Action
	}
	var lacks []lack
	for _, n := range sentryexec.Relied() {
		path := n.Module + "." + n.Name
		lacks = append(lacks, lack{path, path, n.For}, lack{"module " + n.Module, path, n.For})
		for _, field := range n.Fields {
			lacks = append(lacks, lack{"field " + n.Name + "." + field, path + "." + field, n.For})
		}
		for _, flag := range n.Flags {
			lacks = append(lacks, lack{"flag " + flag, path + ".flags." + flag, n.For})
		}
		for call, parameters := range n.Calls {
			for _, parameter := range parameters {
				if n.Name == "auth_service" {
					lacks = append(lacks, lack{"parameter " + call + " " + parameter, path + "." + call + "(", n.For})
				}
			}
		}
	}
	if len(lacks) < 30 {
		t.Fatalf("only %d names", len(lacks))
	}
	var stories []story
	for _, l := range lacks {
		var runs []run
		for _, action := range l.on {
			args := []string{string(action), "--apply"}
			if action == sentryexec.Status {
				args = args[:1]
			}
			runs = append(runs, run{Args: args, Without: l.without})
		}
		stories = append(stories, story{Seed: starts(t)[sentryexec.Certificate], Runs: append(runs, run{Args: []string{"help"}})}) // for the rows of one that lacks nothing
	}
	for i, r := range play(t, script(t), stories...) {
		l, intact := lacks[i], r[len(r)-1].State
		for k, action := range l.on {
			if r[k].Code != 1 || !strings.Contains(r[k].Stderr, l.words) || !strings.Contains(r[k].Stderr, "; nothing was written") {
				t.Errorf("%s without %s: exit code %d: %s", action, l.without, r[k].Code, r[k].Stderr)
			}
			if diff := cmp.Diff(intact, r[k].State); diff != "" {
				t.Errorf("%s without %s: %s", action, l.without, diff)
			}
			if len(r[k].report(t).Missing) == 0 {
				t.Errorf("%s without %s: the report names nothing", action, l.without)
			}
		}
	}
}

func TestTheWayBackInNeedsNothingElse(t *testing.T) {
	t.Parallel()
	bare := settings(t)
	bare.IDP = nil
	moved := applied(sentryexec.SSOOptional)
	moved.Without = "module sentry.sentry_apps.models.sentry_app_installation_token"
	r := play(t, scriptOf(t, bare), story{Seed: starts(t)[sentryexec.SSOOptional], Runs: []run{moved, applied(sentryexec.SAML)}})[0]
	if r[0].Code != 0 || r[0].provider()["flags"] != 3.0 {
		t.Errorf("exit code %d: %s", r[0].Code, r[0].Stderr)
	}
	if r[1].Code != 64 || !strings.Contains(r[1].Stderr, "choose from 'status', 'scim', 'sso-optional'") {
		t.Errorf("an action that needs an identity provider: exit code %d: %s", r[1].Code, r[1].Stderr)
	}
}

func TestAnotherReleaseIsWrittenToOnlyOnceItIsNamed(t *testing.T) {
	t.Parallel()
	in := func(release string, args ...string) run { return run{Args: args, Release: release} }
	r := play(t, script(t), story{Runs: []run{
		in("26.8.0", "status"),
		in("26.8.0", "saml"),
		in("26.8.0", "saml", "--apply"),
		in("26.8.0", "saml", "--apply", "--accept-release", "26.9.0"),
		in("25.6.1", "saml", "--apply"),
		in("nonsense; rm", "saml", "--apply"),
		in("26.8.0", "saml", "--apply", "--accept-release", "26.8.0"),
		in("25.7.0", "sso-off", "--apply"),
	}})[0]
	for i, one := range r {
		refused := i >= 2 && i <= 5
		if (one.Code == 1) != refused || refused && (one.provider() != nil || !strings.Contains(one.Stderr, "--accept-release")) {
			t.Errorf("run %d: exit code %d, %v: %s", i, one.Code, one.provider(), one.Stderr)
		}
	}
	if r[0].report(t).ReleaseRead || !r[7].report(t).ReleaseRead || r[6].provider() == nil {
		t.Error("which releases were read is not reported, or a named one is not written to")
	}
}

func TestAnActionKeepsWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	start := starts(t)[sentryexec.Certificate]
	armoured := wanted(t)
	armoured["idp"].(map[string]any)["x509cert"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(t)})) //nolint:forcetypeassert // it is one
	r := play(t, script(t),
		story{Seed: start, Runs: []run{applied(sentryexec.Certificate), applied(sentryexec.SAML), applied(sentryexec.SCIM)}},
		story{Seed: seed{Provider: "saml2", Config: armoured, Flags: 1}, Runs: []run{applied(sentryexec.SAML)}},
		story{Seed: seed{Provider: "okta", Config: start.Config}, Runs: []run{applied(sentryexec.SAML), applied(sentryexec.Certificate)}})
	want := map[string]any{"advanced": start.Config["advanced"], "attribute_mapping": start.Config["attribute_mapping"], "idp": maps.Clone(start.Config["idp"].(map[string]any))} //nolint:forcetypeassert // it is one
	idp, _ := want["idp"].(map[string]any)
	idp["x509cert"] = base64.StdEncoding.EncodeToString(certificate(t))
	if diff := cmp.Diff(want, r[0][0].provider()["config"]); diff != "" {
		t.Errorf("certificate changes more: %s", diff)
	}
	idp["entity_id"], idp["sso_url"] = settings(t).IDP.EntityID, settings(t).IDP.SSOURL
	if diff := cmp.Diff(want, r[0][1].provider()["config"]); diff != "" {
		t.Errorf("saml drops what it does not name, such as a logout address: %s", diff)
	}
	if r[0][2].provider()["flags"] != 3.0 {
		t.Error("scim changes whether SSO is required")
	}
	if !strings.Contains(r[1][0].Stderr, "nothing to change") {
		t.Errorf("the same certificate in PEM is another: %s", r[1][0].Stderr)
	}
	if r[2][0].Code != 1 || !strings.Contains(r[2][0].Stderr, "expected the provider saml2 but found okta") || r[2][1].Code != 0 {
		t.Errorf("a provider of another kind: %s; %s", r[2][0].Stderr, r[2][1].Stderr)
	}
}

func TestWhatCannotBeIsSaid(t *testing.T) {
	t.Parallel()
	elsewhere := settings(t)
	elsewhere.Org = "other"
	at := starts(t)
	noOwner := at[sentryexec.SCIM]
	noOwner.Members = [][2]any{{"owner", false}, {"member", true}}
	unlinked := at[sentryexec.SSORequired]
	unlinked.Linked = []int{1, 3}
	lost := at[sentryexec.SSOOptional]
	lost.Token = ""
	stuck := at[sentryexec.SCIM]
	stuck.Token = "canary-old"
	for want, one := range map[string]story{
		"expected an organization with the slug other":       {Script: string(scriptOf(t, elsewhere)), Runs: []run{applied(sentryexec.SAML)}},
		"expected a SAML provider but found none":            {Runs: []run{applied(sentryexec.SCIM)}},
		"expected an owner with an active account":           {Seed: noOwner, Runs: []run{applied(sentryexec.SCIM)}},
		"no owner has logged in by SSO yet":                  {Seed: unlinked, Runs: []run{applied(sentryexec.SSORequired)}},
		"SCIM is on and has no token":                        {Seed: lost, Runs: []run{applied(sentryexec.SCIM)}},
		"Sentry did not take the change":                     {Seed: stuck, Runs: []run{applied(sentryexec.SCIM)}},
		"found google, which has no certificate":             {Seed: seed{Provider: "google", Config: map[string]any{"domains": []string{"x"}}}, Runs: []run{applied(sentryexec.Certificate)}},
		"--token-file is for the action scim with --apply":   {Runs: []run{{Args: []string{"scim", "--token-file", "x"}}}},
		"--apply is for actions that write":                  {Runs: []run{{Args: []string{"status", "--apply"}}}},
		"invalid choice: 'rm'":                               {Runs: []run{{Args: []string{"rm", "--apply"}}}},
		"unrecognized arguments: --force":                    {Runs: []run{{Args: []string{"saml", "--force"}}}},
		"system.url-prefix of Sentry is https://x.test, and": {Runs: []run{{Args: []string{"saml"}, Prefix: "https://x.test"}}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			one.Runs = append([]run{{Args: []string{"help"}}}, one.Runs...)
			r := play(t, script(t), one)[0]
			if !strings.Contains(r[1].Stderr, want) {
				t.Errorf("expected %q in %s", want, r[1].Stderr)
			}
			if warned := strings.Contains(r[1].Stderr, "warning: system"); (r[1].Code == 0) != warned {
				t.Errorf("exit code %d", r[1].Code)
			}
			if diff := cmp.Diff(r[0].State, r[1].State); diff != "" {
				t.Errorf("something is written: %s", diff)
			}
			without(t, r[1])
		})
	}
}
