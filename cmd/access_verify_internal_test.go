package cmd

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/detached"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// signedReview is a review of a few members, signed with a key made of zeros.
func signedReview(t *testing.T) (document, signature []byte, key ed25519.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	fingerprint, err := detached.Fingerprint(public)
	if err != nil {
		t.Fatal(err)
	}
	r := &access.Review{
		Format: access.Format, Organization: "acme", SentryURL: "https://sentry.acme.test", ReviewedAt: time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC),
		Signer: &access.Signer{Algorithm: "Ed25519", Fingerprint: fingerprint},
	}
	for i := range 3 {
		r.Members = append(r.Members, access.Member{ID: strconv.Itoa(i), Email: fmt.Sprintf("p%d@acme.test", i)})
	}
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.JSON, r); err != nil {
		t.Fatal(err)
	}
	signature, err = detached.Sign(zeros{}, private, out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), signature, public
}

// TestEveryChangedByteOfASignedReviewIsFound changes each byte to several others: all
// are read as a review, whatever they look like by then, and none is valid.
func TestEveryChangedByteOfASignedReviewIsFound(t *testing.T) {
	t.Parallel()
	document, signature, key := signedReview(t)
	if check, err := checkedReview(document, signature, key); err != nil || !check.Valid || check.Organization != "acme" {
		t.Fatalf("found %+v, %v", check, err)
	}
	for i := range document {
		for _, other := range []byte{document[i] ^ 1, document[i] ^ 0x80, 0, ' ', '<', '0', '-', '[', '\n'} {
			if other == document[i] {
				continue
			}
			changed := bytes.Clone(document)
			changed[i] = other
			check, err := checkedReview(changed, signature, key)
			if err != nil || check.Valid || check.Organization != "" || check.Problem == "" {
				t.Fatalf("byte %d as %q: found %+v, %v", i, other, check, err)
			}
			if err := filekind.Check(filekind.Review, "review.json", changed); err != nil {
				t.Fatalf("byte %d as %q: %v", i, other, err)
			}
		}
	}
	for _, changed := range [][]byte{document[:len(document)-1], append(bytes.Clone(document), '\n'), bytes.ReplaceAll(document, []byte("\n"), []byte("\r\n"))} {
		if check, err := checkedReview(changed, signature, key); err != nil || check.Valid {
			t.Errorf("found %+v, %v", check, err)
		}
	}
}

func TestAGoodSignatureOfAnotherDocumentIsTold(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	other := []byte(`{"sentryidp_access_review": 2}`)
	signature, err := detached.Sign(zeros{}, private, other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkedReview(other, signature, public); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
	document, _, _ := signedReview(t)
	if _, err := checkedReview(document, []byte("no base64!"), public); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
}

func TestSinceIsADateOrDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"90d": "2026-07-02T12:00:00Z", "1d": "2026-09-29T12:00:00Z", "2026-07-01": "2026-07-01T00:00:00Z", "2026-07-01T02:00:00+02:00": "2026-07-01T00:00:00Z",
	} {
		if got, err := sinceOf(text, now); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: found %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "0d", "-1d", "90", "2026-13-01", "2026-10-01", "1e9d", "0.5d", "65536d", "9999999999999d", "NaNd"} {
		if got, err := sinceOf(text, now); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%q: found %s, %v", text, got, err)
		}
	}
}
