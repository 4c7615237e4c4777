package cmd

import (
	"context"
	"crypto"
	"crypto/x509"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// metadataKeys is what metadata carries and what it is signed with.
type metadataKeys struct {
	certificates []*x509.Certificate
	signer       crypto.Signer // nil: unsigned
}

// readKeys reads the files of --cert and --key. signGiven says whether --sign
// was on the command line, be it as --sign=false.
func (o *samlMetadataRenderOptions) readKeys(ctx context.Context, signGiven bool) (metadataKeys, error) {
	if o.key != "" && signGiven && !o.sign {
		return metadataKeys{}, fault.Hint(fault.Usagef("--key and --sign=false contradict each other"), "leave one of them out")
	}
	var keys metadataKeys
	var beside []crypto.Signer
	for _, file := range o.certs {
		bundle, err := o.readKeyFile(ctx, file)
		if err != nil {
			return metadataKeys{}, err
		}
		if len(bundle.Certificates) == 0 {
			return metadataKeys{}, fault.Hint(fault.Usagef("%s holds no certificate", file), "private keys go to --key")
		}
		keys.certificates = append(keys.certificates, bundle.Certificates...)
		beside = append(beside, bundle.Keys...)
	}
	var err error
	switch {
	case o.key != "":
		keys.signer, err = o.readSigner(ctx)
	case o.sign && len(beside) == 0:
		err = fault.Hint(fault.Usagef("there is no key to sign with"), "add --key FILE with the private key of the certificate")
	case o.sign:
		keys.signer = beside[0]
	}
	return keys, err
}

func (o *samlMetadataRenderOptions) readSigner(ctx context.Context) (crypto.Signer, error) {
	bundle, err := o.readKeyFile(ctx, o.key)
	if err != nil {
		return nil, err
	}
	if len(bundle.Keys) != 1 {
		return nil, fault.Hint(fault.Usagef("%s holds %d private keys, want one", o.key, len(bundle.Keys)), "want a PEM file with a PRIVATE KEY")
	}
	return bundle.Keys[0], nil
}

// readKeyFile reads keys and certificates. Errors name the file and never show
// what is in it.
func (a *app) readKeyFile(ctx context.Context, path string) (*keypair.Contents, error) {
	contents, err := parsed(ctx, a, source{path, filekind.Keys, keypair.MaxBytes}, func(data []byte) (*keypair.Contents, error) {
		return keypair.Parse(data, func() (string, error) {
			return "", fault.Hint(fault.New(fault.Credential, "it needs a passphrase"),
				"convert it first: openssl pkcs12 -in FILE -nodes -out bundle.pem")
		})
	})
	if err != nil {
		return nil, err
	}
	if len(contents.Keys) > 0 {
		if err := a.checkSecretFile(path, privateKey); err != nil {
			return nil, err
		}
	}
	if contents.Format == "pkcs12" && len(contents.Keys) > 0 {
		contents.Certificates = contents.Certificates[:1] // the others are its issuers, which sign no response
	}
	return contents, nil
}
