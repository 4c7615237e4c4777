package metadata_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// kept is what Sentry stores of a file.
type kept struct {
	EntityID string `json:"entity_id"`
	SSOURL   string `json:"sso_url"`
	SLOURL   string `json:"slo_url"`
	X509Cert string `json:"x509cert"`
}

func keptOf(s metadata.Stored) kept {
	return kept{EntityID: s.EntityID, SSOURL: s.SSOURL, SLOURL: s.SLOURL, X509Cert: s.X509Cert}
}

// verdict is what python3-saml says of one file.
type verdict struct {
	Stored   *kept    `json:"stored"`
	Schema   bool     `json:"schema"`
	Problems []string `json:"problems"`
}

// sentrysView asks the python3-saml that Sentry has about files, in their order.
func sentrysView(t *testing.T, files []string) []verdict {
	t.Helper()
	return viewOf(t, peers.PythonSAML(t)[0], files)
}

// viewOf asks a release of python3-saml about files, in their order.
func viewOf(t *testing.T, library peers.Library, files []string) []verdict {
	t.Helper()
	args := append([]string{filepath.Join("testdata", "parse_idp_metadata.py")}, files...)
	cmd := exec.CommandContext(t.Context(), library.Interpreter, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("parse_idp_metadata.py: %v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	verdicts := make([]verdict, len(files))
	for i := range verdicts {
		if err := decoder.Decode(&verdicts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return verdicts
}

// verifies asks xmlsec1 whether the file is signed by the certificate.
func verifies(t *testing.T, file, cert string) (bool, string) {
	t.Helper()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		peers.Missing(t, "xmlsec1")
	}
	out, err := exec.CommandContext(t.Context(), xmlsec, "--verify",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
		"--pubkey-cert-pem", filepath.Join("testdata", cert+".crt"), file).CombinedOutput()
	return err == nil, string(out)
}
