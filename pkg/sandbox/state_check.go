package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// check finds the first thing that no Sentry could hold.
func (st State) check() error {
	if !validSlug(st.Org) {
		return fmt.Errorf("org: wanted a slug of lower-case letters, digits, - and _ with at least one that is no digit, found %q", st.Org)
	}
	if err := checkID("org_id", st.OrgID); err != nil {
		return err
	}
	if err := oneOf("deployment", st.Deployment, "", deploymentSelfHosted, deploymentSaaS); err != nil {
		return err
	}
	if st.Token != nil && *st.Token != tokenSCIM {
		// The value is not repeated: it may be a real token pasted by mistake.
		return fmt.Errorf("token: wanted %q or null, found another text: a state does not hold the token itself", tokenSCIM)
	}
	if err := oneOf("default_role", st.DefaultRole, st.roles()...); err != nil {
		return err
	}
	if err := st.checkRateLimit(); err != nil {
		return err
	}
	ids := map[string]string{}
	if err := st.checkMembers("members", st.Members, ids); err != nil {
		return err
	}
	if err := st.checkMembers("other_org_members", st.OtherOrgMembers, ids); err != nil {
		return err
	}
	return st.checkTeams()
}

func (st State) checkRateLimit() error {
	r := st.RateLimit
	if r == nil {
		return nil
	}
	if !st.saas() {
		return fmt.Errorf("rate_limit: wanted deployment %q with it, found %q: self-hosted Sentry limits no rates", deploymentSaaS, st.Deployment)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"limit", r.Limit}, {"window", r.Window}, {"concurrent_limit", r.ConcurrentLimit}} {
		if n.value < 0 {
			return fmt.Errorf("rate_limit.%s: wanted 0 or more, found %d", n.name, n.value)
		}
	}
	return nil
}

// checkMembers adds the ids it sees to ids; in Sentry they are unique beyond an
// organization.
func (st State) checkMembers(list string, members []Member, ids map[string]string) error {
	emails := map[string]string{}
	for i, m := range members {
		place := fmt.Sprintf("%s[%d]", list, i)
		if err := checkID(place+".id", m.ID); err != nil {
			return err
		}
		if err := once(ids, m.ID, place+".id", m.ID); err != nil {
			return err
		}
		if m.Email == "" {
			return fmt.Errorf("%s.email: wanted an address, found nothing (id %s)", place, m.ID)
		}
		// Linked members are unique by user, whose addresses ignore case;
		// invitations by the address as written.
		key := "invited " + m.Email
		if m.Linked {
			key = "linked " + strings.ToLower(m.Email)
		}
		if err := once(emails, key, place+".email", m.Email); err != nil {
			return err
		}
		if err := st.checkMemberWords(place, m); err != nil {
			return err
		}
	}
	return nil
}

func (st State) checkMemberWords(place string, m Member) error {
	if err := oneOf(place+".role", m.Role, append(st.roles(), roleOwner)...); err != nil {
		return err
	}
	if err := oneOf(place+".invite_status", m.InviteStatus, "", inviteApproved, inviteRequestedInvite, inviteRequestedJoin); err != nil {
		return err
	}
	for _, flag := range m.Flags {
		err := oneOf(place+".flags", flag, "sso:linked", "sso:invalid", "member-limit:restricted", flagProvisioned, flagRoleRestricted, flagPartnership)
		if err != nil {
			return err
		}
	}
	return nil
}

func (st State) checkTeams() error {
	known := map[string]bool{}
	for _, m := range st.Members {
		known[m.ID] = true
	}
	ids, slugs := map[string]string{}, map[string]string{}
	for i, t := range st.Teams {
		place := fmt.Sprintf("teams[%d]", i)
		if err := checkID(place+".id", t.ID); err != nil {
			return err
		}
		if err := once(ids, t.ID, place+".id", t.ID); err != nil {
			return err
		}
		if !validSlug(t.Slug) {
			return fmt.Errorf("%s.slug: wanted lower-case letters, digits, - and _ with at least one that is no digit, found %q", place, t.Slug)
		}
		if err := once(slugs, t.Slug, place+".slug", t.Slug); err != nil {
			return err
		}
		if err := oneOf(place+".status", t.Status, "", statusActive, statusPendingDeletion); err != nil {
			return err
		}
		if err := checkTeamMembers(place, t, known); err != nil {
			return err
		}
	}
	return nil
}

func checkTeamMembers(place string, t Team, known map[string]bool) error {
	seen := map[string]string{}
	for j, id := range t.Members {
		at := fmt.Sprintf("%s.members[%d]", place, j)
		if !known[id] {
			return fmt.Errorf("%s: wanted the id of a member, found %q (team %s)", at, id, t.Slug)
		}
		if err := once(seen, id, at, id); err != nil {
			return err
		}
	}
	return nil
}

func once(seen map[string]string, key, place, value string) error {
	if first, ok := seen[key]; ok {
		return fmt.Errorf("%s: wanted a value of its own, found %q as in %s", place, value, first)
	}
	seen[key] = place
	return nil
}

func oneOf(place, found string, wanted ...string) error {
	if slices.Contains(wanted, found) {
		return nil
	}
	words := slices.DeleteFunc(slices.Clone(wanted), func(w string) bool { return w == "" })
	return fmt.Errorf("%s: wanted one of %s, found %q", place, strings.Join(words, ", "), found)
}

var decimalID = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

func checkID(place, text string) error {
	if !decimalID.MatchString(text) {
		return fmt.Errorf("%s: wanted a string of at most 18 digits that does not begin with 0, found %q", place, text)
	}
	return nil
}
