package keypair_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// told is what openssl says of a certificate.
type told struct {
	read, key     bool
	serial, until string
}

// ask has openssl read one in DER.
func ask(t *testing.T, dir string, der []byte) told {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "odd.der"), der, 0o600); err != nil {
		t.Fatal(err)
	}
	facts := []string{"x509", "-in", "odd.der", "-inform", "DER", "-noout", "-serial", "-enddate", "-dateopt", "iso_8601", "-fingerprint"}
	out := run(t, dir, append(facts, "-pubkey")...)
	if !strings.Contains(out, "BEGIN PUBLIC KEY") {
		out = run(t, dir, facts...) // the rest is not said where the key cannot be read
	}
	found := told{read: strings.Contains(out, "Fingerprint=")}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "serial":
			found.serial = value
		case "notAfter":
			found.until = value
		}
	}
	found.key = strings.Contains(out, "BEGIN PUBLIC KEY")
	return found
}

// run is openssl where it may fail.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// hold holds the reader against openssl: the same certificates are read, with the
// same facts, and have keys.
func hold(t *testing.T, dir string, der []byte) (agrees bool) {
	t.Helper()
	theirs := ask(t, dir, der)
	c, err := keypair.ParseCertificate(der)
	if (err == nil) != theirs.read {
		t.Errorf("read by openssl: %v, and here: %v\n%x", theirs.read, err, der)
		return false
	}
	if err != nil {
		return true
	}
	other, _ := c.PublicKey.(keypair.OtherKey)
	if (other.Broken == nil) != theirs.key {
		t.Errorf("key read by openssl: %v, and here: %v\n%x", theirs.key, other.Broken, der)
	}
	if got := keypair.Describe(c, now()).Serial; got != theirs.serial {
		t.Errorf("serial %s, openssl says %s\n%x", got, theirs.serial, der)
	}
	if got := c.NotAfter.UTC().Format("2006-01-02 15:04:05Z"); got != theirs.until && !c.NotAfter.Equal(forever()) {
		t.Errorf("until %s, openssl says %s\n%x", got, theirs.until, der)
	}
	return true
}

func TestOpenSSLReadsOddCertificatesTheSame(t *testing.T) {
	t.Parallel()
	openssl(t, t.TempDir(), "version") // skips without it
	for name, tt := range oddCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := plain()
			tt.change(&o)
			hold(t, t.TempDir(), o.der())
		})
	}
}

// TestOpenSSLReadsChangedCertificatesTheSame changes one byte of a good
// certificate, wherever it is. The changes are the same in every run. Two kinds
// are left out: pieces of strings, which BER allows and openssl joins, and points
// that are not on a curve that Go does not have.
func TestOpenSSLReadsChangedCertificatesTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openssl(t, dir, "version") // skips without it
	o := plain()
	o.key = rsaKey(modulus(512), []byte{1, 0, 1})
	o.extensions = extensionOf("\x55\x1D\x13", sequence())
	good := o.der()
	random := rand.New(rand.NewPCG(1, 2))
	agreed := 0
	for range 60 {
		der := append([]byte(nil), good...)
		der[random.IntN(len(der))] = byte(random.IntN(256))
		if hold(t, dir, der) {
			agreed++
		}
	}
	if agreed < 60 {
		t.Errorf("%d of 60 agree", agreed)
	}
}
