package detached_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/detached"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// TestAHugeKeyIsRefused before it is calculated with.
func TestAHugeKeyIsRefused(t *testing.T) {
	t.Parallel()
	huge := &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 1<<20), big.NewInt(1)), E: 65537}
	if err := detached.Verify(huge, document, []byte("AAAA")); fault.CodeOf(err) != fault.Usage {
		t.Errorf("found %v", err)
	}
}

// TestEveryChangedByteOfASignatureIsFound, of those that are no blanks.
func TestEveryChangedByteOfASignatureIsFound(t *testing.T) {
	t.Parallel()
	for name, key := range signers(t) {
		signature, err := detached.Sign(rand.Reader, key, document)
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range bytes.TrimSpace(signature) {
			for _, other := range []byte("AQ+\x00") {
				changed := bytes.Clone(signature)
				changed[i] = other
				if err := detached.Verify(key.Public(), document, changed); other != b && !errors.Is(err, detached.ErrMismatch) && fault.CodeOf(err) != fault.Usage {
					t.Errorf("%s: byte %d as %q: found %v", name, i, other, err)
				}
			}
		}
		for _, more := range []string{"A", "AAAA", "=", "\n" + string(signature), "\x00"} {
			if detached.Verify(key.Public(), document, append(bytes.TrimSpace(signature), more...)) == nil {
				t.Errorf("%s: %q behind the signature is not found", name, more)
			}
		}
	}
}
