package cmd

import (
	"encoding/json"
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
