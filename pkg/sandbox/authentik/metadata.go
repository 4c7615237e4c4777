package authentik

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// samlMetadata is the metadata of a provider, which needs no token
// (authentik/providers/saml/processors/metadata.py). It is not signed here.
func (a *Authentik) samlMetadata(key string) reply {
	o := a.find(pathSAML, key)
	if o == nil || a.assigned(o[pk], false) == nil {
		return notFound()
	}
	return reply{status: http.StatusOK, body: Object{"metadata": a.samlMetadataOf(o), "download_url": a.samlURLs(o)["url_download_metadata"]}}
}

func (a *Authentik) samlMetadataOf(o Object) string {
	urls := a.samlURLs(o)
	issuer := fmt.Sprint(o["issuer"])
	if a.since(Release202605) {
		if issuer = fmt.Sprint(o["issuer_override"]); issuer == "" {
			issuer = urls["url_issuer"]
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="%s" entityID="%s">`, xmldsig, escape(issuer))
	text.WriteString(`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`)
	if certificate, err := certificateOf(a.find(pathKeyPairs, o["signing_kp"])); err == nil {
		fmt.Fprintf(&text, `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
			base64.StdEncoding.EncodeToString(certificate.Raw))
	}
	for _, service := range [][2]string{{"SingleLogoutService", "url_slo"}, {"SingleSignOnService", "url_sso"}} {
		for _, b := range [][2]string{{"HTTP-Redirect", "_redirect"}, {"HTTP-POST", "_post"}} {
			fmt.Fprintf(&text, `<md:%s Binding="urn:oasis:names:tc:SAML:2.0:bindings:%s" Location="%s"/>`, service[0], b[0], escape(urls[service[1]+b[1]]))
		}
	}
	text.WriteString(`</md:IDPSSODescriptor></md:EntityDescriptor>`)
	return text.String()
}

func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(text)
}

// generate makes a self-signed pair (authentik/crypto/builder.py).
func (a *Authentik) generate(c *call) reply {
	if bad := c.decode(); bad != nil {
		return *bad
	}
	name, _ := c.sent["common_name"].(string)
	days, _ := whole(c.sent["validity_days"])
	if name == "" || days < 1 {
		return reply{status: http.StatusBadRequest, body: Object{"common_name": []string{"This field is required."}}}
	}
	certificate, key, err := a.selfSigned(name, days, c.sent["alg"] == "ecdsa")
	if err != nil {
		return detail(http.StatusInternalServerError, err.Error())
	}
	o := a.kinds[pathKeyPairs].fresh()
	sent := Object{"name": name, "certificate_data": certificate, "key_data": key}
	if problems := a.set(a.kinds[pathKeyPairs], o, sent, true); problems != nil {
		return reply{status: http.StatusBadRequest, body: problems}
	}
	if err := a.insert(a.kinds[pathKeyPairs], o); err != nil {
		return detail(http.StatusBadRequest, err.Error())
	}
	return reply{status: http.StatusOK, body: a.kinds[pathKeyPairs].told(a, o)}
}

func (a *Authentik) selfSigned(name string, days int, curve bool) (certificate, key string, err error) {
	now := a.config.Now()
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(a.uuid()[:8])), Subject: pkix.Name{CommonName: name, Organization: []string{"authentik"}, OrganizationalUnit: []string{"Self-signed"}},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(0, 0, days),
	}
	var private any
	var public any
	if curve {
		k, err := ecdsa.GenerateKey(elliptic.P256(), a.config.Rand)
		if err != nil {
			return "", "", err
		}
		private, public = k, k.Public()
	} else {
		k, err := rsa.GenerateKey(a.config.Rand, 2048)
		if err != nil {
			return "", "", err
		}
		private, public = k, k.Public()
	}
	der, err := x509.CreateCertificate(a.config.Rand, template, template, public, private)
	if err != nil {
		return "", "", err
	}
	bare, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare})), nil
}
