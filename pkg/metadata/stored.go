package metadata

import (
	"bytes"
	"errors"
	"strings"

	"github.com/crewjam/saml"
)

// Stored is what Sentry keeps of metadata: four texts, empty where it finds
// nothing.
type Stored struct {
	EntityID string `json:"entity_id"`
	SSOURL   string `json:"sso_url"`
	SLOURL   string `json:"slo_url"`
	X509Cert string `json:"x509cert"` // base64 without spaces
}

// Parse reads metadata as Sentry does: the first EntityDescriptor of the
// document, its first IDPSSODescriptor, of this the first SSO and SLO endpoint
// for HTTP-Redirect and the first certificate that may sign (Sentry,
// auth/providers/saml2/forms.py over python3-saml, idp_metadata_parser.py).
// Input is hostile: 1 MiB, no DOCTYPE, no deep nesting. An error means that
// Sentry would fail to parse it; what is missing or dubious, [Judge] tells.
func Parse(metadata []byte) (Stored, error) {
	r, err := read(metadata)
	if err != nil {
		return Stored{}, err
	}
	return r.stored(), nil
}

// reading is a document as Sentry's parser walks it.
type reading struct {
	root   *element
	entity *element  // the first EntityDescriptor, or nil
	idp    *element  // its first IDPSSODescriptor, or nil
	keys   []keyText // certificates of idp
}

// keyText is the text of an X509Certificate and where it stands.
type keyText struct {
	use  string
	text string // without spaces
	line int
}

func (k keyText) signs() bool    { return !strings.Contains(k.use, "encryption") }
func (k keyText) encrypts() bool { return !strings.Contains(k.use, "signing") }

func read(metadata []byte) (*reading, error) {
	root, err := readTree(metadata)
	if err != nil {
		return nil, err
	}
	r := &reading{root: root, entity: root.find(nsMetadata, "EntityDescriptor")}
	if r.entity == nil {
		return r, nil
	}
	if roles := r.entity.all(nsMetadata, "IDPSSODescriptor"); len(roles) > 0 {
		r.idp = roles[0]
		r.keys, err = keyTexts(r.idp)
	}
	return r, err
}

// keyTexts returns the certificates of all keys. An empty one is an error, as
// python3-saml splits a text that is not there.
func keyTexts(idp *element) ([]keyText, error) {
	var found []keyText
	for _, key := range idp.all(nsMetadata, "KeyDescriptor") {
		for _, info := range key.all(nsSignature, "KeyInfo") {
			for _, data := range info.all(nsSignature, "X509Data") {
				for _, cert := range data.all(nsSignature, "X509Certificate") {
					if len(cert.text) == 0 {
						return nil, notMetadata(&syntax{codeEmptyCertificate, cert.line, errors.New("an X509Certificate is empty")})
					}
					found = append(found, keyText{
						use: key.attr("use"), line: cert.line,
						text: string(bytes.Join(bytes.Fields(cert.text), nil)),
					})
				}
			}
		}
	}
	return found, nil
}

func (r *reading) stored() Stored {
	if r.idp == nil {
		return Stored{}
	}
	s := Stored{
		EntityID: r.entity.attr("entityID"),
		SSOURL:   redirectLocation(r.idp, "SingleSignOnService"),
		SLOURL:   redirectLocation(r.idp, "SingleLogoutService"),
	}
	if trusted := r.trusted(); trusted >= 0 {
		s.X509Cert = r.keys[trusted].text
	}
	return s
}

func redirectLocation(idp *element, service string) string {
	if endpoint := redirectEndpoint(idp, service); endpoint != nil {
		return endpoint.attr("Location")
	}
	return ""
}

func redirectEndpoint(idp *element, service string) *element {
	for _, endpoint := range idp.all(nsMetadata, service) {
		if endpoint.attr("Binding") == saml.HTTPRedirectBinding {
			return endpoint
		}
	}
	return nil
}

// trusted is the index of the certificate that Sentry takes, or -1. It follows
// python3-saml and Sentry together: the first certificate that may sign, or a
// single one that may only encrypt.
func (r *reading) trusted() int {
	only, encrypting := -1, 0
	for i, key := range r.keys {
		if key.signs() {
			return i
		}
		if key.encrypts() {
			only = i
			encrypting++
		}
	}
	if encrypting == 1 {
		return only
	}
	return -1
}
