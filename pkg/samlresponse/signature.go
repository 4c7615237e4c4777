package samlresponse

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

var errNoCertificate = errors.New("there is no certificate to check it with")

// parseCertificate reads a certificate as Sentry has it: base64 with or without
// the lines of PEM and blanks (python3-saml, utils.py, format_cert).
func parseCertificate(text string) (*x509.Certificate, error) {
	text = strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\r", "", "\n", "", " ", "").Replace(text)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the certificate is not base64: %w", err)
	}
	return keypair.ParseCertificate(der)
}

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
