package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// given is an input of a command: INPUT in its arguments stands for the path.
type given struct {
	args string
	kind filekind.Kind // that the command takes there; empty: any
	env  string        // a variable that names the input in place of an argument
}

// The files that inputs stand beside.
const (
	goodCert = "../pkg/metadata/testdata/rsa.crt"
	goodP12  = "../pkg/keypair/testdata/pair.p12"
	nowhere  = "https://127.0.0.1:1/metadata/" // where nobody listens
)

// configName is the name that all inputs have: 'config trust' takes no other.
const configName = "sentryidp.yaml"

// inputs are all places at which a command reads what the user names, but for
// --config.
func inputs() []given {
	return []given{
		{args: "scim push --org acme --file INPUT", kind: filekind.Directory},
		{args: "scim status --org acme --file INPUT", kind: filekind.Directory},
		{args: "scim map --file INPUT", kind: filekind.Directory},
		{args: "scim restore INPUT --org acme --dry-run", kind: filekind.Snapshot},
		{args: "scim push --org acme --authentik-url " + nowhere, kind: filekind.Certificate, env: "SENTRYIDP_AUTHENTIK_CA_FILE"},
		{args: "saml metadata lint INPUT", kind: filekind.Metadata},
		{args: "saml metadata lint " + nowhere + " --ca-file INPUT", kind: filekind.Certificate},
		{args: "saml metadata fetch " + nowhere + " --ca-file INPUT", kind: filekind.Certificate},
		{args: "saml metadata render --authentik-url https://id.acme.test --cert INPUT", kind: filekind.Keys},
		{args: "saml metadata render --authentik-url https://id.acme.test --cert " + goodCert + " --key INPUT", kind: filekind.Keys},
		{args: "saml cert check --cert INPUT", kind: filekind.Certificate},
		{args: "saml cert check --cert " + goodCert + " --sentry-cert INPUT", kind: filekind.Certificate},
		{args: "saml cert check --metadata INPUT", kind: filekind.Metadata},
		{args: "saml cert check --metadata " + nowhere + " --ca-file INPUT", kind: filekind.Certificate},
		{args: "saml cert inspect INPUT", kind: filekind.Keys},
		{args: "saml cert inspect " + goodP12 + " --passphrase-file INPUT"},
		{args: "saml response inspect INPUT", kind: filekind.Response},
		{args: "saml response inspect missing --org acme --metadata INPUT", kind: filekind.Metadata},
		{args: "saml urls --org acme --verify --ca-file INPUT", kind: filekind.Certificate},
		{args: "access review --org acme --file INPUT", kind: filekind.Directory},
		{args: "access review --org acme --diff INPUT", kind: filekind.Review},
		{args: "access review --org acme --out review.json --sign-key INPUT", kind: filekind.Keys},
		{args: "access verify INPUT --key missing", kind: filekind.Review},
		{args: "access verify ../testdata/review.json --key INPUT", kind: filekind.Keys},
		{args: "access verify ../testdata/review.json --key ../testdata/review.pub --signature INPUT", kind: filekind.Signature},
		{args: "sandbox --state INPUT", kind: filekind.SentryState},
		{args: "sandbox --authentik-state INPUT", kind: filekind.AuthentikState},
		{args: "authentik apply --org acme --certificate-file INPUT", kind: filekind.Keys},
		{args: "authentik apply --org acme --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "authentik status --org acme --certificate-file INPUT", kind: filekind.Keys},
		{args: "authentik status --org acme --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "authentik blueprint --org acme --certificate-file INPUT", kind: filekind.Keys},
		{args: "authentik blueprint --org acme --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "authentik terraform --org acme --certificate-file INPUT", kind: filekind.Keys},
		{args: "authentik terraform --org acme --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "doctor --offline --org acme --idp-metadata INPUT", kind: filekind.Metadata},
		{args: "doctor --offline --org acme --response INPUT", kind: filekind.Response},
		{args: "doctor --offline --org acme --sentry-report INPUT", kind: filekind.ScriptReport},
		{args: "guide --offline --org acme --sentry-report INPUT", kind: filekind.ScriptReport},
		{args: "doctor --org acme --sentry-url https://127.0.0.1:1 --ca-file INPUT", kind: filekind.Certificate},
		{args: "doctor --org acme --sentry-url https://127.0.0.1:1 --certificate-file INPUT", kind: filekind.Keys},
		{args: "doctor --org acme --sentry-url https://127.0.0.1:1 --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "guide --offline --org acme --idp-metadata INPUT", kind: filekind.Metadata},
		{args: "guide --offline --org acme --response INPUT", kind: filekind.Response},
		{args: "guide --org acme --sentry-url https://127.0.0.1:1 --ca-file INPUT", kind: filekind.Certificate},
		{args: "guide --org acme --sentry-url https://127.0.0.1:1 --certificate-file INPUT", kind: filekind.Keys},
		{args: "guide --org acme --sentry-url https://127.0.0.1:1 --certificate-file " + goodCert + " --key-file INPUT", kind: filekind.Keys},
		{args: "init --no-input --org acme --authentik-url " + nowhere + " --out INIT --ca-file INPUT", kind: filekind.Certificate},
		{args: "sentry script --org acme --sentry-url https://sentry.acme.test --metadata INPUT", kind: filekind.Metadata},
		{args: "sentry script --org acme --sentry-url https://sentry.acme.test --metadata " + nowhere + " --ca-file INPUT", kind: filekind.Certificate},
		{args: "sentry script --org acme --sentry-url https://sentry.acme.test --certificate-file INPUT", kind: filekind.Keys},
		{args: "sentry status --file INPUT", kind: filekind.ScriptReport},
		{args: "config validate INPUT", kind: filekind.Settings},
		{args: "config trust INPUT", kind: filekind.Settings},
	}
}

// configured are the commands that read settings, with the arguments without
// which they would not come to it.
func configured() []given {
	var rows []given
	for _, args := range []string{
		"scim push", "scim status", "access review", "scim map", "scim export", "scim restore SNAPSHOT --dry-run",
		"authentik apply", "authentik status", "authentik sync", "authentik blueprint", "authentik terraform",
		"saml urls", "saml cert generate", "saml cert rotate", "saml cert check --authentik", "saml metadata render", "saml response inspect missing --metadata missing",
		"saml attributes --offline", "sentry script", "config view", "config validate", "doctor --offline", "guide --offline",
		"schedule github", "schedule gitlab", "schedule kubernetes", "schedule systemd", "schedule cron",
	} {
		rows = append(rows, given{args: args + " --config INPUT", kind: filekind.Settings})
	}
	return rows
}

// argsWith returns the arguments with the path in them.
func (g given) argsWith(t *testing.T, path string) []string {
	t.Helper()
	args := strings.Fields(g.args)
	for i, arg := range args {
		switch arg {
		case "INPUT":
			args[i] = path
		case "INIT":
			args[i] = filepath.Join(t.TempDir(), "new.yaml")
		case "SNAPSHOT":
			args[i] = filepath.Join(t.TempDir(), "snapshot.json")
			snapshot := `{"format": 1, "sentry_url": "https://sentry.io", "org": "acme", "members": [], "teams": []}`
			if err := os.WriteFile(args[i], []byte(snapshot), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return args
}

// variables are the environment in which the path is named.
func (g given) variables(t *testing.T, path string) []string {
	t.Helper()
	env := []string{"XDG_STATE_HOME=" + t.TempDir(), "SENTRY_AUTH_TOKEN=x", "AUTHENTIK_TOKEN=x", "SENTRYIDP_AUTHENTIK_URL=https://127.0.0.1:1"}
	if g.env != "" {
		env = append(env, g.env+"="+path)
	}
	return env
}

// TestEveryInputIsInTheTable finds flags and commands that read files and are in
// no table.
func TestEveryInputIsInTheTable(t *testing.T) {
	t.Parallel()
	named := map[string]bool{} // "command" and "command --flag"
	for _, g := range append(inputs(), configured()...) {
		a, _, _ := testApp()
		cmd, rest, err := newRoot(a).Find(strings.Fields(g.args))
		if err != nil {
			t.Fatal(err)
		}
		named[cmd.CommandPath()] = true
		for i, word := range rest {
			if i > 0 && word == "INPUT" {
				named[cmd.CommandPath()+" "+rest[i-1]] = true
			}
		}
	}
	named["sentryidp config trust"] = true // it takes a file by its name, whatever is in it
	outputs := []string{"out", "report"}
	a, _, _ := testApp()
	visit(newRoot(a), func(cmd *cobra.Command) {
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			_, isFile := f.Annotations[cobra.BashCompFilenameExt]
			if isFile && !slices.Contains(outputs, f.Name) && cmd.CommandPath() != "sentryidp config view" && !named[cmd.CommandPath()+" --"+f.Name] {
				t.Errorf("%s --%s reads a file and is in no table", cmd.CommandPath(), f.Name)
			}
		})
		takes := strings.Contains(cmd.Use, "FILE")
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { takes = takes || f.Annotations[settingAnnotation] != nil })
		if takes && !named[cmd.CommandPath()] {
			t.Errorf("%s reads files and is in no table", cmd.CommandPath())
		}
	})
}

// documents are one of each kind that people mix up.
func documents(t *testing.T) map[filekind.Kind][]byte {
	t.Helper()
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	return map[filekind.Kind][]byte{
		filekind.Empty:          nil,
		filekind.WebPage:        []byte("<!DOCTYPE html>\n<html><title>Sign in</title></html>\n"),
		filekind.Metadata:       read("../testdata/metadata/keycloak.xml"),
		filekind.Response:       []byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"/>`),
		filekind.XML:            []byte("<?xml version='1.0'?>\n<rss/>\n"),
		filekind.Traffic:        []byte(`{"log": {"version": "1.2", "entries": []}}`),
		filekind.OpenID:         read("../testdata/metadata/openid.json"),
		filekind.Certificate:    read(goodCert),
		filekind.PrivateKey:     read("../pkg/metadata/testdata/rsa.key"),
		filekind.KeyStore:       read(goodP12),
		filekind.Directory:      read("../testdata/directory/people.yaml"),
		filekind.Table:          read("../testdata/directory/people.csv"),
		filekind.Snapshot:       []byte(`{"format": 1, "sentry_url": "https://sentry.io", "org": "acme", "members": [], "teams": []}`),
		filekind.SentryState:    []byte(`{"org": "acme", "org_id": "1", "members": []}`),
		filekind.AuthentikState: []byte(`{"objects": {}}`),
		filekind.Settings:       []byte("sentry:\n  org: acme\n"),
		filekind.Review:         []byte(`{"sentryidp_access_review": 1, "organization": "acme", "members": []}`),
		filekind.ScriptReport:   []byte("SENTRYIDP {\"sentryidp_report\": 1}\n"),
		filekind.JSON:           []byte(`{"results": []}`),
		filekind.YAML:           []byte("apiVersion: v1\n"),
		filekind.TOML:           []byte("[package]\nname = \"x\"\n"),
		filekind.Text:           []byte("hello\n"),
		filekind.Archive:        []byte("PK\x03\x04\x14\x00\x00\x00"),
		filekind.Binary:         {0, 1, 2, 3},
	}
}

// TestEveryCommandNamesTheWrongKindOfFile gives each command each kind of
// document that it does not take: the message says what was expected and found,
// the hint what to try, the exit code is that of wrong input, and standard
// output holds no half of a document.
func TestEveryCommandNamesTheWrongKindOfFile(t *testing.T) {
	t.Parallel()
	dir, found := t.TempDir(), documents(t)
	paths := map[filekind.Kind]string{}
	for kind, data := range found {
		folder := filepath.Join(dir, strings.Join(strings.Fields(string(kind)), "-"))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		paths[kind] = filepath.Join(folder, configName)
		if err := os.WriteFile(paths[kind], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range append(inputs(), configured()...) {
		t.Run(g.args, func(t *testing.T) {
			t.Parallel()
			refused := 0
			for i, kind := range slices.Sorted(maps.Keys(paths)) {
				path := paths[kind]
				if raced && i%4 != 0 {
					continue // the same code, which the detector has seen
				}
				if g.kind == "" || filekind.Check(g.kind, path, found[kind]) == nil {
					continue
				}
				refused++
				want := path + ": expected " + string(g.kind) + " but this is " + string(kind)
				if kind == filekind.Empty {
					want = path + ": expected " + string(g.kind) + " but it is empty"
				}
				g.refuses(t, path, want, "hint: try ")
			}
			if refused < scaled(10, 10, 2) && g.kind != "" {
				t.Errorf("only %d kinds are refused", refused)
			}
		})
	}
}

// TestEveryCommandRefusesAFileThatCannotBeRead gives each command a file that is
// missing, a folder, and one without end.
func TestEveryCommandRefusesAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	missing, folder := filepath.Join(t.TempDir(), configName), filepath.Join(t.TempDir(), configName)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, g := range append(inputs(), configured()...) {
		t.Run(g.args, func(t *testing.T) {
			t.Parallel()
			g.refuses(t, missing, missing, "hint: ")
			g.refuses(t, folder, folder, "hint: ")
		})
	}
}

// refuses asserts that the command names what is wrong with the input at path.
func (g given) refuses(t *testing.T, path, want, hint string) {
	t.Helper()
	code := fault.Usage
	if g.kind == "" {
		code = fault.Credential // a passphrase
	}
	for _, format := range []string{"text", "json"} {
		a, out, errs := testApp()
		a.env, a.now, a.rand = g.variables(t, path), time.Now, zeros{}
		got := a.run(t.Context(), append(g.argsWith(t, path), "-o", format))
		if got != int(code) || !strings.Contains(errs.String(), want) || !strings.Contains(errs.String(), hint) {
			t.Errorf("%s: exit code %d, want %d\nwant %q and %q in %q", path, got, code, want, hint, errs)
		}
		if !isOneDocument(out.Bytes()) || format == "text" && out.Len() > 0 {
			t.Errorf("%s: standard output is %q", path, out)
		}
	}
}

// isOneDocument reports whether out is empty or one value of JSON.
func isOneDocument(out []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(out))
	var value any
	if err := decoder.Decode(&value); err != nil {
		return errors.Is(err, io.EOF)
	}
	return errors.Is(decoder.Decode(&value), io.EOF)
}

// zeros is randomness for commands that come to no use of it.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestStandardInputOnATerminalIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, quiet := range []bool{false, true} {
		var out, errs bytes.Buffer
		a := &app{term: ui.Test(strings.NewReader("sentry.io"), &out, &errs), now: time.Now}
		a.term.InTTY = true
		a.run(t.Context(), []string{"saml", "response", "inspect", "--quiet=" + strconv.FormatBool(quiet)})
		if told := strings.Contains(errs.String(), "note: reading standard input: "); told == quiet {
			t.Errorf("quiet %v: %q", quiet, errs.String())
		}
	}
}
