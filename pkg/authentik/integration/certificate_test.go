package integration_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// TestTheCertificateToUploadIsJudgedAsElsewhere has the findings of keypair, with
// its number of days.
func TestTheCertificateToUploadIsJudgedAsElsewhere(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		bits int
		left time.Duration
		want []string
	}{
		"30 days":         {2048, 30 * day, nil},
		"29 days":         {2048, 30*day - time.Second, []string{keypair.ExpiresSoon}},
		"over":            {2048, -time.Second, []string{keypair.Expired}},
		"weak and ending": {1024, 0, []string{keypair.ExpiresSoon, keypair.ShortRSA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := rsa.GenerateKey(rand.Reader, tt.bits)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().Add(tt.left), IsCA: true, BasicConstraintsValid: true}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			f, s := newFake(t, "2025.10"), settings(t)
			s.BindGroups = []string{"data"}
			s.Signing = integration.Signing{Name: "Sentry signing", Algorithm: integration.RSA, Upload: &integration.Upload{
				Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), Fingerprint: "AA", Key: secret.New("key"),
			}}
			plan, err := f.run(t, s).Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range plan.Warnings {
				got = append(got, w.Code)
				if !strings.HasPrefix(w.Text, "the certificate Sentry signing: ") || w.Reason == "" || w.Fix == "" {
					t.Errorf("%+v says too little", w)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("warnings differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTheCertificateInAuthentikHasTheSameDays knows its end alone.
func TestTheCertificateInAuthentikHasTheSameDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]string{30 * day: "", 30*day - time.Second: "expires on 2026-12-23, in 29 days", 0: "in 0 days", -time.Second: "expired on 2026-11-23"} {
		f, s := newFake(t, "2025.10"), settings(t)
		s.BindGroups = []string{"data"}
		f.objects["crypto/certificatekeypairs/"][0]["cert_expiry"] = now().Add(left).Format(time.RFC3339)
		plan, err := f.run(t, s).Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, w := range plan.Warnings {
			texts = append(texts, w.Text)
		}
		if found := strings.Join(texts, "; "); want == "" && found != "" || !strings.Contains(found, want) {
			t.Errorf("%v before its end: %q, expected %q", left, found, want)
		}
	}
}
