package detached_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/detached"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

var document = []byte("{\"sentryidp_access_review\": 1}\n")

// signers are a key of each kind.
func signers(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	made := map[string]crypto.Signer{}
	_, made["Ed25519"], _ = ed25519.GenerateKey(rand.Reader)
	made["RSA with SHA-256"], _ = rsa.GenerateKey(rand.Reader, 2048)
	for name, curve := range map[string]elliptic.Curve{"ECDSA with SHA-256": elliptic.P256(), "ECDSA with SHA-384": elliptic.P384(), "ECDSA with SHA-512": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		made[name] = key
	}
	return made
}

func TestSignatureIsVerified(t *testing.T) {
	t.Parallel()
	all := signers(t)
	for name, key := range all {
		signature, err := detached.Sign(rand.Reader, key, document)
		if err != nil {
			t.Fatal(err)
		}
		if algorithm, _ := detached.Algorithm(key.Public()); algorithm != name {
			t.Errorf("%s: found %s", name, algorithm)
		}
		if err := detached.Verify(key.Public(), document, signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := range document {
			changed := append([]byte{}, document...)
			changed[i] ^= 1
			if err := detached.Verify(key.Public(), changed, signature); !errors.Is(err, detached.ErrMismatch) {
				t.Errorf("%s: byte %d: found %v", name, i, err)
			}
		}
		for other, key := range all {
			if err := detached.Verify(key.Public(), document, signature); other != name && !errors.Is(err, detached.ErrMismatch) {
				t.Errorf("%s by %s: found %v", name, other, err)
			}
		}
	}
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	for name, key := range signers(t) {
		text, err := detached.PublicPEM(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		got, err := detached.ParsePublic(append([]byte("a line before\n"), text...))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := detached.Fingerprint(got)
		b, _ := detached.Fingerprint(key.Public())
		if a != b || len(a) != 64 {
			t.Errorf("%s: found %s, expected %s", name, a, b)
		}
	}
	for text, want := range map[string]string{
		"": "found no public key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n": "cannot be read",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "found a private key", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "cannot be read",
	} {
		if _, err := detached.ParsePublic([]byte(text)); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: found %v", text, err)
		}
	}
}

func TestWeakAndStrangeKeysAreRefused(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.PublicKey{curve.Public(), &rsa.PublicKey{N: curve.X, E: 3}, "text"} {
		if _, err := detached.Algorithm(key); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%T: found %v", key, err)
		}
		if err := detached.Verify(key, document, []byte("AAAA")); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%T: found %v", key, err)
		}
	}
	_, good, _ := ed25519.GenerateKey(rand.Reader)
	for _, signature := range []string{"", "not base64!"} {
		if err := detached.Verify(good.Public(), document, []byte(signature)); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%q: found %v", signature, err)
		}
	}
}

// TestOpenSSLVerifies has the reference implementation look at every kind.
func TestOpenSSLVerifies(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		peers.Missing(t, "openssl")
	}
	for name, key := range signers(t) {
		dir := t.TempDir()
		signature, err := detached.Sign(rand.Reader, key, document)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(string(signature)))
		public, _ := detached.PublicPEM(key.Public())
		for file, data := range map[string][]byte{"doc": document, "sig": raw, "pub": public} {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		args := []string{"dgst", "-verify", "pub", "-signature", "sig", "doc"}
		if hash, hashed := strings.CutPrefix(name[strings.LastIndex(name, " ")+1:], "SHA-"); hashed {
			args = append([]string{"dgst", "-sha" + hash}, args[1:]...)
		} else {
			args = []string{"pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", "doc", "-sigfile", "sig"}
		}
		run := exec.CommandContext(t.Context(), openssl, args...)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
