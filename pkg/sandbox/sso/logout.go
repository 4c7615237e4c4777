package sso

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// sls takes authentik's request to log somebody out, by the Redirect binding
// alone (python3-saml auth.py process_slo, logout_request.py is_valid). Whether
// it is signed does not matter to Sentry.
func (s *sp) sls(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("SAMLRequest")
	if r.Method != http.MethodGet || text == "" {
		s.serverError(w, "SAML LogoutRequest/LogoutResponse not found. Only supported HTTP_REDIRECT Binding", attempt{})
		return
	}
	raw, err := inflate(text)
	if err != nil {
		s.serverError(w, err.Error(), attempt{})
		return
	}
	request, err := parse(raw)
	if err != nil {
		s.serverError(w, err.Error(), attempt{})
		return
	}
	if !s.validLogout(request) {
		http.Redirect(w, r, s.loginPath(), http.StatusFound)
		return
	}
	s.sessions.drop(w, r)
	target, err := redirectURL(s.config.IDPURL+idpBase, "SAMLResponse", s.logoutResponse(request), r.URL.Query().Get("RelayState"))
	if err != nil {
		s.serverError(w, err.Error(), attempt{})
		return
	}
	http.Redirect(w, r, target, http.StatusFound)
}

func (s *sp) validLogout(request *etree.Element) bool {
	end, err := ends(request)
	destination := request.SelectAttrValue("Destination", "")
	issuer := text(child(request, nsAssertion, "Issuer"))
	provider, _ := s.idp.provider()
	return err == nil && request.Tag == "LogoutRequest" && request.NamespaceURI() == nsProtocol &&
		(end.IsZero() || end.After(s.config.Now())) &&
		(destination == "" || strings.HasPrefix(normal(destination), normal(s.config.slsURL()))) &&
		(issuer == "" || issuer == provider.Issuer)
}

// ends is until when a request counts; zero: for ever.
func ends(request *etree.Element) (time.Time, error) {
	text := request.SelectAttrValue("NotOnOrAfter", "")
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(timeFormat, text) // which takes fractions of a second, too
}

// normal is an address with scheme and host in lower case.
func normal(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return u.String()
}

func (s *sp) logoutResponse(request *etree.Element) *etree.Element {
	el := etree.NewElement("samlp:LogoutResponse")
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("ID", newRequestID())
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("IssueInstant", s.config.Now().UTC().Format(timeFormat))
	el.CreateAttr("Destination", s.config.IDPURL+idpBase)
	el.CreateAttr("InResponseTo", request.SelectAttrValue("ID", ""))
	el.CreateElement("saml:Issuer").SetText(s.config.spEntityID())
	el.CreateElement("samlp:Status").CreateElement("samlp:StatusCode").CreateAttr("Value", statusSuccess)
	return el
}
