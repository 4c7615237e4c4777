package sso_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/peers"
)

// TestPythonAgrees asks python3-saml about the response of each fault, and
// compares its words with those on the page.
func TestPythonAgrees(t *testing.T) {
	t.Parallel()
	interpreter := peers.PythonSAML(t)[0].Interpreter
	s, v := newSite(t), newVisitor(t)
	v.open(s.rehearsal.MetadataURL())
	metadata := v.body
	responses, wanted := map[string]string{}, map[string]string{}
	v.login(s, "bo")
	responses["none"], wanted["none"] = v.posted, ""
	for fault := range words(s) {
		v.spoil(s, fault)
		v.login(s, "bo")
		responses[fault], wanted[fault] = v.posted, pythonsPart(v.text("message"))
	}
	given, err := json.Marshal(map[string]any{"sentry": s.sentry, "org": "acme", "metadata": metadata, "responses": responses})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "judge_response.py"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(given), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, wanted); diff != "" {
		t.Errorf("the page says otherwise than python3-saml (-python +page):\n%s", diff)
	}
}

// pythonsPart is what python3-saml has to say where a page has this message.
// The mapping of attributes is Sentry's own.
func pythonsPart(message string) string {
	reason, checked := strings.CutPrefix(message, "Authentication error: SAML SSO failed, ")
	switch {
	case checked:
		return reason
	case strings.HasPrefix(message, "Authentication error: "):
		return ""
	default:
		return "raised: " + message
	}
}

// TestXmlsecVerifiesMetadata holds the metadata's signature to another
// implementation.
func TestXmlsecVerifiesMetadata(t *testing.T) {
	t.Parallel()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		peers.Missing(t, "xmlsec1")
	}
	s, v := newSite(t), newVisitor(t)
	v.open(s.rehearsal.MetadataURL())
	file := filepath.Join(t.TempDir(), "metadata.xml")
	if err := os.WriteFile(file, []byte(v.body), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), xmlsec, "--verify", "--insecure", "--id-attr:ID",
		"urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor", file).CombinedOutput()
	if err != nil {
		t.Errorf("xmlsec1: %v\n%s", err, out)
	}
}
