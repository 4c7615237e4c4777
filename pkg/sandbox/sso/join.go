package sso

import (
	"net/http"
	"slices"
	"strings"
)

// enter lets somebody in whom Sentry knows, and asks all others to confirm
// (auth/helper.py handle_existing_identity, handle_unknown_identity).
func (s *sp) enter(w http.ResponseWriter, r *http.Request, a attempt) {
	s.mu.Lock()
	id, known := s.identities[a.Identity.ID]
	s.mu.Unlock()
	member, is := s.member(id)
	switch {
	case known && is && member.Inactive:
		a.Shown, a.Cause, a.Fix = "Authentication error: There was an error encountered during authentication.", "The account is deactivated.", "Activate it in Sentry's admin pages."
		s.sessions.put(w, r, visit{last: a})
		http.Redirect(w, r, s.loginPath(), http.StatusFound)
	case known && is:
		s.sessions.put(w, r, visit{last: a, member: id, how: "Sentry knew this identity."})
		http.Redirect(w, r, s.orgPath(), http.StatusFound)
	default:
		// An identity goes with its member: SCIM deletes both.
		s.mu.Lock()
		delete(s.identities, a.Identity.ID)
		s.mu.Unlock()
		s.sessions.put(w, r, visit{last: a, pending: a.Identity})
		http.Redirect(w, r, "/auth/sso/", http.StatusFound)
	}
}

// confirm asks somebody new whether to link their account, or make one.
func (s *sp) confirm(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.get(r)
	if v.pending == (Identity{}) {
		http.Redirect(w, r, s.loginPath(), http.StatusSeeOther)
		return
	}
	exists := s.hasAccount(v.pending.Email)
	title := "Create an account"
	if exists {
		title = "Link your account"
	}
	s.pages.show(w, http.StatusOK, "confirm", page{Title: title, Body: map[string]any{
		"Identity": v.pending, "Exists": exists, "Last": v.last,
	}})
}

func (s *sp) confirmed(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.get(r)
	if v.pending == (Identity{}) {
		http.Redirect(w, r, s.loginPath(), http.StatusSeeOther)
		return
	}
	how := s.howJoined(v.pending.Email)
	id := s.config.Org.Join(v.pending.Email)
	s.mu.Lock()
	s.identities[v.pending.ID] = id
	s.accounts[strings.ToLower(v.pending.Email)] = true
	s.mu.Unlock()
	s.sessions.put(w, r, visit{last: v.last, member: id, how: how})
	http.Redirect(w, r, s.orgPath(), http.StatusSeeOther)
}

// hasAccount tells whether Sentry has an account with an address, be it a
// member's or one that was a member's.
func (s *sp) hasAccount(email string) bool {
	s.mu.Lock()
	was := s.accounts[strings.ToLower(email)]
	s.mu.Unlock()
	return was || slices.ContainsFunc(s.config.Org.Members(), func(m Member) bool { return m.Linked && m.has(email) })
}

func (s *sp) howJoined(email string) string {
	members := s.config.Org.Members()
	is := func(linked bool) bool {
		return slices.ContainsFunc(members, func(m Member) bool { return m.Linked == linked && !m.Requested && m.has(email) })
	}
	switch {
	case is(true):
		return "The account was linked; it was a member already."
	case is(false):
		return "The invitation was accepted: member, role and teams stay as they were."
	default:
		return "A new member was made, with the default role and no team."
	}
}

func (s *sp) member(id string) (Member, bool) {
	for _, m := range s.config.Org.Members() {
		if m.ID == id && id != "" {
			return m, true
		}
	}
	return Member{}, false
}

// account is where somebody lands who got in.
func (s *sp) account(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.get(r)
	member, ok := s.member(v.member)
	if !ok {
		http.Redirect(w, r, s.loginPath(), http.StatusSeeOther)
		return
	}
	var teams []string
	for _, t := range s.config.Org.Teams() {
		if slices.Contains(t.Members, member.ID) {
			teams = append(teams, "#"+t.Slug)
		}
	}
	s.pages.show(w, http.StatusOK, "account", page{Title: "Signed in to " + s.config.Org.Slug, Body: map[string]any{
		"Member": member, "Teams": teams, "How": v.how, "Last": v.last, "Org": s.config.Org.Slug,
	}})
}

// logout ends Sentry's session alone; Sentry begins no single logout.
func (s *sp) logout(w http.ResponseWriter, r *http.Request) {
	s.sessions.drop(w, r)
	http.Redirect(w, r, s.loginPath(), http.StatusSeeOther)
}
