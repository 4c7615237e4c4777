package keypair_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func TestWhatOpenSSLMakesIsJudged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openssl(t, dir, "dsaparam", "-genkey", "-out", "dsa.key", "2048")
	request := func(more ...string) []string {
		return append([]string{"req", "-x509", "-nodes", "-subj", "/CN=old", "-days", "99999"}, more...)
	}
	tests := map[string]struct {
		args     []string
		keyType  string
		findings []string
	}{
		"sha1.crt":    {request("-newkey", "rsa:2048", "-sha1"), "rsa 2048", []string{"warning weak-signature", "warning ca-certificate"}},
		"md5.crt":     {request("-newkey", "rsa:2048", "-md5"), "rsa 2048", []string{"warning weak-signature", "warning ca-certificate"}},
		"short.crt":   {request("-newkey", "rsa:1024", "-sha256"), "rsa 1024", []string{"warning short-rsa", "warning ca-certificate"}},
		"dsa.crt":     {request("-key", "dsa.key", "-sha256"), "dsa 2048", []string{"error unsupported-key", "warning ca-certificate"}},
		"ed25519.crt": {request("-newkey", "ed25519"), "ed25519", []string{"error unsupported-key", "warning ca-certificate"}},
		"tiny.crt":    {request("-newkey", "rsa:512", "-sha256"), "rsa 512", []string{"warning short-rsa", "warning ca-certificate"}},
		"long.crt": {
			request("-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:36893488147419103233", "-sha256"),
			"rsa 2048 with an exponent of 66 bits",
			[]string{"warning unusual-key", "warning not-strict", "warning ca-certificate"},
		},
		"koblitz.crt": {
			request("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"), "ecdsa secp256k1", []string{"warning unusual-key", "warning not-strict", "warning ca-certificate"},
		},
		"brainpool.crt": {
			request("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"), "ecdsa brainpoolP256r1",
			[]string{"warning unusual-key", "warning not-strict", "warning ca-certificate"},
		},
	}
	for file, tt := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			openssl(t, dir, append(slices.Clone(tt.args), "-out", file, "-keyout", file+".key")...)
			contents, err := keypair.Parse([]byte(read(t, filepath.Join(dir, file))), nil)
			if err != nil {
				t.Fatal(err)
			}
			in := keypair.Inspect(contents, contents.Certificates[0].NotBefore.AddDate(1, 0, 0), 30)
			if diff := cmp.Diff(tt.findings, codes(in)); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
			facts := in.Certificates[0]
			if facts.KeyType != tt.keyType || !facts.SelfSigned || !facts.IsCA {
				t.Errorf("facts: %+v", facts)
			}
			if got := openssl(t, dir, "x509", "-in", file, "-noout", "-serial"); got != "serial="+facts.Serial+"\n" {
				t.Errorf("serial %s, openssl says %s", facts.Serial, got)
			}
		})
	}
}

func TestPKCS12PutsTheCertificateOfTheKeyFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pair := generate(t, keypair.ECDSAP256)
	if _, err := pair.WriteFiles(dir, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if _, err := generate(t, keypair.RSA2048).WriteFiles(other, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "pkcs12", "-export", "-inkey", keypair.KeyFile, "-in", keypair.CertificateFile,
		"-certfile", filepath.Join(other, keypair.CertificateFile), "-passout", "pass:", "-out", "chain.p12")
	contents, err := keypair.Parse([]byte(read(t, filepath.Join(dir, "chain.p12"))), nil)
	if err != nil || len(contents.Certificates) != 2 || !keypair.Belong(contents.Keys[0], contents.Certificates[0]) {
		t.Fatalf("got %+v, %v", contents, err)
	}
}

func TestOpenSSLVerifies(t *testing.T) {
	t.Parallel()
	for _, kind := range []keypair.KeyType{keypair.RSA2048, keypair.ECDSAP256} {
		dir := t.TempDir()
		if _, err := generate(t, kind).WriteFiles(dir, atomicfile.Keep); err != nil {
			t.Fatal(err)
		}
		got := openssl(t, dir, "verify", "-no_check_time", "-partial_chain", "-CAfile", keypair.CertificateFile, keypair.CertificateFile)
		if got != keypair.CertificateFile+": OK\n" {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

func TestOldEncryptedPEMIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := generate(t, keypair.RSA2048).WriteFiles(dir, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "rsa", "-in", keypair.KeyFile, "-traditional", "-aes128", "-passout", "pass:secret", "-out", "old.pem")
	_, err := keypair.Parse([]byte(read(t, filepath.Join(dir, "old.pem"))), nil)
	if fault.CodeOf(err) != fault.Credential || len(fault.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
}
