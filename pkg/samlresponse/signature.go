package samlresponse

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

var errNoCertificate = errors.New("there is no certificate to check it with")

// verify checks the signature of an element by the certificate's key. Neither
// the certificate's own dates nor a KeyInfo matter to Sentry (python3-saml,
// utils.py, validate_node_sign).
func verify(signed *node, cert *x509.Certificate) error {
	signature := signed.child(nsSignature, "Signature")
	if len(signature) != 1 {
		return fmt.Errorf("%d signatures", len(signature))
	}
	key, err := xmldsig.ParseKey(cert.RawSubjectPublicKeyInfo)
	if err != nil {
		return err
	}
	return xmldsig.Verify(signature[0].el, key)
}
