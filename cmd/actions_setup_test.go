//go:build !windows

package cmd_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// releaseOf returns an archive with a program that tells the version.
func releaseOf(t *testing.T, version string) []byte {
	t.Helper()
	program := "#!/bin/sh\necho sentryidp " + version + "\n"
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	files := tar.NewWriter(compressed)
	if err := files.WriteHeader(&tar.Header{Name: "sentryidp", Mode: 0o755, Size: int64(len(program))}); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Write([]byte(program)); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// serveReleases serves release 1.2.3, also as the latest, with what checksums.txt
// says of it, and returns the address.
func serveReleases(t *testing.T, checksum func([]byte) string) string {
	t.Helper()
	archive := releaseOf(t, "1.2.3")
	var checksums strings.Builder
	files := map[string][]byte{"checksums.txt.sigstore.json": []byte("{}")}
	for _, platform := range []string{"linux_amd64", "linux_arm64", "darwin_amd64"} {
		for _, extension := range []string{".tar.gz", ".cdx.json", ".deb"} {
			name := "sentryidp_1.2.3_" + platform + extension
			files[name] = archive
			fmt.Fprintf(&checksums, "%s  %s\n", checksum(archive), name)
		}
	}
	files["checksums.txt"] = []byte(checksums.String())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		folder, name := path.Split(r.URL.Path)
		content, found := files[name]
		if !found || folder != "/download/v1.2.3/" && folder != "/latest/download/" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func right(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }
func wrong([]byte) string      { return strings.Repeat("0", 64) }

// withoutCosign keeps a cosign of this machine away, and gives a path for another.
func withoutCosign(t *testing.T, r *runner) string {
	t.Helper()
	folder := t.TempDir()
	r.env["PATH"] = folder + ":/usr/bin:/bin"
	return folder
}

func TestSetupInstallsAReleaseWhoseChecksumIsRight(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.2.3", "v1.2.3", "latest"} {
		r := newRunner(t, map[string]string{"inputs.version": version, "inputs.releases": serveReleases(t, right)})
		withoutCosign(t, r)
		code, output := r.run(t, "setup", "setup")
		if code != 0 || !strings.Contains(output, "sentryidp 1.2.3\n") || !strings.Contains(output, "::notice title=sentryidp::the signature was not verified") {
			t.Fatalf("%s: exit code %d:\n%s", version, code, output)
		}
		folder := strings.TrimSpace(r.read(t, r.env["GITHUB_PATH"]))
		if _, err := os.Stat(filepath.Join(folder, "sentryidp")); err != nil {
			t.Error(err)
		}
		if got := r.read(t, r.env["GITHUB_OUTPUT"]); got != "version=1.2.3\n" {
			t.Errorf("%s: output is %q", version, got)
		}
	}
}

func TestSetupRefusesWhatIsNotTheRelease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values   map[string]string
		checksum func([]byte) string
		cosign   string // what it does; "": it is not there
		want     string
	}{
		"checksum":     {nil, wrong, "", "expected checksum " + wrong(nil)},
		"version":      {map[string]string{"inputs.version": "9.9.9"}, right, "", "/download/v9.9.9/checksums.txt cannot be downloaded"},
		"no signature": {map[string]string{"inputs.require-signature": "true"}, right, "", "cosign is not installed"},
		"misspelled":   {map[string]string{"inputs.require-signature": "True"}, right, "", "require-signature must be true or false, found 'True'"},
		"signature":    {nil, right, "exit 1", "the signature of checksums.txt is not that of sentryidp/sentryidp 1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, c.values)
			r.values["inputs.releases"] = serveReleases(t, c.checksum)
			folder := withoutCosign(t, r)
			if c.cosign != "" {
				writeProgram(t, folder, "cosign", c.cosign)
			}
			code, output := r.run(t, "setup", "setup")
			if code == 0 || !strings.Contains(output, "::error title=sentryidp::") || !strings.Contains(output, c.want) {
				t.Errorf("exit code %d, want an error with %q:\n%s", code, c.want, output)
			}
			if got := r.read(t, r.env["GITHUB_PATH"]); got != "" {
				t.Errorf("it is on the PATH: %q", got)
			}
		})
	}
}

func TestSetupHasCosignVerifyTheIdentityOfTheReleaseWorkflow(t *testing.T) {
	t.Parallel()
	r := newRunner(t, map[string]string{"inputs.releases": serveReleases(t, right), "inputs.require-signature": "true"})
	writeProgram(t, withoutCosign(t, r), "cosign", `printf '%s\n' "$@" >"$HOME/asked"`)
	if code, output := r.run(t, "setup", "setup"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
	asked := r.read(t, r.dir, "asked")
	for _, want := range []string{
		"verify-blob\n", "--bundle\nchecksums.txt.sigstore.json\n", "\nchecksums.txt\n",
		"--certificate-identity\nhttps://github.com/sentryidp/sentryidp/.github/workflows/release.yml@refs/tags/v1.2.3\n",
		"--certificate-oidc-issuer\nhttps://token.actions.githubusercontent.com\n",
	} {
		if !strings.Contains(asked, want) {
			t.Errorf("cosign was not asked with %q:\n%s", want, asked)
		}
	}
}

func writeProgram(t *testing.T, folder, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}
