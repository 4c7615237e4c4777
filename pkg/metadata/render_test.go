package metadata_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

type sample struct {
	description metadata.Description
	signedBy    string // name of a test key; empty: unsigned
}

// samples are rendered to the golden files of the same name.
func samples(t *testing.T) map[string]sample {
	t.Helper()
	return map[string]sample{
		"authentik-2025.10.xml": {authentik(t, "2025.10", "rsa"), ""},
		"authentik-2026.8.xml":  {authentik(t, "2026.8", "rsa"), ""},
		"generic.xml":           {generic(t, "p256"), ""},
		"two-certificates.xml":  {generic(t, "rsa", "rsa-next"), ""},
		"signed-rsa.xml":        {authentik(t, "", "rsa"), "rsa"},
		"signed-p256.xml":       {generic(t, "p256", "rsa"), "p256"},
		"signed-p384.xml":       {generic(t, "p384"), "p384"},
	}
}

func (s sample) render(t *testing.T) []byte {
	t.Helper()
	var signer crypto.Signer
	if s.signedBy != "" {
		signer = key(t, s.signedBy)
	}
	xml, err := metadata.Render(s.description, signer)
	if err != nil {
		t.Fatal(err)
	}
	return xml
}

func TestRenderGolden(t *testing.T) {
	t.Parallel()
	for name, s := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			xml := s.render(t)
			golden(t, name, xml)
			if again := s.render(t); !bytes.Equal(xml, again) {
				t.Errorf("the second rendering differs:\n%s", cmp.Diff(string(xml), string(again)))
			}
		})
	}
}

func TestPythonSamlReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	var ours []kept
	for name, s := range samples(t) {
		xml := s.render(t)
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, xml, 0o600); err != nil {
			t.Fatal(err)
		}
		stored, err := metadata.Parse(xml)
		if err != nil {
			t.Fatal(err)
		}
		files, ours = append(files, file), append(ours, keptOf(stored))
	}
	for i, v := range sentrysView(t, files) {
		want := verdict{Stored: &ours[i], Schema: true, Problems: []string{}}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Errorf("%s: python3-saml differs (-ours +theirs):\n%s", filepath.Base(files[i]), diff)
		}
	}
}

func TestXmlsecVerifiesSignatures(t *testing.T) {
	t.Parallel()
	for name, s := range samples(t) {
		if s.signedBy == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			xml := s.render(t)
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, xml, 0o600); err != nil {
				t.Fatal(err)
			}
			if ok, said := verifies(t, file, s.signedBy); !ok {
				t.Fatalf("xmlsec1 refuses the signature:\n%s\n%s", said, xml)
			}
			forged := bytes.Replace(xml, []byte(".example.com/"), []byte(".example.net/"), 1)
			if err := os.WriteFile(file, forged, 0o600); err != nil {
				t.Fatal(err)
			}
			if ok, _ := verifies(t, file, s.signedBy); ok {
				t.Error("xmlsec1 accepts forged metadata")
			}
		})
	}
}

func TestSignatureIsFirstAndValid(t *testing.T) {
	t.Parallel()
	xml, err := metadata.Render(authentik(t, "", "rsa"), key(t, "rsa"))
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(xml); err != nil {
		t.Fatal(err)
	}
	if first := doc.Root().ChildElements()[0]; first.Tag != "Signature" {
		t.Errorf("the first child is %s, want Signature", first.Tag)
	}
	store := &dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate(t, "rsa")}}
	validation := dsig.NewDefaultValidationContext(store)
	validation.Clock = dsig.NewFakeClockAt(now())
	if _, err := validation.Validate(doc.Root()); err != nil {
		t.Errorf("the signature is not valid: %v", err)
	}
}

func TestIDFollowsContent(t *testing.T) {
	t.Parallel()
	d := generic(t, "rsa")
	id := func(d metadata.Description, signer crypto.Signer) string {
		xml, err := metadata.Render(d, signer)
		if err != nil {
			t.Fatal(err)
		}
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(xml); err != nil {
			t.Fatal(err)
		}
		return doc.Root().SelectAttrValue("ID", "")
	}
	plain, signed := id(d, nil), id(d, key(t, "rsa"))
	if len(plain) != 65 || !strings.HasPrefix(plain, "_") {
		t.Errorf("ID %q is not an underscore and a SHA-256", plain)
	}
	if plain != signed {
		t.Errorf("signing changed the ID from %s to %s", plain, signed)
	}
	d.ValidUntil = d.ValidUntil.Add(time.Second)
	if id(d, nil) == plain {
		t.Error("other content has the same ID")
	}
}

func TestKeyMustBelongToFirstCertificate(t *testing.T) {
	t.Parallel()
	for _, d := range []metadata.Description{generic(t, "rsa-next", "rsa"), generic(t, "p256"), generic(t)} {
		_, err := metadata.Render(d, key(t, "rsa"))
		if fault.CodeOf(err) != fault.Usage {
			t.Errorf("error %v, want a usage error", err)
		}
	}
}
