package integration

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// Tokens remembers which token each SCIM provider was given last, as a salted
// fingerprint: since 2026.2.7, 2026.5.7 and 2026.8.2 authentik does not tell it
// (GHSA-m9h4-7j9c-55x9), and each time it is sent starts a full synchronization. A
// nil one remembers nothing.
type Tokens struct {
	Path string    // of the file; its folder is made
	Rand io.Reader // of the salts
}

// standing is what is remembered of a token.
type standing int

const (
	unknown standing = iota // the provider was never given one by us
	same
	other
)

const tokensFormat = 1

// tokensDocument is the file: fingerprints by provider.
type tokensDocument struct {
	Format    int                    `json:"format"`
	Providers map[string]fingerprint `json:"providers"`
}

// fingerprint is HMAC-SHA-256 of a token with a salt of its own as the key, both
// hexadecimal.
type fingerprint struct {
	Salt  string `json:"salt"`
	Token string `json:"token"`
}

const (
	saltBytes = 32
	maxTokens = 1 << 20 // bytes of the file
)

func (f fingerprint) of(token secret.String) string {
	sum := hmac.New(sha256.New, []byte(f.Salt))
	_, _ = io.WriteString(sum, token.Reveal()) // a hash takes everything
	return hex.EncodeToString(sum.Sum(nil))
}

// standing compares a token with the one that the provider was given last.
func (t *Tokens) standing(provider string, token secret.String) (standing, error) {
	if t == nil {
		return unknown, nil
	}
	doc, err := t.read()
	if err != nil {
		return unknown, err
	}
	kept, known := doc.Providers[provider]
	switch {
	case !known:
		return unknown, nil
	case hmac.Equal([]byte(kept.Token), []byte(kept.of(token))):
		return same, nil
	}
	return other, nil
}

// keep remembers what a provider was given.
func (t *Tokens) keep(provider string, token secret.String) error {
	if t == nil {
		return nil
	}
	doc, err := t.read()
	if err != nil {
		return err
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(t.Rand, salt); err != nil {
		return fmt.Errorf("make a salt: %w", err)
	}
	f := fingerprint{Salt: hex.EncodeToString(salt)}
	f.Token = f.of(token)
	doc.Providers[provider] = f
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.MakeFolder(filepath.Dir(t.Path)); err != nil {
		return err
	}
	return atomicfile.Write(t.Path, append(data, '\n'), 0o600, atomicfile.Overwrite)
}

func (t *Tokens) read() (*tokensDocument, error) {
	doc := &tokensDocument{Format: tokensFormat, Providers: map[string]fingerprint{}}
	info, err := os.Stat(t.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return doc, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // to open a pipe would wait for a writer
		return nil, fmt.Errorf("%s: expected a regular file", t.Path)
	}
	file, err := os.Open(t.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	err = json.NewDecoder(io.LimitReader(file, maxTokens)).Decode(doc)
	switch {
	case err != nil:
		err = fmt.Errorf("%s: expected fingerprints of tokens: %w", t.Path, err)
	case doc.Format != tokensFormat || doc.Providers == nil:
		err = fmt.Errorf("%s: expected format %d but found %d", t.Path, tokensFormat, doc.Format)
	}
	return doc, err
}
