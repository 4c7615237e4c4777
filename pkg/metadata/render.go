package metadata

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	xmlns       = "xmlns" // the prefix and the attribute that declare namespaces
)

// Render returns d as SAML metadata: indented XML in UTF-8 without a
// declaration (some parsers refuse one in pasted text), ending in a newline.
// Its ID is derived from the rest of the content, so that equal descriptions
// have equal bytes and different ones different IDs.
//
// With a key, which must belong to the first certificate, the metadata carries
// an enveloped signature as first child (XML Signature with exclusive C14N;
// rsa-sha256, or ecdsa with SHA-256, 384 or 512 after the curve). Signing is
// deterministic too: RSA is PKCS #1 v1.5, and ECDSA with a key in memory takes
// its nonce from RFC 6979. Render does not judge d; Check does.
func Render(d Description, key crypto.Signer) ([]byte, error) {
	root, err := tree(d.entity())
	if err != nil {
		return nil, err
	}
	unnamed, err := write(root)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(unnamed)
	// An ID must not begin with a digit (XML Schema, NCName).
	root.CreateAttr("ID", "_"+hex.EncodeToString(sum[:]))
	if key == nil {
		return write(root)
	}
	if root, err = sign(root, key, d.Certificates); err != nil {
		return nil, err
	}
	return write(root)
}

// entity returns d in the types of crewjam/saml.
func (d Description) entity() saml.EntityDescriptor {
	idp := saml.IDPSSODescriptor{}
	idp.ProtocolSupportEnumeration = nsProtocol
	for _, cert := range d.Certificates {
		idp.KeyDescriptors = append(idp.KeyDescriptors, keyDescriptor(cert.Raw))
	}
	idp.SingleLogoutServices = endpoints(d.SLORedirect, d.SLOPost)
	for _, format := range d.NameIDFormats {
		idp.NameIDFormats = append(idp.NameIDFormats, saml.NameIDFormat(format))
	}
	idp.SingleSignOnServices = endpoints(d.SSORedirect, d.SSOPost)
	return saml.EntityDescriptor{
		EntityID:          d.EntityID,
		ValidUntil:        d.ValidUntil.UTC().Truncate(time.Second),
		CacheDuration:     d.CacheDuration.Truncate(time.Second),
		IDPSSODescriptors: []saml.IDPSSODescriptor{idp},
	}
}

func keyDescriptor(der []byte) saml.KeyDescriptor {
	data := saml.X509Certificate{Data: base64.StdEncoding.EncodeToString(der)}
	return saml.KeyDescriptor{
		Use:     "signing",
		KeyInfo: saml.KeyInfo{X509Data: saml.X509Data{X509Certificates: []saml.X509Certificate{data}}},
	}
}

func endpoints(redirect, post string) []saml.Endpoint {
	var list []saml.Endpoint
	if redirect != "" {
		list = append(list, saml.Endpoint{Binding: saml.HTTPRedirectBinding, Location: redirect})
	}
	if post != "" {
		list = append(list, saml.Endpoint{Binding: saml.HTTPPostBinding, Location: post})
	}
	return list
}

// tree turns entity into indented XML whose namespaces are declared once, at
// the root, as md and ds. encoding/xml declares them on every element, and
// writes a zero validUntil as the year 1.
func tree(entity saml.EntityDescriptor) (*etree.Element, error) {
	raw, err := xml.Marshal(entity)
	if err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(raw); err != nil {
		return nil, err
	}
	root := doc.Root()
	prefix(root, "")
	if entity.ValidUntil.IsZero() {
		root.RemoveAttr("validUntil")
	}
	root.Attr = append([]etree.Attr{
		{Space: xmlns, Key: "md", Value: nsMetadata},
		{Space: xmlns, Key: "ds", Value: nsSignature},
	}, root.Attr...)
	settings := etree.NewIndentSettings()
	settings.Spaces = 2
	root.IndentWithSettings(settings)
	return root, nil
}

// prefix replaces default namespaces by prefixes. inherited is the prefix of
// the element around el.
func prefix(el *etree.Element, inherited string) {
	switch el.SelectAttrValue(xmlns, "") {
	case nsMetadata:
		inherited = "md"
	case nsSignature:
		inherited = "ds"
	}
	el.RemoveAttr(xmlns)
	el.Space = inherited
	for _, child := range el.ChildElements() {
		prefix(child, inherited)
	}
}

func write(root *etree.Element) ([]byte, error) {
	doc := etree.NewDocumentWithRoot(root.Copy())
	raw, err := doc.WriteToBytes()
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}
