package sso

import (
	"net/http"
	"net/url"
	"strings"
)

// launcher is authentik's list of a person's applications.
func (i *idp) launcher(w http.ResponseWriter, r *http.Request) {
	person, ok := i.who(r)
	if !ok {
		http.Redirect(w, r, idpLogin, http.StatusSeeOther)
		return
	}
	i.pages.show(w, http.StatusOK, "library", page{Title: "My applications", IDP: true, Body: map[string]any{
		"Person": person, "Sentry": idpBase + "init/", "Home": i.HomeURL(),
	}})
}

// identify asks who somebody is. Nobody here has a password.
func (i *idp) identify(w http.ResponseWriter, r *http.Request) {
	i.pages.show(w, http.StatusOK, "identify", page{Title: "Log in to authentik", IDP: true, Body: map[string]any{
		"People": i.config.People, "Next": local(r.URL.Query().Get("next")), "Action": idpLogin,
	}})
}

func (i *idp) identified(w http.ResponseWriter, r *http.Request) {
	person, ok := i.person(r.PostFormValue("username"))
	if !ok {
		i.refuse(w, "There is nobody of this name.")
		return
	}
	i.sessions.put(w, r, person.Username)
	http.Redirect(w, r, local(r.PostFormValue("next")), http.StatusSeeOther) //nolint:gosec // local lets nothing lead elsewhere
}

// local is an address of this server, so that no link can send somebody
// elsewhere.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.ContainsAny(next, "\\\t\r\n") ||
		strings.HasPrefix(next, "//") {
		return "/"
	}
	return next
}
