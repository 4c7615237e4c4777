package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sentryidp/sentryidp/cmd"
)

// full is a standard output on a disk without room; with gone, one whose reader
// has gone away.
type full struct{ gone bool }

func (f full) Write([]byte) (int, error) {
	if f.gone {
		return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	}
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: errors.New("no space left on device")}
}

func TestAResultThatCannotBeWrittenIsAnErrorAndHidesNoOther(t *testing.T) {
	t.Parallel()
	refused := []string{"scim", "push", "--sandbox", "--max-removals", "0"}
	tests := map[string]struct {
		out  full
		args []string
		want int
		told string
	}{
		"fine":                {full{}, []string{"version"}, 1, "no space left on device"},
		"pushed":              {full{}, []string{"scim", "push", "--sandbox"}, 1, "the result was not written: write /dev/stdout: no space left on device"},
		"changes pending":     {full{}, []string{"scim", "push", "--sandbox", "--dry-run", "--detailed-exitcode", "-o", "json"}, 2, "the result was not written"},
		"refused":             {full{}, refused, 6, "the result was not written"},
		"authentik made":      {full{}, []string{"authentik", "apply", "--sandbox=empty", "-o", "yaml"}, 1, "hint: what was applied stands"},
		"refused, no reader":  {full{gone: true}, refused, 6, ""},
		"pushed, no reader":   {full{gone: true}, []string{"scim", "push", "--sandbox"}, 0, ""},
		"an error, no reader": {full{gone: true}, []string{"saml", "urls", "-o", "json"}, 64, "no organization is set"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var messages bytes.Buffer
			home := t.TempDir()
			code := cmd.Run(t.Context(), []string{"HOME=" + home}, tt.out, &messages, tt.args...)
			if code != tt.want || !strings.Contains(messages.String(), tt.told) {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, messages.String(), tt.want, tt.told)
			}
		})
	}
}

func TestAnErrorIsTheOneDocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"bad.yaml":    "scim:\n  remove: abscent\n  rate: fast\n",
		"people.yaml": "people: [",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	failing := map[string]struct {
		args     []string
		problems int
	}{
		"wrong flag":          {[]string{"scim", "push", "--bad"}, 0},
		"wrong argument":      {[]string{"scim", "push", "word"}, 0},
		"wrong command":       {[]string{"scmi"}, 0},
		"wrong configuration": {[]string{"config", "validate", file("bad.yaml")}, 2},
		"no configuration":    {[]string{"scim", "push", "--config", file("none.yaml")}, 1},
		"no file":             {[]string{"saml", "metadata", "lint", file("none.xml")}, 0},
		"no server":           {[]string{"saml", "metadata", "lint", "http://127.0.0.1:1/"}, 0},
		"no token":            {[]string{"scim", "push", "--org", "acme", "--file", "../testdata/directory/people.yaml"}, 0},
		"no settings":         {[]string{"scim", "push"}, 3},
		"wrong people":        {[]string{"scim", "push", "--sandbox", "--file", file("people.yaml")}, 0},
	}
	for name, tt := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, messages bytes.Buffer
			code := cmd.Run(t.Context(), []string{"HOME=" + t.TempDir()}, &out, &messages, append(tt.args, "-o", "json")...)
			var doc struct {
				Error struct {
					Code     int
					Message  string
					Hints    []string
					Problems []string
				}
			}
			if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
				t.Fatalf("standard output is not one document: %v\n%s", err, out.String())
			}
			if code == 0 || doc.Error.Code != code || len(doc.Error.Problems) != tt.problems || doc.Error.Hints == nil {
				t.Errorf("exit code %d, the document is %s", code, out.String())
			}
			if !strings.Contains(messages.String(), "error: "+doc.Error.Message) {
				t.Errorf("standard error is %q, want the message %q", messages.String(), doc.Error.Message)
			}
		})
	}
}

func TestAResultIsTheOneDocumentWhateverTheExitCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
	}{
		"findings": {[]string{"saml", "metadata", "lint", "../testdata/metadata/authentik-no-certificate.xml"}, 3},
		"refused":  {[]string{"scim", "push", "--sandbox", "--max-removals", "0"}, 6},
		"pending":  {[]string{"scim", "push", "--sandbox", "--dry-run", "--detailed-exitcode"}, 2},
		"fine":     {[]string{"saml", "urls", "--org", "acme"}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, messages bytes.Buffer
			code := cmd.Run(t.Context(), []string{"HOME=" + t.TempDir()}, &out, &messages, append(tt.args, "-o", "json")...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d: %s", code, tt.code, messages.String())
			}
			var doc map[string]any
			if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
				t.Fatalf("standard output is not one document: %v\n%s", err, out.String())
			}
			if _, found := doc["error"]; found {
				t.Errorf("the document is %s", out.String())
			}
		})
	}
}
