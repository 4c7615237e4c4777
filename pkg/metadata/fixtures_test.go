package metadata_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/metadata"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is when the tests take place: all test certificates are valid.
func now() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }

func readPEM(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		t.Fatalf("%s holds no PEM", name)
	}
	return block.Bytes
}

func certificate(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(readPEM(t, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func key(t *testing.T, name string) crypto.Signer {
	t.Helper()
	parsed, err := x509.ParsePKCS8PrivateKey(readPEM(t, name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		t.Fatalf("%s.key does not sign", name)
	}
	return signer
}

func authentik(t *testing.T, version string, certs ...string) metadata.Description {
	t.Helper()
	d, err := metadata.Authentik("https://authentik.example.com", "sentry", version)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range certs {
		d.Certificates = append(d.Certificates, certificate(t, name))
	}
	return d
}

func generic(t *testing.T, certs ...string) metadata.Description {
	t.Helper()
	d := metadata.Description{
		EntityID:      "https://idp.example.com/saml/metadata",
		SSORedirect:   "https://idp.example.com/saml/sso?tenant=acme&flow=web",
		SSOPost:       "https://idp.example.com/saml/sso/post",
		SLORedirect:   "https://idp.example.com/saml/slo",
		NameIDFormats: []string{metadata.NameIDPersistent, metadata.NameIDEmail},
		ValidUntil:    now().Add(90 * 24 * time.Hour),
		CacheDuration: 36*time.Hour + 30*time.Minute,
	}
	for _, name := range certs {
		d.Certificates = append(d.Certificates, certificate(t, name))
	}
	return d
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}
