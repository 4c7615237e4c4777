package cmd

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// windows are the ways in which tools of Windows write a text.
func windows() map[string]func(text []byte) []byte {
	crlf := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
	utf16 := func(text []byte) []byte {
		encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(crlf(text))
		if err != nil {
			panic(err)
		}
		return encoded
	}
	return map[string]func([]byte) []byte{
		"CRLF": crlf, "UTF-16": utf16,
		"BOM":          func(text []byte) []byte { return append([]byte("\uFEFF"), text...) },
		"BOM and CRLF": func(text []byte) []byte { return append([]byte("\uFEFF"), crlf(text)...) },
	}
}

const snapshotText = `{"format": 1, "taken_at": "2026-11-01T12:00:00Z", "sentry_url": "https://sentry.example", "org": "beta",
 "members": [{"id": "1", "email": "kim@beta.test", "role": "manager"}], "teams": []}
`

// TestFilesFromWindowsAreReadAlike gives every reader of a text its text as tools
// of Windows write it.
func TestFilesFromWindowsAreReadAlike(t *testing.T) {
	t.Parallel()
	const settings = "sentry:\n  org: acme\nscim:\n  mapping:\n    email: |\n      user.email +\n        \"\"\n"
	const accepted = " --org acme --sentry-url https://sentry.example.com --at 2026-09-01T12:01:00Z -o json"
	testdata := func(name string) string {
		data, err := os.ReadFile(filepath.Join("../testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	idp := filepath.Join("../testdata", "response/idp.xml")
	for _, tt := range []struct{ name, text, args string }{
		{"c.yaml", settings, "config view --config FILE -o json"},
		{"c.toml", "[sentry]\norg = \"acme\"\n[scim]\ngroups = [\n  \"a\",\n]\n[scim.mapping]\nemail = '''\nuser.email'''\n", "config view --config FILE -o json"},
		{"c.json", "{\"sentry\":\n{\"org\": \"acme\"}}\n", "config view --config FILE -o json"},
		{"people.yaml", testdata("directory/people.yaml"), "scim map --file FILE -o json"},
		{"people.json", testdata("directory/people.json"), "scim map --file FILE -o json"},
		{"people.jsonl", testdata("directory/people.jsonl"), "scim map --file FILE -o json"},
		{"people.csv", testdata("directory/people.csv"), "scim map --file FILE -o json"},
		{"people", testdata("directory/people.csv"), "scim map --file FILE -o json"},
		{"before.json", snapshotText, "scim restore FILE --sandbox --dry-run"},
		{"idp.crt", testdata("response/idp.crt"), "saml cert inspect FILE -o json"},
		{"idp.key", testdata("response/idp.key"), "saml cert inspect FILE -o json"},
		{"cert.crt", testdata("response/idp.crt"), "saml metadata render --cert FILE --authentik-url https://id.example.com"},
		{"idp.xml", testdata("response/idp.xml"), "saml metadata lint FILE -o json"},
		{"meta.xml", testdata("response/idp.xml"), "saml response inspect ../testdata/response/accepted.b64 --metadata FILE" + accepted},
		{"a.xml", testdata("response/accepted.xml"), "saml response inspect FILE --metadata " + idp + accepted},
		{"a.b64", testdata("response/accepted.b64"), "saml response inspect FILE --metadata " + idp + accepted},
		{"a.har", testdata("response/accepted.har"), "saml response inspect FILE --metadata " + idp + accepted},
		{"a.form", testdata("response/accepted.form"), "saml response inspect FILE --metadata " + idp + accepted},
		{"a.curl", testdata("response/accepted.curl"), "saml response inspect FILE --metadata " + idp + accepted},
		{"right.txt", "sntrys_canary_passphrase\n", "saml cert inspect ../pkg/keypair/testdata/pair.p12 --passphrase-file FILE -o json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), tt.name)
			plain := readAs(t, path, []byte(tt.text), tt.args)
			if !strings.HasPrefix(plain, "exit code 0\n") {
				t.Fatal(plain)
			}
			for name, written := range windows() {
				if diff := cmp.Diff(plain, readAs(t, path, written([]byte(tt.text)), tt.args)); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// readAs runs a command line over a file with that content, and returns its exit
// code and what it wrote.
func readAs(t *testing.T, path string, content []byte, line string) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	a, out, messages := testApp()
	a.now, a.rand = noon, newChance()
	a.env = []string{"HOME=" + filepath.Dir(path)}
	code := a.run(t.Context(), strings.Fields(strings.ReplaceAll(line, "FILE", path)))
	return fmt.Sprintf("exit code %d\n%s%s", code, out, messages)
}

func TestTokensFromWindowsAreReadAlike(t *testing.T) {
	t.Parallel()
	for name, written := range windows() {
		s := newSite(t, newHub(t), sandbox.DefaultState("acme"))
		token := strings.TrimPrefix(s.env[len(s.env)-1], "SENTRY_AUTH_TOKEN=")
		path := filepath.Join(s.dir, "token")
		if err := os.WriteFile(path, written([]byte(token+"\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		s.env = append(s.env[:len(s.env)-1], "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE="+path)
		if e := s.run(kept, "scim", "export"); e.code != 0 {
			t.Errorf("%s: exit code %d, said %q", name, e.code, e.err)
		}
	}
}

func TestAuthoritiesFromWindowsAreReadAlike(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, written := range windows() {
		path := filepath.Join(t.TempDir(), "ca.pem")
		got := readAs(t, path, written(authority), "saml metadata fetch "+server.URL+" --ca-file FILE")
		if strings.Contains(got, "certificate") || !strings.Contains(got, "404") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
