package sso

import (
	"net/http"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// switched is a fault as its page shows it.
type switched struct {
	faults.Fault

	On bool
}

// side is a part of the page of faults.
type side struct {
	Name   string
	Faults []switched
}

func (r *Rehearsal) switches() []switched {
	var all []switched
	for _, f := range r.config.Faults.All() {
		all = append(all, switched{f, r.config.Faults.IsOn(f.ID)})
	}
	return all
}

func (r *Rehearsal) switchedOn() []switched {
	return slices.DeleteFunc(r.switches(), func(s switched) bool { return !s.On })
}

// sides are the faults by where they are wrong.
func (r *Rehearsal) sides() []side {
	var all []side
	for _, of := range [][2]string{{faults.Login, "At the next login"}, {faults.Authentik, "At authentik"}, {faults.Sentry, "At Sentry"}} {
		some := slices.DeleteFunc(r.switches(), func(s switched) bool { return s.Side != of[0] })
		if len(some) > 0 {
			all = append(all, side{of[1], some})
		}
	}
	return all
}

// home says what this is, and how the last logins went.
func (s *sp) home(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	attempts := slices.Clone(s.attempts)
	s.mu.Unlock()
	provider, ok := s.idp.provider()
	missing := ""
	if !ok {
		missing = unconfigured + " " + configureByTool
	}
	s.pages.show(w, http.StatusOK, "home", page{Title: "Rehearsal", Body: map[string]any{
		"Unconfigured": missing, "Issuer": provider.Issuer,
		"Org": s.config.Org.Slug, "Login": s.loginPath(), "IdP": s.config.IDPURL, "Metadata": s.MetadataURL(),
		"SPMetadata": s.config.spEntityID(), "ACS": s.config.acsURL(), "SLS": s.config.slsURL(),
		"Faults": s.switchedOn(), "Attempts": attempts,
	}})
}

// shownMember is a member with the names of their teams.
type shownMember struct {
	Member

	Teams []string
}

func (s *sp) members(w http.ResponseWriter, _ *http.Request) {
	teams := s.config.Org.Teams()
	var members []shownMember
	for _, m := range s.config.Org.Members() {
		shown := shownMember{Member: m}
		for _, t := range teams {
			if slices.Contains(t.Members, m.ID) {
				shown.Teams = append(shown.Teams, "#"+t.Slug)
			}
		}
		members = append(members, shown)
	}
	s.pages.show(w, http.StatusOK, "members", page{Title: "Members of " + s.config.Org.Slug, Body: members})
}

func (s *sp) teams(w http.ResponseWriter, _ *http.Request) {
	emails := map[string]string{}
	for _, m := range s.config.Org.Members() {
		emails[m.ID] = m.Address()
	}
	teams := s.config.Org.Teams()
	for i := range teams {
		members := make([]string, 0, len(teams[i].Members))
		for _, id := range teams[i].Members {
			members = append(members, emails[id])
		}
		slices.Sort(members)
		teams[i].Members = members
	}
	s.pages.show(w, http.StatusOK, "teams", page{Title: "Teams of " + s.config.Org.Slug, Body: teams})
}

// maxRequests is how many requests a page shows.
const maxRequests = 200

func (s *sp) requests(w http.ResponseWriter, _ *http.Request) {
	requests := slices.Clone(s.config.Org.Requests())
	requests = requests[max(0, len(requests)-maxRequests):]
	slices.Reverse(requests)
	s.pages.show(w, http.StatusOK, "requests", page{Title: "Requests to the API", Body: requests})
}

// shownPlan is what a push would change, or why that is not known.
type shownPlan struct {
	Org     string
	Changes []string
	Problem string
}

func (s *sp) plan(w http.ResponseWriter, r *http.Request) {
	shown := shownPlan{Org: s.config.Org.Slug, Problem: "there is no directory here"}
	if s.config.Org.Plan != nil {
		changes, err := s.config.Org.Plan(r.Context())
		shown.Changes, shown.Problem = changes, ""
		if err != nil {
			shown.Problem = err.Error()
		}
	}
	s.pages.show(w, http.StatusOK, "plan", page{Title: "What a push would change", Body: shown})
}

func (s *sp) showFaults(w http.ResponseWriter, _ *http.Request) { s.faultsPage(w, "") }

func (s *sp) faultsPage(w http.ResponseWriter, problem string) {
	s.pages.show(w, http.StatusOK, "faults", page{Title: "Faults", Body: map[string]any{
		"Sides": s.sides(), "Login": s.loginPath(), "On": len(s.switchedOn()), "Problem": problem,
	}})
}

// switchFaults takes the form. Names that are not known are left out.
func (s *sp) switchFaults(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "expected a form: "+err.Error(), http.StatusBadRequest)
		return
	}
	var wanted []string
	for _, f := range s.config.Faults.All() {
		if slices.Contains(r.PostForm["fault"], f.ID) {
			wanted = append(wanted, f.ID)
		}
	}
	if err := s.config.Faults.Set(wanted); err != nil {
		s.faultsPage(w, err.Error())
		return
	}
	http.Redirect(w, r, homePath+"faults/", http.StatusSeeOther)
}
