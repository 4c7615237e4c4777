package keypair_test

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// rsaPair is shared: an RSA key takes seconds under the race detector.
var rsaPair = sync.OnceValues(func() (*keypair.Pair, error) {
	return keypair.Generate(keypair.Options{Type: keypair.RSA2048, CommonName: "shared", Days: 365, Now: now(), Rand: rand.Reader})
})

func generate(t *testing.T, kind keypair.KeyType) *keypair.Pair {
	t.Helper()
	pair, err := rsaPair()
	if kind != keypair.RSA2048 {
		pair, err = keypair.Generate(keypair.Options{Type: kind, CommonName: "test " + string(kind), Days: 365, Now: now(), Rand: rand.Reader})
	}
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	for kind, want := range map[keypair.KeyType]string{keypair.RSA2048: "rsa 2048", keypair.ECDSAP256: "ecdsa P-256", keypair.ECDSAP384: "ecdsa P-384"} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			pair := generate(t, kind)
			c := pair.Certificate
			facts := keypair.Describe(c, now())
			switch {
			case facts.KeyType != want, !facts.SelfSigned, facts.IsCA:
				t.Errorf("facts: %+v", facts)
			case c.KeyUsage != x509.KeyUsageDigitalSignature, len(c.SubjectKeyId) != 20, c.Version != 3:
				t.Errorf("usage %v, key identifier %x, version %d", c.KeyUsage, c.SubjectKeyId, c.Version)
			case c.SerialNumber.Sign() <= 0 || c.SerialNumber.BitLen() > 129 || c.SerialNumber.BitLen() < 90:
				t.Errorf("serial %x", c.SerialNumber)
			case !c.NotBefore.Equal(now().Add(-5*time.Minute)) || !c.NotAfter.Equal(now().AddDate(0, 0, 365)):
				t.Errorf("valid from %v until %v", c.NotBefore, c.NotAfter)
			case !strings.Contains(facts.SignatureAlgorithm, "SHA256"):
				t.Errorf("signed with %s", facts.SignatureAlgorithm)
			case !keypair.Belong(pair.Key, c) || facts.DaysLeft != 365:
				t.Errorf("the key belongs: %v, days left: %d", keypair.Belong(pair.Key, c), facts.DaysLeft)
			}
		})
	}
}

func TestGenerateRefuses(t *testing.T) {
	t.Parallel()
	good := keypair.Options{Type: keypair.ECDSAP256, CommonName: "x", Days: 1, Now: now(), Rand: rand.Reader}
	for name, change := range map[string]func(*keypair.Options){
		"no name": func(o *keypair.Options) { o.CommonName = "" }, "a long name": func(o *keypair.Options) { o.CommonName = strings.Repeat("x", 65) },
		"no days": func(o *keypair.Options) { o.Days = 0 }, "too many days": func(o *keypair.Options) { o.Days = 7301 },
		"a key type": func(o *keypair.Options) { o.Type = "dsa" }, "bad UTF-8": func(o *keypair.Options) { o.CommonName = "\xff" },
	} {
		o := good
		change(&o)
		if _, err := keypair.Generate(o); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%s: %v, want a usage error", name, err)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	pair, dir := generate(t, keypair.ECDSAP256), filepath.Join(t.TempDir(), "keys")
	files, err := pair.WriteFiles(dir, atomicfile.Keep)
	if err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]fs.FileMode{files.Key: 0o600, files.Certificate: 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	both := read(t, files.Key) + read(t, files.Certificate)
	contents, err := keypair.Parse([]byte(both), nil)
	if err != nil || len(contents.Keys) != 1 || !keypair.Belong(contents.Keys[0], contents.Certificates[0]) {
		t.Errorf("read back: %+v, %v", contents, err)
	}

	other := generate(t, keypair.ECDSAP256)
	if _, err := other.WriteFiles(dir, atomicfile.Keep); err == nil || len(fault.Hints(err)) == 0 {
		t.Errorf("a second pair: %v, want an error with a hint", err)
	}
	if read(t, files.Key)+read(t, files.Certificate) != both {
		t.Error("the refused pair changed a file")
	}
	if _, err := other.WriteFiles(dir, atomicfile.Overwrite); err != nil || read(t, files.Key)+read(t, files.Certificate) == both {
		t.Errorf("--force: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v; want the two", len(entries), err)
	}
}

func TestNoHalfPairIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, keypair.CertificateFile), 0o700); err != nil { // in the way of the certificate
		t.Fatal(err)
	}
	for _, replace := range []atomicfile.Replace{atomicfile.Keep, atomicfile.Overwrite} {
		if _, err := generate(t, keypair.ECDSAP256).WriteFiles(dir, replace); err == nil {
			t.Error("the certificate was written over a folder")
		}
	}
	if _, err := os.Stat(filepath.Join(dir, keypair.KeyFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was left behind: %v", err)
	}
}

