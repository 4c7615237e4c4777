package cmd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func TestInspectShowsTheCertificateOfAServer(t *testing.T) {
	t.Parallel()
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	a, out, errs := testApp()
	a.now = func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) } // looked at, though expired and unknown
	code := a.run(t.Context(), []string{"saml", "cert", "inspect", server.URL + "/any/path", "--fail-on", "error", "-o", "json"})
	server.Close()
	var got keypair.Inspection
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q (stderr %q)", err, out, errs)
	}
	switch {
	case code != int(fault.Findings) || errs.Len() > 0:
		t.Errorf("exit code %d, stderr %q", code, errs)
	case got.Format != keypair.TLS || len(got.Certificates) != 1 || len(got.Findings) != 1 || got.Findings[0].Code != "expired":
		t.Errorf("got %+v", got)
	case got.Certificates[0].FingerprintSHA256 != keypair.FingerprintSHA256(server.Certificate()):
		t.Errorf("fingerprint %s", got.Certificates[0].FingerprintSHA256)
	case asked:
		t.Error("a request was sent")
	}
}

// TestInspectNamesTheStrictnessOfGo looks at a server whose certificate has an
// alternative name that is none, which OpenSSL takes.
func TestInspectNamesTheStrictnessOfGo(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	odd := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte("words")}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: []pkix.Extension{odd}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = conn.Read(make([]byte, 1)) // the handshake, which the other side ends
			_ = conn.Close()
		}
	}()
	a, out, errs := testApp()
	code := a.run(t.Context(), []string{"saml", "cert", "inspect", "https://" + listener.Addr().String()})
	if code != int(fault.Failed) || out.Len() > 0 || !strings.Contains(errs.String(), "shows a certificate that Go refuses") ||
		!strings.Contains(errs.String(), "hint: OpenSSL is less strict: openssl s_client -connect 127.0.0.1:") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
	}
}

func TestInspectDoesNotWaitForASilentServer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	a, out, errs := testApp()
	code := a.run(t.Context(), []string{"saml", "cert", "inspect", "https://" + listener.Addr().String(), "--timeout", "20ms"})
	if code != int(fault.Failed) || out.Len() > 0 || !strings.Contains(errs.String(), "the time limit of --timeout ran out") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
	}
}

func TestInspectRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://", "https://user:sntrys_canary_pass@127.0.0.1", "https://%zz"} {
		a, out, errs := testApp()
		code := a.run(t.Context(), []string{"saml", "cert", "inspect", address})
		if code != int(fault.Usage) || out.Len() > 0 || strings.Contains(errs.String(), "canary") {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", address, code, out, errs)
		}
	}
}
