package sso

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/beevik/etree"
)

const (
	homePath = "/rehearsal/"
	// maxAttempts is how many logins the first page remembers.
	maxAttempts = 20
)

// sp is Sentry's side.
type sp struct {
	*Rehearsal

	sessions *sessions[visit]

	mu         sync.Mutex
	identities map[string]string // members by what the mapping calls identifier
	accounts   map[string]bool   // e-mail addresses, in lower case, of accounts that came this way
	attempts   []attempt         // newest first
}

// visit is what Sentry remembers of a browser.
type visit struct {
	last    attempt  // the last response
	pending Identity // who has to confirm before they are let in
	member  string   // id of the member that is logged in
	how     string   // how they came to be a member
}

func newSP(r *Rehearsal) *sp {
	return &sp{Rehearsal: r, sessions: newSessions[visit]("sandbox_sentry"), identities: map[string]string{}, accounts: map[string]bool{}}
}

func (s *sp) loginPath() string { return "/auth/login/" + s.config.Org.Slug + "/" }
func (s *sp) orgPath() string   { return "/organizations/" + s.config.Org.Slug + "/" }

func (s *sp) handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, homePath, http.StatusSeeOther) })
	mux.HandleFunc("GET /sandbox.css", s.pages.stylesheet)
	mux.HandleFunc("GET "+s.loginPath()+"{$}", s.login)
	mux.HandleFunc("POST "+s.loginPath()+"{$}", s.begin)
	mux.HandleFunc("GET /auth/login/{$}", s.nobody)
	mux.HandleFunc("POST /saml/acs/{org}/{$}", s.acs)
	mux.HandleFunc("/saml/sls/{org}/{$}", s.sls)
	mux.HandleFunc("GET /auth/sso/{$}", s.confirm)
	mux.HandleFunc("POST /auth/sso/{$}", s.confirmed)
	mux.HandleFunc("POST /auth/logout/{$}", s.logout)
	mux.HandleFunc("GET "+s.orgPath()+"{$}", s.account)
	mux.HandleFunc("GET "+homePath+"{$}", s.home)
	mux.HandleFunc("GET "+homePath+"members/{$}", s.members)
	mux.HandleFunc("GET "+homePath+"teams/{$}", s.teams)
	mux.HandleFunc("GET "+homePath+"requests/{$}", s.requests)
	mux.HandleFunc("GET "+homePath+"plan/{$}", s.plan)
	mux.HandleFunc("GET "+homePath+"faults/{$}", s.showFaults)
	mux.HandleFunc("POST "+homePath+"faults/{$}", s.switchFaults)
	return s.pages.guard(mux, next, s.config.SentryURL, "POST /saml/acs/")
}

// login is Sentry's login page of an organization, where the message of a
// failed login appears.
func (s *sp) login(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.get(r)
	s.pages.show(w, http.StatusOK, "login", page{Title: "Sign in to " + s.config.Org.Slug, Body: map[string]any{
		"Org": s.config.Org.Slug, "Action": s.loginPath(), "Message": v.last.Shown, "Last": v.last, "Faults": s.switchedOn(),
	}})
}

// begin sends the browser to the identity provider, with an AuthnRequest.
func (s *sp) begin(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.idp.provider(); !ok || s.unprovided() {
		s.unconfigured(w, r)
		return
	}
	target, err := redirectURL(s.config.IDPURL+idpBase, "SAMLRequest", s.authnRequest(), s.config.SentryURL+s.loginPath())
	if err != nil {
		s.serverError(w, err.Error(), attempt{})
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// unprovided tells whether Sentry has no SAML provider of its own.
func (s *sp) unprovided() bool {
	return slices.ContainsFunc([]string{"no-provider", "other-provider", "sso-disabled"}, s.config.Faults.IsOn)
}

// unconfigured sends the browser back: Sentry was never given any metadata.
func (s *sp) unconfigured(w http.ResponseWriter, r *http.Request) {
	s.sessions.put(w, r, visit{last: refusedFor(s.config.Now(), noProvider, unconfigured, configureByTool)})
	http.Redirect(w, r, s.loginPath(), http.StatusFound)
}

// authnRequest is what python3-saml writes with Sentry's settings.
func (s *sp) authnRequest() *etree.Element {
	el := etree.NewElement("samlp:AuthnRequest")
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("ID", newRequestID())
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("IssueInstant", s.config.Now().UTC().Format(timeFormat))
	el.CreateAttr("Destination", s.config.IDPURL+idpBase)
	el.CreateAttr("ProtocolBinding", bindingPOST)
	el.CreateAttr("AssertionConsumerServiceURL", s.config.acsURL())
	el.CreateElement("saml:Issuer").SetText(s.config.spEntityID())
	policy := el.CreateElement("samlp:NameIDPolicy")
	policy.CreateAttr("Format", formatUnspecified)
	policy.CreateAttr("AllowCreate", "true")
	return el
}

// newRequestID is an ID as python3-saml makes them.
func newRequestID() string { return "ONELOGIN_" + strings.ToLower(rand.Text()) }

// noProvider is for an organization that does not exist or has no SAML.
const noProvider = "The organization does not exist or does not have SAML SSO enabled."

func (s *sp) nobody(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.get(r)
	s.pages.show(w, http.StatusOK, "login", page{Title: "Sign in to Sentry", Body: map[string]any{
		"Org": s.config.Org.Slug, "Action": s.loginPath(), "Message": v.last.Shown, "Last": v.last, "Faults": s.switchedOn(),
	}})
}

// acs takes the response, whether Sentry asked for it or not.
func (s *sp) acs(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("org") != s.config.Org.Slug {
		s.sessions.put(w, r, visit{last: refusedFor(s.config.Now(), noProvider,
			"The slug in the ACS URL is not that of the organization.", "Set the ACS URL to "+s.config.acsURL())})
		http.Redirect(w, r, "/auth/login/", http.StatusFound)
		return
	}
	posted := r.PostFormValue("SAMLResponse")
	if posted == "" {
		s.serverError(w, "SAML Response not found, Only supported HTTP_POST Binding", attempt{})
		return
	}
	provider, ok := s.idp.provider()
	if !ok || s.unprovided() {
		s.unconfigured(w, r)
		return
	}
	now := s.sentryNow()
	a := attemptOf(now, readable(posted), s.config.Judge(Login{SAMLResponse: posted, Metadata: provider.Metadata, At: now}))
	s.remember(a)
	switch {
	case a.ServerError:
		s.serverError(w, a.Shown, a)
	case a.Shown != "":
		s.sessions.put(w, r, visit{last: a})
		http.Redirect(w, r, s.loginPath(), http.StatusFound)
	default:
		s.enter(w, r, a)
	}
}

func (s *sp) remember(a attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = append([]attempt{a}, s.attempts...)
	s.attempts = s.attempts[:min(len(s.attempts), maxAttempts)]
}

// serverError is Sentry's page for what it does not catch.
func (s *sp) serverError(w http.ResponseWriter, reason string, a attempt) {
	s.pages.show(w, http.StatusInternalServerError, "problem", page{Title: "Internal Server Error", Body: map[string]any{
		"Reason": reason, "Last": a, "Login": s.loginPath(),
	}})
}
