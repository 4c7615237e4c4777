package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
		if err := checkAddresses(place, m, emails); err != nil {
			return err
		}
		if err := st.checkMemberWords(place, m); err != nil {
			return err
		}
	}
	return nil
}

// checkAddresses adds the address it sees to emails. Linked members are unique
// by user, whose addresses ignore case, and invitations by the address as
// written. Further addresses need be unique within an account alone.
func checkAddresses(place string, m Member, emails map[string]string) error {
	if m.Placeholder {
		return checkPlaceholder(place, m)
	}
	if m.Email == "" {
		return fmt.Errorf("%s.email: wanted an address, found nothing (id %s)", place, m.ID)
	}
	key := "invited " + m.Email
	if m.Linked {
		key = "linked " + strings.ToLower(m.Email)
	}
	if err := once(emails, key, place+".email", m.Email); err != nil {
		return err
	}
	if len(m.SecondaryEmails) > 0 && !m.Linked {
		return fmt.Errorf("%s.secondary_emails: expected none for an invitation but found %q (id %s)", place, m.SecondaryEmails[0], m.ID)
	}
	own := map[string]string{strings.ToLower(m.Email): place + ".email"}
	for j, email := range m.SecondaryEmails {
		at := fmt.Sprintf("%s.secondary_emails[%d]", place, j)
		if email == "" {
			return fmt.Errorf("%s: expected an address but found nothing (id %s)", at, m.ID)
		}
		if err := once(own, strings.ToLower(email), at, email); err != nil {
			return err
		}
	}
	return nil
}

// checkPlaceholder refuses what the bare row of an invitation has not.
func checkPlaceholder(place string, m Member) error {
	for _, wrong := range []struct {
		key  string
		must string
		is   bool
	}{
		{"email", "empty or null", m.Email != ""},
		{"secondary_emails", "empty", len(m.SecondaryEmails) > 0},
		{"linked", "false", m.Linked},
		{"invite_status", inviteApproved, m.InviteStatus != "" && m.InviteStatus != inviteApproved},
	} {
		if wrong.is {
			return fmt.Errorf("%s.%s: must be %s for a placeholder (id %s)", place, wrong.key, wrong.must, m.ID)
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
	if m.Expired && m.Linked {
		return fmt.Errorf("%s.expired: must be false for a linked member (id %s)", place, m.ID)
	}
	if err := checkTime(place+".date_created", m.DateCreated); err != nil {
		return err
	}
	if m.LastActive != "" && !m.Linked {
		return fmt.Errorf("%s.last_active: must be empty for an invitation (id %s)", place, m.ID)
	}
	if err := checkTime(place+".last_active", m.LastActive); err != nil {
		return err
	}
	for _, flag := range m.Flags {
		err := oneOf(place+".flags", flag, flagSSOLinked, flagSSOInvalid, flagLimited, flagProvisioned, flagRoleRestricted, flagPartnership)
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
	return checkTeamRoles(place, t, seen)
}

// checkTeamRoles looks at the roles; seen has the ids of the team's members.
func checkTeamRoles(place string, t Team, seen map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(t.TeamRoles)) {
		if _, on := seen[id]; !on {
			return fmt.Errorf("%s.team_roles: expected ids of members of the team but found %q (team %s)", place, id, t.Slug)
		}
		if err := oneOf(place+".team_roles."+id, t.TeamRoles[id], teamRoleContributor, teamRoleAdmin); err != nil {
			return err
		}
	}
	return nil
}
