package cmd

import (
	"bytes"
	"context"
	"crypto"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/detached"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// signatureEnding is what a signature's file has after the name of its document's.
const signatureEnding = ".sig"

// reviewFile is a value of --out.
type reviewFile struct {
	path   string
	format report.Format
}

// files are the values of --out, whose endings say what is written.
func (o *accessReviewOptions) files() ([]reviewFile, error) {
	formats := map[string]report.Format{
		".json": report.JSON, ".csv": report.CSV, ".html": report.HTML, ".htm": report.HTML, ".md": report.Markdown, ".yaml": report.YAML, ".yml": report.YAML,
	}
	var files []reviewFile
	signed := false
	for _, path := range o.out {
		format, known := formats[strings.ToLower(filepath.Ext(path))]
		if !known {
			return nil, fault.Usagef("--out must end in .json, .csv, .html, .md or .yaml, found %q", path)
		}
		signed = signed || format == report.JSON
		if slices.ContainsFunc(files, func(f reviewFile) bool {
			return filepath.Clean(f.path) == filepath.Clean(path) || sameFile(f.path, path)
		}) {
			return nil, fault.Usagef("--out names one file twice: %s", path)
		}
		files = append(files, reviewFile{path, format})
		if o.last != "" && sameFile(path, o.last) {
			return nil, fault.Hint(fault.Usagef("--out %s would replace the review of --diff", path), "keep the last review, and name another file")
		}
	}
	if o.signKey != "" && !signed {
		return nil, fault.Hint(fault.Usagef("--sign-key signs the JSON file of --out, and none is named"), "pass --out review.json too")
	}
	return files, nil
}

// checkFiles refuses, before anything is asked for, files of --out that cannot be
// written, or that are an input of the run.
func (o *accessReviewOptions) checkFiles(files []reviewFile, loaded *config.Loaded) error {
	inputs := []string{loaded.Config.SCIM.File, o.signKey}
	for _, file := range loaded.Files {
		inputs = append(inputs, file.Path)
	}
	for _, file := range files {
		if err := checkOut("--out "+file.path, file.path, inputs...); err != nil {
			return err
		}
	}
	return nil
}

// sameFile reports whether two paths lead to one file that is there.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// key reads the key of --sign-key, nil where none is named. The SAML signing key is
// refused: whoever administers authentik could sign with its copy.
func (o *accessReviewOptions) key(ctx context.Context, loaded *config.Loaded) (crypto.Signer, error) {
	if o.signKey == "" {
		return nil, nil //nolint:nilnil // nil is a review that is not signed
	}
	held, err := o.readPair(ctx, o.signKey)
	if err != nil {
		return nil, err
	}
	if err := o.checkSecretFile(o.signKey, privateKey); err != nil {
		return nil, err
	}
	if len(held.Keys) != 1 {
		return nil, fault.Hint(fault.Usagef("%s: expected one private key but found %d", o.signKey, len(held.Keys)), "'openssl genpkey -algorithm ed25519 -out reviewer.pem' makes one")
	}
	key := held.Keys[0]
	if _, err := detached.Algorithm(key.Public()); err != nil {
		return nil, fault.Hint(err, "--sign-key names the file")
	}
	return key, o.refuseSAMLKey(ctx, loaded.Config.Authentik, key)
}

// refuseSAMLKey refuses the key that responses are signed with, as far as the
// settings name it.
func (o *accessReviewOptions) refuseSAMLKey(ctx context.Context, settings config.Authentik, key crypto.Signer) error {
	for _, path := range []string{settings.KeyFile, settings.CertificateFile} {
		if path == "" {
			continue
		}
		held, err := o.readPair(ctx, path)
		if err != nil {
			continue // that it cannot be read says that it is not the file of --sign-key
		}
		publics := []crypto.PublicKey{}
		for _, k := range held.Keys {
			publics = append(publics, k.Public())
		}
		for _, c := range held.Certificates {
			publics = append(publics, c.PublicKey)
		}
		for _, public := range publics {
			own, known := key.Public().(interface{ Equal(x crypto.PublicKey) bool })
			if known && own.Equal(public) {
				err := fault.Usagef("--sign-key names the SAML signing key (%s), and authentik has a copy of it: it does not prove who signed", path)
				return fault.Hint(err, "make a key of your own: openssl genpkey -algorithm ed25519 -out reviewer.pem")
			}
		}
	}
	return nil
}

// keep writes the files of --out, and the signatures of those that are JSON. They hold
// e-mails, and so they are for their owner alone.
func (o *accessReviewOptions) keep(review *access.Review, files []reviewFile, key crypto.Signer) error {
	if key != nil {
		algorithm, err := detached.Algorithm(key.Public())
		if err != nil {
			return err
		}
		fingerprint, err := detached.Fingerprint(key.Public())
		if err != nil {
			return err
		}
		review.Signer = &access.Signer{Algorithm: algorithm, Fingerprint: fingerprint}
	}
	for _, file := range files {
		var text bytes.Buffer
		if err := report.Write(&text, ui.Plain(), file.format, review); err != nil {
			return err
		}
		if err := atomicfile.Write(file.path, text.Bytes(), 0o600, atomicfile.Overwrite); err != nil {
			return err
		}
		o.term.Note("the review is in %s", file.path)
		if key == nil || file.format != report.JSON {
			continue
		}
		signature, err := detached.Sign(o.rand, key, text.Bytes())
		if err != nil {
			return err
		}
		if err := atomicfile.Write(file.path+signatureEnding, signature, 0o600, atomicfile.Overwrite); err != nil {
			return err
		}
		o.term.Note("its signature (%s) is in %s, by the key %s", review.Signer.Algorithm, file.path+signatureEnding, review.Signer.Fingerprint)
	}
	return nil
}
