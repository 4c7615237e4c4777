package sso

import (
	"net/http"
	"net/url"

	"github.com/beevik/etree"
)

// message takes a message of Sentry by the Redirect binding.
func (i *idp) message(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	name := "SAMLRequest"
	if query.Has("SAMLResponse") {
		name = "SAMLResponse"
	}
	raw, err := inflate(query.Get(name))
	if err != nil {
		i.refuse(w, "The SAML message cannot be read: "+err.Error())
		return
	}
	root, err := parse(raw)
	if err != nil {
		i.refuse(w, "The SAML message cannot be read: "+err.Error())
		return
	}
	i.dispatch(w, r, root, query.Get("RelayState"))
}

// dispatch tells messages apart by their element
// (authentik/providers/saml/views/unified.py).
func (i *idp) dispatch(w http.ResponseWriter, r *http.Request, root *etree.Element, relayState string) {
	switch root.Tag {
	case "AuthnRequest":
		p, ok := i.provider()
		if acs := root.SelectAttrValue("AssertionConsumerServiceURL", p.ACSURL); ok && acs != p.ACSURL {
			i.refuse(w, "ACS URL of "+acs+" doesn't match Provider ACS URL of "+p.ACSURL+".")
			return
		}
		i.answer(w, r, root.SelectAttrValue("ID", ""), relayState)
	case "LogoutRequest":
		i.sessions.drop(w, r)
		i.pages.show(w, http.StatusOK, "loggedout", page{Title: "Logged out", IDP: true, Body: "Sentry asked for it."})
	case "LogoutResponse":
		i.pages.show(w, http.StatusOK, "loggedout", page{Title: "Logged out", IDP: true, Body: "Sentry has ended its session, too."})
	default:
		i.refuse(w, "Wanted an AuthnRequest, a LogoutRequest or a LogoutResponse, found "+root.Tag+".")
	}
}

// posted takes a message by the POST binding, and goes on as if it had come by
// the other, so that it outlasts a login.
func (i *idp) posted(w http.ResponseWriter, r *http.Request) {
	name := "SAMLRequest"
	if r.PostFormValue("SAMLResponse") != "" {
		name = "SAMLResponse"
	}
	raw, err := decodePost(r.PostFormValue(name))
	if err == nil {
		_, err = parse(raw)
	}
	if err != nil {
		i.refuse(w, "The SAML message cannot be read: "+err.Error())
		return
	}
	packed, err := deflate(raw)
	if err != nil {
		i.refuse(w, "The SAML message cannot be read: "+err.Error())
		return
	}
	query := url.Values{name: {packed}, "RelayState": {r.PostFormValue("RelayState")}}
	http.Redirect(w, r, idpBase+"?"+query.Encode(), http.StatusSeeOther)
}

// logout ends the session here and then at Sentry.
func (i *idp) logout(w http.ResponseWriter, r *http.Request) {
	person, ok := i.who(r)
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	i.sessions.drop(w, r)
	p, exists := i.provider()
	if !exists {
		i.missing(w)
		return
	}
	request, err := i.logoutRequest(p, person)
	if err != nil {
		i.refuse(w, "The LogoutRequest could not be made: "+err.Error())
		return
	}
	target, err := redirectURL(p.SLSURL, "SAMLRequest", request, "")
	if err != nil {
		i.refuse(w, "The LogoutRequest could not be made: "+err.Error())
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther) //nolint:gosec // it is the SLS URL of the provider, wherever that is
}

func (i *idp) logoutRequest(p Provider, person Person) (*etree.Element, error) {
	subject, err := p.Subject(person.Username)
	if err != nil {
		return nil, err
	}
	id, err := i.keys.newID("_")
	if err != nil {
		return nil, err
	}
	el := etree.NewElement("samlp:LogoutRequest")
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("ID", id)
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("IssueInstant", i.config.Now().UTC().Format(timeFormat))
	el.CreateAttr("Destination", p.SLSURL)
	el.CreateElement("saml:Issuer").SetText(p.Issuer)
	nameID := el.CreateElement("saml:NameID")
	nameID.CreateAttr("Format", formatUnspecified)
	nameID.SetText(subject.NameID)
	return el, nil
}
