package metadata_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// corpus is the metadata of identity providers, odd ones and hostile ones.
func corpus(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "metadata", "*"))
	if err != nil || len(files) < 50 {
		tb.Fatalf("the corpus has %d files, error %v", len(files), err)
	}
	return files
}

func judgeFile(tb testing.TB, path string) *metadata.Judgement {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return metadata.Judge(data, metadata.Source{Name: filepath.Base(path), Now: now(), WarnDays: 30})
}

func TestJudgeTheCorpus(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, file := range corpus(t) {
		j := judgeFile(t, file)
		fmt.Fprintf(&got, "%s: %s %s\n", j.Source, j.Verdict, j.Reason)
		for _, f := range j.Findings {
			fmt.Fprintf(&got, "  %d %s %s: %s\n", f.Line, f.Severity, f.Code, f.Message)
		}
	}
	golden(t, "corpus.txt", []byte(got.String()))
}

func TestTheCorpusMeetsEveryRule(t *testing.T) {
	t.Parallel()
	// Those need another time or another place than a file of the corpus has.
	met := []string{"too-large", "entity-id-differs", "expires-soon", "not-yet-valid", "ca-certificate", "invalid-metadata-url", "private-address", "plain-http"}
	for _, file := range corpus(t) {
		met = append(met, codesOf(judgeFile(t, file))...)
	}
	for _, rule := range metadata.Rules() {
		if !slices.Contains(met, rule.Code) {
			t.Errorf("no file is found guilty of %s", rule.Code)
		}
		if rule.Title == "" || rule.Sentry == "" || rule.Fix == "" {
			t.Errorf("%s says too little: %+v", rule.Code, rule)
		}
	}
}

// TestTheCorpusAgreesWithPythonSaml holds the verdicts against the library that
// Sentry uses: what it finds, whether it finds anything, and what it says of the
// settings that come out.
func TestTheCorpusAgreesWithPythonSaml(t *testing.T) {
	t.Parallel()
	for _, library := range peers.PythonSAML(t) {
		t.Run(library.Name, func(t *testing.T) {
			t.Parallel()
			agree(t, library, corpus(t))
		})
	}
}

func agree(t *testing.T, library peers.Library, files []string) {
	t.Helper()
	for i, theirs := range viewOf(t, library, files) {
		ours := judgeFile(t, files[i])
		var stored *kept
		if ours.Stored != nil {
			k := keptOf(*ours.Stored)
			stored = &k
		}
		if diff := cmp.Diff(theirs.Stored, stored); diff != "" {
			t.Errorf("%s: Sentry would keep something else (-theirs +ours):\n%s", ours.Source, diff)
		}
		complete := theirs.Stored != nil && len(theirs.Problems) == 0 &&
			theirs.Stored.X509Cert != "" && strings.TrimSpace(theirs.Stored.EntityID) != "" // which Sentry's form wants
		// Sentry's form stores addresses that the library refuses at each login.
		if works := ours.Verdict == metadata.IsStored && !slices.Contains(codesOf(ours), "refused-url"); works != complete {
			t.Errorf("%s: our verdict is %s (%s), python3-saml says %v %v", ours.Source, ours.Verdict, ours.Reason, theirs.Stored, theirs.Problems)
		}
	}
}

// TestTheCorpusAgreesWithXmlsec holds what is said of signatures against
// xmlsec1: it verifies all in which nothing is wrong, and none that is broken.
func TestTheCorpusAgreesWithXmlsec(t *testing.T) {
	t.Parallel()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		peers.Missing(t, "xmlsec1")
	}
	for _, file := range corpus(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		codes := codesOf(judgeFile(t, file))
		odd := []string{"unknown-signature", "misplaced-signature", "duplicate-id", "malformed"}
		if !strings.Contains(string(data), "<ds:Signature ") || slices.ContainsFunc(odd, func(c string) bool { return slices.Contains(codes, c) }) {
			continue
		}
		out, err := exec.CommandContext(t.Context(), xmlsec, "--verify",
			"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
			"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntitiesDescriptor",
			"--pubkey-cert-pem", signerFile(t, data), file).CombinedOutput()
		verified := err == nil
		if broken := slices.Contains(codes, "broken-signature"); broken == verified {
			t.Errorf("%s: findings %q, xmlsec1 verified: %v\n%s", filepath.Base(file), codes, verified, out)
		}
	}
}

// signerFile writes the certificate that stands in the signature, or else the
// first one of the document.
func signerFile(t *testing.T, metadata []byte) string {
	t.Helper()
	match := regexp.MustCompile(`(?s)<ds:Signature .*?<ds:X509Certificate>([^<]*)<`).FindSubmatch(metadata)
	if match == nil {
		t.Fatal("there is no certificate")
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(match[1])), ""))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "signer.crt")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
