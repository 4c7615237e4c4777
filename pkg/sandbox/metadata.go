package sandbox

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// spMetadata is what python3-saml writes for Sentry's settings: no key, nothing
// signed, POST for the ACS and Redirect for the SLS.
const spMetadata = `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
                     validUntil="%s"
                     cacheDuration="PT604800S"
                     entityID="%s">
    <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
                                Location="%s" />
        <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>
        <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
                                     Location="%s"
                                     index="1" />
    </md:SPSSODescriptor>
</md:EntityDescriptor>
`

// metadata is GET /saml/metadata/ORG/ (auth/providers/saml2/provider.py). It
// works before SSO is set up, and needs no token.
func (s *Sentry) metadata(r *http.Request) reply {
	if r.URL.Path != "/saml/metadata/"+s.slug()+"/" {
		return notFoundPage()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return reply{status: http.StatusMethodNotAllowed, contentType: html, header: http.Header{"Allow": {"GET, HEAD, OPTIONS"}}}
	}
	entityID := s.absolute(r, r.URL.Path)
	undotted := s.config.Faults.IsOn("prefix-undotted") || s.config.Faults.IsOn("prefix-empty")
	if undotted || s.config.SAMLURL != nil && !s.config.SAMLURL(entityID) {
		// python3-saml refuses its settings: sp_acs_url_invalid.
		return reply{status: http.StatusInternalServerError, contentType: html, body: "<h1>Internal Server Error</h1>\n"}
	}
	until := s.now().UTC().Add(48 * time.Hour).Format("2006-01-02T15:04:05Z")
	cut := func(address string) string {
		if s.config.Faults.IsOn("sp-metadata-slash") {
			address = strings.TrimSuffix(address, "/")
		}
		return escapeXML(address)
	}
	body := fmt.Sprintf(spMetadata, until, cut(entityID), cut(s.absolute(r, "/saml/sls/"+s.slug()+"/")), cut(s.absolute(r, "/saml/acs/"+s.slug()+"/")))
	return reply{status: http.StatusOK, contentType: "text/xml", body: body}
}

func escapeXML(text string) string {
	var out bytes.Buffer
	// A bytes.Buffer takes all that is written to it.
	_ = xml.EscapeText(&out, []byte(text))
	return out.String()
}