func TestInspectFindings(t *testing.T) {
	t.Parallel()
	rsa, ec := generate(t, keypair.RSA2048), generate(t, keypair.ECDSAP256)
	tests := map[string]struct {
		contents keypair.Contents
		at       time.Time
		codes    []string
	}{
		"a good one":              {contents: keypair.Contents{Certificates: []*x509.Certificate{rsa.Certificate}}, at: now()},
		"with its key":            {contents: contentsOf(rsa, rsa), at: now()},
		"in 29 days":              {contents: contentsOf(rsa, rsa), at: now().AddDate(0, 0, 336), codes: []string{"expires-soon"}},
		"in 30 days":              {contents: contentsOf(rsa, rsa), at: now().AddDate(0, 0, 335)},
		"expired":                 {contents: contentsOf(rsa, rsa), at: now().AddDate(0, 0, 366), codes: []string{"expired"}},
		"not yet":                 {contents: contentsOf(rsa, rsa), at: now().Add(-time.Hour), codes: []string{"not-yet-valid"}},
		"ecdsa":                   {contents: contentsOf(ec, ec), at: now(), codes: []string{"ecdsa-default"}},
		"another key":             {contents: contentsOf(rsa, ec), at: now(), codes: []string{"mismatch"}},
		"a key alone":             {contents: keypair.Contents{Keys: contentsOf(rsa, rsa).Keys}, at: now()},
		"two certificates (both)": {contents: keypair.Contents{Certificates: []*x509.Certificate{rsa.Certificate, rsa.Certificate}}, at: now(), codes: []string{"several-certificates"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := keypair.Inspect(&tt.contents, tt.at, 30)
			var codes []string
			for _, f := range in.Findings {
				codes = append(codes, f.Code)
				if f.Message == "" || f.Fix == "" {
					t.Errorf("finding without words: %+v", f)
				}
			}
			if diff := cmp.Diff(tt.codes, codes); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
			var text strings.Builder
			if err := in.RenderText(&text, ui.Plain()); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(text.String()) {
				if len(line) > 81 && !strings.Contains(line, "fix:") && !strings.Contains(line, ":") {
					t.Errorf("a line has %d columns: %s", len(line), line)
				}
			}
		})
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	warned := keypair.Inspection{Findings: []keypair.Finding{{Severity: keypair.Warning}}}
	failed := keypair.Inspection{Findings: []keypair.Finding{{Severity: keypair.Error}}}
	var clean keypair.Inspection
	if !warned.Worst(keypair.Warning) || warned.Worst(keypair.Error) || !failed.Worst(keypair.Warning) || !failed.Worst(keypair.Error) || clean.Worst(keypair.Warning) {
		t.Error("Worst does not tell warnings from errors")
	}
}

func contentsOf(certificate, key *keypair.Pair) keypair.Contents {
	c, err := keypair.Parse(certificate.CertificatePEM(), nil)
	if err != nil {
		panic(err)
	}
	c.Keys = append(c.Keys, key.Key)
	return *c
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
