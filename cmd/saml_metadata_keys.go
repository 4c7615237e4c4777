package cmd

import (
	"crypto"
	"crypto/x509"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// metadataKeys is what metadata carries and what it is signed with.
type metadataKeys struct {
	certificates []*x509.Certificate
	signer       crypto.Signer // nil: unsigned
}

// readKeys reads the files of --cert and --key. signGiven says whether --sign
// was on the command line, be it as --sign=false.
func (o *samlMetadataRenderOptions) readKeys(signGiven bool) (metadataKeys, error) {
	if o.key != "" && signGiven && !o.sign {
		return metadataKeys{}, fault.Hint(fault.Usagef("--key and --sign=false contradict each other"), "leave one of them out")
	}
	var keys metadataKeys
	var beside []crypto.Signer
	for _, file := range o.certs {
		bundle, err := readBundle(file)
		if err != nil {
			return metadataKeys{}, err
		}
		if len(bundle.certificates) == 0 {
			return metadataKeys{}, fault.Hint(fault.Usagef("%s holds no certificate", file), "private keys go to --key")
		}
		keys.certificates = append(keys.certificates, bundle.certificates...)
		beside = append(beside, bundle.keys...)
	}
	var err error
	switch {
	case o.key != "":
		keys.signer, err = o.readSigner()
	case o.sign && len(beside) == 0:
		err = fault.Hint(fault.Usagef("there is no key to sign with"), "add --key FILE with the private key of the certificate")
	case o.sign:
		keys.signer = beside[0]
	}
	return keys, err
}

func (o *samlMetadataRenderOptions) readSigner() (crypto.Signer, error) {
	bundle, err := readBundle(o.key)
	if err != nil {
		return nil, err
	}
	if len(bundle.keys) != 1 {
		return nil, fault.Hint(fault.Usagef("%s holds %d private keys, want one", o.key, len(bundle.keys)), "want a PEM file with a PRIVATE KEY")
	}
	return bundle.keys[0], nil
}
