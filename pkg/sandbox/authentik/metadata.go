package authentik

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	uriRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	uriPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// samlMetadata is the metadata of a provider by its key, which needs no token
// (authentik/providers/saml/api/providers.py metadata).
func (a *Authentik) samlMetadata(key string, asked url.Values) reply {
	o := a.find(pathSAML, key)
	switch {
	case o == nil, a.assigned(o[pk], false) == nil && a.since(Release202605):
		return notFound()
	case a.assigned(o[pk], false) == nil:
		return reply{status: http.StatusOK, body: Object{"metadata": "", "download_url": a.samlURLs(o)["url_download_metadata"]}}
	case asked.Has("download"):
		return a.metadataFile(o, asked)
	}
	text, err := a.describe(o, asked.Get("force_binding"))
	if err != nil {
		return crash()
	}
	return reply{status: http.StatusOK, body: Object{"metadata": text, "download_url": a.samlURLs(o)["url_download_metadata"]}}
}

// applicationMetadata is the metadata of an application's provider, for anybody.
func (a *Authentik) applicationMetadata(slug string, asked url.Values) reply {
	app := a.kinds[pathApplications].of(a, slug)
	if app == nil || a.find(pathSAML, app["provider"]) == nil {
		return noPage()
	}
	return a.metadataFile(a.find(pathSAML, app["provider"]), asked)
}

func (a *Authentik) metadataFile(o Object, asked url.Values) reply {
	text, err := a.describe(o, asked.Get("force_binding"))
	if err != nil {
		return crash()
	}
	return reply{status: http.StatusOK, body: text, kind: "application/xml", file: fmt.Sprintf("%v_authentik_meta.xml", o["name"])}
}

// describe writes the metadata of a provider that an application has
// (authentik/providers/saml/processors/metadata.py), in canonical form (Exclusive
// XML Canonicalization 1.0), so that what is signed is what is written. A key of
// another type than the signature algorithm's is an error, as it is for xmlsec.
func (a *Authentik) describe(o Object, forced string) (string, error) {
	id := fmt.Sprintf("_%x", sha256.Sum256(fmt.Appendf(nil, "%v-%v", o["name"], o[pk])))
	head := "<md:EntityDescriptor xmlns:md=" + attr(nsMetadata) + " ID=" + attr(id) + " entityID=" + attr(a.issuer(o)) + ">"
	pair := a.find(pathKeyPairs, o["signing_kp"])
	certificate, err := certificateOf(pair)
	if pair != nil && err != nil {
		return "", err
	}
	tail := a.describeRole(o, certificate, forced) + "</md:EntityDescriptor>"
	key, _ := pair["key_data"].(string)
	if key == "" {
		return head + tail, nil
	}
	signature, err := signXML(head+tail, id, o, key, certificate)
	return head + signature + tail, err
}

// issuer is the entity ID. Since 2026.5 an empty one is the metadata's address,
// under the host of the request.
func (a *Authentik) issuer(o Object) string {
	if !a.since(Release202605) {
		return fmt.Sprint(o["issuer"])
	}
	if fixed, _ := o["issuer_override"].(string); fixed != "" {
		return fixed
	}
	return a.samlURLs(o)["url_issuer"]
}

// describeRole is the IDPSSODescriptor, of a binding only if that is forced.
func (a *Authentik) describeRole(o Object, certificate *x509.Certificate, forced string) string {
	var out strings.Builder
	wants := ""
	if o["verification_kp"] != nil {
		wants = ` WantAuthnRequestsSigned="true"`
	}
	fmt.Fprintf(&out, "<md:IDPSSODescriptor%s protocolSupportEnumeration=%s>", wants, attr(nsProtocol))
	if certificate != nil {
		out.WriteString(`<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds=` + attr(nsSignature) + ">" + x509Data(certificate) + "</ds:KeyInfo></md:KeyDescriptor>")
	}
	urls := a.samlURLs(o)
	services := func(name, field string) {
		for _, b := range [][2]string{{uriRedirect, "_redirect"}, {uriPost, "_post"}} {
			if forced == b[0] || !slices.Contains([]string{uriRedirect, uriPost}, forced) {
				fmt.Fprintf(&out, "<md:%s Binding=%s Location=%s></md:%s>", name, attr(b[0]), attr(urls[field+b[1]]), name)
			}
		}
	}
	services("SingleLogoutService", "url_slo")
	formats := nameIDFormats()
	for _, i := range []int{0, 1, 2, 4} {
		out.WriteString("<md:NameIDFormat>" + formats[i] + "</md:NameIDFormat>")
	}
	services("SingleSignOnService", "url_sso")
	out.WriteString("</md:IDPSSODescriptor>")
	return out.String()
}

func x509Data(certificate *x509.Certificate) string {
	return "<ds:X509Data><ds:X509Certificate>" + base64.StdEncoding.EncodeToString(certificate.Raw) + "</ds:X509Certificate></ds:X509Data>"
}

// attr is an attribute's value in canonical form (Canonical XML 1.0 section 2.3).
func attr(value string) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
	return `"` + escape.Replace(value) + `"`
}
