package keypair_test

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// openssl runs the program in dir. It is a peer: where it is missing the test is
// skipped, but not where peers are required.
func openssl(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		peers.Missing(t, "openssl")
	}
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

func TestOpenSSLReadsAllThatIsWritten(t *testing.T) {
	t.Parallel()
	for _, kind := range []keypair.KeyType{keypair.RSA2048, keypair.ECDSAP256, keypair.ECDSAP384} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if _, err := generate(t, kind).WriteFiles(dir, atomicfile.Keep); err != nil {
				t.Fatal(err)
			}
			text := openssl(t, dir, "x509", "-in", keypair.CertificateFile, "-noout", "-text")
			for _, want := range []string{"Digital Signature", "Subject Key Identifier", "CA:FALSE", "Version: 3"} {
				if !strings.Contains(text, want) {
					t.Errorf("openssl does not show %q:\n%s", want, text)
				}
			}
			if got := openssl(t, dir, "pkey", "-in", keypair.KeyFile, "-check", "-noout"); !strings.Contains(got, "Key is valid") {
				t.Errorf("the key: %s", got)
			}
			certificate := openssl(t, dir, "x509", "-in", keypair.CertificateFile, "-noout", "-pubkey")
			if key := openssl(t, dir, "pkey", "-in", keypair.KeyFile, "-pubout"); key != certificate {
				t.Error("openssl finds another public key in the certificate than in the key")
			}
			fingerprint := openssl(t, dir, "x509", "-in", keypair.CertificateFile, "-noout", "-fingerprint", "-sha256")
			contents, err := keypair.Parse([]byte(read(t, filepath.Join(dir, keypair.CertificateFile))), nil)
			if err != nil || !strings.Contains(fingerprint, "="+keypair.FingerprintSHA256(contents.Certificates[0])+"\n") {
				t.Errorf("fingerprint %q, %v", fingerprint, err)
			}
		})
	}
}

func TestParseReadsWhatOpenSSLWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := generate(t, keypair.RSA2048).WriteFiles(dir, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	const key, crt = keypair.KeyFile, keypair.CertificateFile
	tests := map[string]struct {
		args         []string
		format       keypair.Format
		certificates int
		keys         int
	}{
		"pkcs1.pem":  {[]string{"rsa", "-in", key, "-traditional", "-out", "pkcs1.pem"}, "pem", 0, 1},
		"pkcs8.der":  {[]string{"pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out", "pkcs8.der"}, "der", 0, 1},
		"pkcs1.der":  {[]string{"rsa", "-in", key, "-traditional", "-outform", "DER", "-out", "pkcs1.der"}, "der", 0, 1},
		"crt.der":    {[]string{"x509", "-in", crt, "-outform", "DER", "-out", "crt.der"}, "der", 1, 0},
		"modern.p12": {[]string{"pkcs12", "-export", "-inkey", key, "-in", crt, "-passout", "pass:open sesame", "-out", "modern.p12"}, "pkcs12", 1, 1},
		"legacy.p12": {[]string{"pkcs12", "-export", "-legacy", "-inkey", key, "-in", crt, "-passout", "pass:open sesame", "-out", "legacy.p12"}, "pkcs12", 1, 1},
		"empty.p12":  {[]string{"pkcs12", "-export", "-inkey", key, "-in", crt, "-passout", "pass:", "-out", "empty.p12"}, "pkcs12", 1, 1},
		"sec1.pem":   {[]string{"ecparam", "-name", "prime256v1", "-genkey", "-out", "sec1.pem"}, "pem", 0, 1},
		"text.pem":   {[]string{"x509", "-in", crt, "-text", "-out", "text.pem"}, "pem", 1, 0},
	}
	for file, tt := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			openssl(t, dir, tt.args...)
			contents, err := keypair.Parse([]byte(read(t, filepath.Join(dir, file))), func() (string, error) { return "open sesame", nil })
			if err != nil {
				t.Fatal(err)
			}
			if contents.Format != tt.format || len(contents.Certificates) != tt.certificates || len(contents.Keys) != tt.keys {
				t.Errorf("%s with %d certificates and %d keys, want %s, %d, %d",
					contents.Format, len(contents.Certificates), len(contents.Keys), tt.format, tt.certificates, tt.keys)
			}
		})
	}
}

func TestPassphrases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := generate(t, keypair.RSA2048).WriteFiles(dir, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "pkcs12", "-export", "-inkey", keypair.KeyFile, "-in", keypair.CertificateFile, "-passout", "pass:right", "-out", "pair.p12")
	openssl(t, dir, "pkcs8", "-topk8", "-in", keypair.KeyFile, "-passout", "pass:right", "-out", "encrypted.pem")
	data := []byte(read(t, filepath.Join(dir, "pair.p12")))

	_, err := keypair.Parse(data, func() (string, error) { return "hunter2", nil })
	if fault.CodeOf(err) != fault.Credential || len(fault.Hints(err)) == 0 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a wrong passphrase: %v", err)
	}
	nobody := errors.New("nobody there")
	if _, err := keypair.Parse(data, func() (string, error) { return "", nobody }); !errors.Is(err, nobody) {
		t.Errorf("nobody to ask: %v", err)
	}
	_, err = keypair.Parse([]byte(read(t, filepath.Join(dir, "encrypted.pem"))), nil)
	if fault.CodeOf(err) != fault.Credential || !strings.Contains(strings.Join(fault.Hints(err), ""), "openssl pkey") {
		t.Errorf("an encrypted PEM: %v %q", err, fault.Hints(err))
	}
}
