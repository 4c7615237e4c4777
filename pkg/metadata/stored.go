package metadata

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/crewjam/saml"
)

// Stored is what Sentry keeps of metadata: four texts, empty where it finds
// nothing. Warnings says what it drops and what it would complain of.
type Stored struct {
	EntityID string
	SSOURL   string
	SLOURL   string
	X509Cert string // base64 without spaces
	Warnings []string
}

// Parse reads metadata as Sentry does: the first EntityDescriptor of the
// document, its first IDPSSODescriptor, of this the first SSO and SLO endpoint
// for HTTP-Redirect and the first certificate that may sign (Sentry,
// auth/providers/saml2/forms.py over python3-saml, idp_metadata_parser.py).
// Input is hostile: 1 MiB, no DOCTYPE, no deep nesting. An error means that
// Sentry would fail to parse it.
func Parse(metadata []byte) (Stored, error) {
	root, err := readTree(metadata)
	if err != nil {
		return Stored{}, err
	}
	var s Stored
	entity := root.find(nsMetadata, "EntityDescriptor")
	if entity == nil {
		s.warn("there is no EntityDescriptor in the namespace %s", nsMetadata)
		return s, nil
	}
	descriptors := entity.all(nsMetadata, "IDPSSODescriptor")
	if len(descriptors) == 0 {
		s.warn("the first EntityDescriptor, %q, is no identity provider; Sentry reads no other", entity.attr("entityID"))
		return s, nil
	}
	idp := descriptors[0]
	s.EntityID = entity.attr("entityID")
	s.SSOURL = redirectLocation(idp, "SingleSignOnService")
	s.SLOURL = redirectLocation(idp, "SingleLogoutService")
	if err := s.chooseCertificate(idp); err != nil {
		return Stored{}, err
	}
	s.complain(idp, len(descriptors))
	return s, nil
}

func (s *Stored) warn(format string, args ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...))
}

func redirectLocation(idp *element, service string) string {
	for _, endpoint := range idp.all(nsMetadata, service) {
		if endpoint.attr("Binding") == saml.HTTPRedirectBinding {
			return endpoint.attr("Location")
		}
	}
	return ""
}

// chooseCertificate follows python3-saml and Sentry together: the first
// certificate that may sign, or a single one that may only encrypt.
func (s *Stored) chooseCertificate(idp *element) error {
	signing, err := certificates(idp, "encryption")
	if err != nil {
		return err
	}
	encryption, err := certificates(idp, "signing")
	if err != nil {
		return err
	}
	switch {
	case len(signing) > 0:
		s.X509Cert = signing[0]
		if len(signing) > 1 {
			s.warn("there are %d signing certificates and Sentry trusts only the first", len(signing))
		}
	case len(encryption) == 1:
		s.X509Cert = encryption[0]
		s.warn("the only certificate is for encryption; Sentry takes it to check signatures")
	case len(encryption) > 1:
		s.warn("there are %d certificates for encryption and none for signing; Sentry takes none", len(encryption))
	}
	return nil
}

// certificates returns the certificates of the keys whose use does not contain
// the word except.
func certificates(idp *element, except string) ([]string, error) {
	var found []string
	for _, key := range idp.all(nsMetadata, "KeyDescriptor") {
		if strings.Contains(key.attr("use"), except) {
			continue
		}
		for _, info := range key.all(nsSignature, "KeyInfo") {
			for _, data := range info.all(nsSignature, "X509Data") {
				for _, cert := range data.all(nsSignature, "X509Certificate") {
					if len(cert.text) == 0 {
						return nil, notMetadata("an X509Certificate is empty")
					}
					found = append(found, string(bytes.Join(bytes.Fields(cert.text), nil)))
				}
			}
		}
	}
	return found, nil
}

// complain adds what Sentry's form says of missing fields, and what Sentry
// cannot do.
func (s *Stored) complain(idp *element, descriptors int) {
	required := []struct{ field, value, what string }{
		{"entity_id", s.EntityID, "entityID"},
		{"sso_url", s.SSOURL, "SingleSignOnService with the HTTP-Redirect binding"},
		{"x509cert", s.X509Cert, "certificate to check signatures with"},
	}
	for _, r := range required {
		if r.value == "" {
			s.warn("there is no %s; Sentry answers \"Invalid metadata: %s: This field is required.\"", r.what, r.field)
		}
	}
	if s.SLOURL == "" && len(idp.all(nsMetadata, "SingleLogoutService")) > 0 {
		s.warn("there is no SingleLogoutService with the HTTP-Redirect binding; Sentry keeps no logout URL")
	}
	if want := idp.attr("WantAuthnRequestsSigned"); want == "true" || want == "1" {
		s.warn("the identity provider wants signed requests; Sentry never signs them")
	}
	if descriptors > 1 {
		s.warn("there are %d IDPSSODescriptors; Sentry reads the first", descriptors)
	}
}
