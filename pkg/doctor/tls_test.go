package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// served is how long a server's certificate is valid, and for which name.
type served struct {
	name    string
	from    time.Duration
	to      time.Duration
	trust   bool
	code    string
	verdict doctor.Verdict
}

func TestEachFaultOfTLSIsOneFinding(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]served{
		"valid":                 {"127.0.0.1", -day, 90 * day, true, "sentry-tls", doctor.OK},
		"valid and short-lived": {"127.0.0.1", -day, 5 * day, true, "sentry-tls", doctor.OK},
		"ends soon":             {"127.0.0.1", -300 * day, 5 * day, true, "sentry-tls/ends-soon", doctor.Warning},
		"expired":               {"127.0.0.1", -30 * day, -day, true, "sentry-tls/expired", doctor.Failed},
		"not valid yet":         {"127.0.0.1", day, 30 * day, true, "sentry-tls/expired", doctor.Failed},
		"another name":          {"sentry.example.com", -day, 90 * day, true, "sentry-tls/host-name", doctor.Failed},
		"another authority":     {"127.0.0.1", -day, 90 * day, false, "sentry-tls/authority", doctor.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			c.arrange(s)
			s.doctor.Only = []string{"sentry-reach", "sentry-tls", "sentry-redirect", "sentry-identity"}
			report := s.examine()
			if report.Verdict != c.verdict {
				t.Fatalf("the verdict is %s: %s", report.Verdict, report.Headline)
			}
			if c.verdict != doctor.OK && (len(report.Problems) != 1 || report.Problems[0].Code != c.code) {
				t.Errorf("found %+v, expected %s alone", report.Problems, c.code)
			}
		})
	}
}

// arrange puts Sentry behind TLS.
func (c served) arrange(s *site) {
	s.t.Helper()
	pair := c.certificate(s)
	server := httptest.NewUnstartedServer(s.front)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	s.t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	if c.trust {
		roots.AddCert(pair.Leaf)
	}
	web, err := transport.New(transport.Options{MaxAttempts: 1, RootCAs: roots, Clock: transport.Clock{Now: time.Now, Rand: rand.Reader}})
	s.check(err)
	s.doctor.Web, s.doctor.Subject.SentryURL = web, server.URL
}

func (c served) certificate(s *site) tls.Certificate {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(c.from), NotAfter: time.Now().Add(c.to),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if c.name == "127.0.0.1" {
		template.IPAddresses = append(template.IPAddresses, []byte{127, 0, 0, 1})
	} else {
		template.DNSNames = []string{c.name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	s.check(err)
	leaf, err := x509.ParseCertificate(der)
	s.check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestAServerThatSpeaksNoTLS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	s.doctor.Subject.SentryURL = "https" + plain.URL[len("http"):]
	s.doctor.Only = []string{"sentry-reach", "sentry-tls"}
	if report := s.examine(); len(report.Problems) != 1 || report.Problems[0].Code != "sentry-tls/no-tls" {
		t.Errorf("found %+v", report.Problems)
	}
}
