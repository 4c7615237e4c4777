package sso

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

// idpBase is where authentik serves SAML for an application with the slug
// sentry (authentik/providers/saml/urls.py). Messages go there from 2026.5 on;
// the addresses with a binding are older, and kept.
const idpBase = "/application/saml/sentry/"

// idpLogin is where authentik asks who somebody is.
const idpLogin = "/if/flow/default-authentication-flow/"

// idp is the identity provider.
type idp struct {
	*Rehearsal

	sessions *sessions[string] // the username
}

func newIDP(r *Rehearsal) *idp {
	return &idp{Rehearsal: r, sessions: newSessions[string]("sandbox_authentik")}
}

func (i *idp) handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", i.launcher)
	mux.HandleFunc("GET /sandbox.css", i.pages.stylesheet)
	mux.HandleFunc("GET "+idpLogin+"{$}", i.identify)
	mux.HandleFunc("POST "+idpLogin+"{$}", i.identified)
	mux.HandleFunc("POST /if/session-end/sentry/{$}", i.logout)
	mux.HandleFunc("GET "+idpBase+"metadata/{$}", i.metadata)
	for _, path := range []string{"", "sso/binding/redirect/", "slo/binding/redirect/"} {
		mux.HandleFunc("GET "+idpBase+path+"{$}", i.message)
	}
	for _, path := range []string{"", "sso/binding/post/", "slo/binding/post/"} {
		mux.HandleFunc("POST "+idpBase+path+"{$}", i.posted)
	}
	for _, path := range []string{"init/", "sso/binding/init/"} {
		mux.HandleFunc("GET "+idpBase+path+"{$}", i.initiate)
	}
	return i.pages.guard(mux, next, i.config.IDPURL, "POST "+idpBase)
}

// who is the person that the browser is logged in as.
func (i *idp) who(r *http.Request) (Person, bool) { return i.person(i.sessions.get(r)) }

func (i *idp) person(username string) (Person, bool) {
	for _, p := range i.config.People {
		if p.Username == username {
			return p, true
		}
	}
	return Person{}, false
}

// initiate begins a login at the identity provider.
func (i *idp) initiate(w http.ResponseWriter, r *http.Request) { i.answer(w, r, "", "") }

// answer sends a person with a response to Sentry, once they are logged in.
func (i *idp) answer(w http.ResponseWriter, r *http.Request, inResponseTo, relayState string) {
	p, exists := i.provider()
	if !exists {
		i.missing(w)
		return
	}
	person, ok := i.who(r)
	if !ok {
		http.Redirect(w, r, idpLogin+"?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	subject, err := p.Subject(person.Username)
	if err != nil {
		i.pages.show(w, http.StatusForbidden, "refused", page{Title: "Permission denied", IDP: true, Body: "Request has been denied: " + err.Error() + "."})
		return
	}
	d := i.draft(p, subject, inResponseTo)
	i.spoil(d)
	response, err := d.build(i.keys.newID)
	if err != nil {
		i.refuse(w, "The response could not be made: "+err.Error())
		return
	}
	text, err := write(response)
	if err != nil {
		i.refuse(w, "The response could not be written: "+err.Error())
		return
	}
	if p.Redirect {
		i.redirect(w, r, p.ACSURL, response, relayState)
		return
	}
	i.pages.show(w, http.StatusOK, "post", page{Title: "Redirecting to Sentry", IDP: true, Body: map[string]any{
		"ACS": p.ACSURL, "Response": base64.StdEncoding.EncodeToString(text), "RelayState": relayState,
		"XML": indented(text), "Person": person,
	}})
}

// redirect sends a response by the Redirect binding.
func (i *idp) redirect(w http.ResponseWriter, r *http.Request, location string, response *etree.Element, relayState string) {
	target, err := redirectURL(location, "SAMLResponse", response, relayState)
	if err != nil {
		i.refuse(w, "The response could not be written: "+err.Error())
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// metadata serves what Sentry is given.
func (i *idp) metadata(w http.ResponseWriter, _ *http.Request) {
	p, ok := i.provider()
	if !ok || len(p.Metadata) == 0 {
		i.missing(w)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(p.Metadata)
}

// describe is the metadata that authentik renders
// (authentik/providers/saml/processors/metadata.py).
func (i *idp) describe() ([]byte, error) {
	el := etree.NewElement("md:EntityDescriptor")
	el.CreateAttr("xmlns:md", nsMetadata)
	el.CreateAttr("xmlns:ds", nsSignature)
	el.CreateAttr("ID", "_sentry")
	el.CreateAttr("entityID", i.MetadataURL())
	idp := el.CreateElement("md:IDPSSODescriptor")
	idp.CreateAttr("protocolSupportEnumeration", nsProtocol)
	key := idp.CreateElement("md:KeyDescriptor")
	key.CreateAttr("use", "signing")
	key.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data").CreateElement("ds:X509Certificate").
		SetText(base64.StdEncoding.EncodeToString(i.keys.current.cert.Raw))
	i.services(idp, "md:SingleLogoutService")
	for _, format := range []string{
		"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
		"urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
	} {
		idp.CreateElement("md:NameIDFormat").SetText(format)
	}
	i.services(idp, "md:SingleSignOnService")
	if err := i.keys.current.sign(el, 0); err != nil {
		return nil, err
	}
	return write(el)
}

func (i *idp) services(idp *etree.Element, tag string) {
	for _, binding := range []string{bindingRedirect, bindingPOST} {
		service := idp.CreateElement(tag)
		service.CreateAttr("Binding", binding)
		service.CreateAttr("Location", i.config.IDPURL+idpBase)
	}
}

// refuse is authentik's page for a request that it cannot serve.
func (i *idp) refuse(w http.ResponseWriter, problem string) {
	i.pages.show(w, http.StatusBadRequest, "refused", page{Title: "Bad Request", IDP: true, Body: problem})
}

// readable is a posted message as XML for people to read, or as it is.
func readable(posted string) string {
	message, err := decodePost(posted)
	if err != nil {
		return posted
	}
	return indented(message)
}

// indented is XML for people to read.
func indented(text []byte) string {
	doc := etree.NewDocument()
	if doc.ReadFromBytes(text) != nil {
		return strings.ToValidUTF8(string(text), "�")
	}
	doc.Indent(2)
	pretty, err := doc.WriteToString()
	if err != nil {
		return strings.ToValidUTF8(string(text), "�")
	}
	return pretty
}
