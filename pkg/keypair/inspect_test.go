package keypair_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// certify signs a template by key, itself its parent.
func certify(t *testing.T, key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x0102), Subject: pkix.Name{CommonName: "made\x1b[31m here"},
		NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(1, 0, 0),
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func codes(in *keypair.Inspection) []string {
	var found []string
	for _, f := range in.Findings {
		found = append(found, string(f.Severity)+" "+f.Code)
	}
	return found
}

func TestOtherKindsOfCertificates(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := generate(t, keypair.RSA2048).Key, generate(t, keypair.ECDSAP256).Key
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }
	tests := map[string]struct {
		key    crypto.Signer
		change func(*x509.Certificate)
		format keypair.Format
		want   []string
	}{
		"a CA":                {rsaKey, ca, keypair.PEM, []string{"warning ca-certificate"}},
		"a CA of a server":    {rsaKey, ca, keypair.TLS, nil},
		"Ed25519":             {ed, func(*x509.Certificate) {}, keypair.PEM, []string{"error unsupported-key"}},
		"ECDSA of a server":   {ecKey, func(*x509.Certificate) {}, keypair.TLS, nil},
		"expired long ago":    {rsaKey, func(c *x509.Certificate) { c.NotAfter = now().AddDate(0, -1, 0) }, keypair.TLS, []string{"error expired"}},
		"not yet":             {rsaKey, func(c *x509.Certificate) { c.NotBefore = now().Add(time.Second) }, keypair.PEM, []string{"warning not-yet-valid"}},
		"no well-defined end": {rsaKey, func(c *x509.Certificate) { c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }, keypair.PEM, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := certify(t, tt.key, tt.change)
			in := keypair.Inspect(&keypair.Contents{Format: tt.format, Certificates: []*x509.Certificate{c}}, now(), 30)
			if diff := cmp.Diff(tt.want, codes(in)); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
			if !in.Certificates[0].SelfSigned {
				t.Error("not seen as self-signed")
			}
		})
	}
}

func TestDaysLeftIsRoundedDown(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	end := now()
	c := certify(t, generate(t, keypair.ECDSAP256).Key, func(c *x509.Certificate) { c.NotAfter = end })
	for before, want := range map[time.Duration]int{
		0: 0, time.Second: 0, day - time.Second: 0, day: 1, 2*day - time.Second: 1,
		-time.Second: -1, -day: -1, -day - time.Second: -2,
	} {
		if got := keypair.Describe(c, end.Add(-before)).DaysLeft; got != want {
			t.Errorf("%v before the end: %d days left, want %d", before, got, want)
		}
	}
	forever := certify(t, generate(t, keypair.ECDSAP256).Key, func(c *x509.Certificate) {
		c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	})
	if got := keypair.Describe(forever, now()).DaysLeft; got != 2912116 {
		t.Errorf("a certificate without an end: %d days left", got)
	}
}

func TestServersChainIsNoSetOfSigners(t *testing.T) {
	t.Parallel()
	c := generate(t, keypair.RSA2048).Certificate
	in := keypair.Inspect(&keypair.Contents{Format: keypair.TLS, Certificates: []*x509.Certificate{c, c}}, now(), 30)
	if len(in.Findings) > 0 {
		t.Errorf("findings: %v", codes(in))
	}
}

func TestAKeyAloneIsJudged(t *testing.T) {
	t.Parallel()
	in := keypair.Inspect(&keypair.Contents{Keys: []crypto.Signer{generate(t, keypair.ECDSAP384).Key}}, now(), 30)
	if diff := cmp.Diff([]string{"warning ecdsa-default"}, codes(in)); diff != "" {
		t.Errorf("findings differ (-want +got):\n%s", diff)
	}
}

func TestTheDocumentHoldsNoKeyAndNoNull(t *testing.T) {
	t.Parallel()
	pair := generate(t, keypair.ECDSAP256)
	for _, contents := range []keypair.Contents{{}, contentsOf(pair, pair)} {
		data, err := json.Marshal(keypair.Inspect(&contents, now(), 30))
		if err != nil || strings.Contains(string(data), "null") || strings.Contains(string(data), "PRIVATE") {
			t.Errorf("%s, %v", data, err)
		}
	}
}

func TestTextDisarmsNamesAndFits(t *testing.T) {
	t.Parallel()
	pair := generate(t, keypair.ECDSAP256)
	c := certify(t, pair.Key, func(c *x509.Certificate) { c.NotAfter = now().AddDate(0, 0, 9) })
	in := keypair.Inspect(&keypair.Contents{Certificates: []*x509.Certificate{c, c}, Keys: []crypto.Signer{pair.Key}}, now(), 30)
	var text strings.Builder
	if err := in.RenderText(&text, ui.Plain()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		if len([]rune(line)) > 81 || strings.Contains(line, "\x1b") {
			t.Errorf("a line of %d columns: %q", len([]rune(line)), line)
		}
	}
	for _, want := range []string{"Serial       0102\n", "(9 days left)", "Belongs     to certificate 1\n", "expires on 2026-12-02, in 9 days\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}
