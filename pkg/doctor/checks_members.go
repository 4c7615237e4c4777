package doctor

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// unread says why there are no members to look at, nil where there are.
func (f *facts) unread() []Result {
	err := f.people.err
	_, tooMany := errors.AsType[*sentryapi.TooManyError](err)
	switch {
	case err == nil:
		return nil
	case tooMany:
		return one(unchecked(words(err) + ": 'sentryidp scim export' reads them all").alone())
	case statusOf(err) == http.StatusForbidden:
		return one(unchecked("the token has no member:read").alone())
	default:
		return one(unchecked("the members cannot be read: " + words(err)))
	}
}

// count returns the members that are so.
func (f *facts) count(so func(sentryapi.Member) bool) (emails []string) {
	for _, m := range f.people.all {
		if so(m) {
			emails = append(emails, m.Email)
		}
	}
	return emails
}

func members(f *facts) []Result {
	if results := f.unread(); results != nil {
		return results
	}
	var found []Result
	add := func(emails []string, detail, one, many, wanted, fix string) {
		if len(emails) > 0 {
			found = append(found, warn(detail, phrase.Count(len(emails), one, many)+": "+phrase.List(emails), wanted, fix))
		}
	}
	add(f.count(func(m sentryapi.Member) bool { return m.Pending && m.Expired }), "expired", "invitation has expired", "invitations have expired",
		"none", "a login by SSO accepts them all the same; who has no SSO needs a new one: Settings > Members > Resend")
	add(f.count(func(m sentryapi.Member) bool { return m.Flags[sentryapi.FlagSSOInvalid] }), "sso-invalid", "member has an identity that is not valid any more",
		"members have identities that are not valid any more", "none", "let them log in by SSO again, and look at what the identity provider sends as the identifier")
	add(f.count(func(m sentryapi.Member) bool { return m.Flags[sentryapi.FlagLimited] }), "no-seat", "member has no seat", "members have no seats",
		"a seat for each member", "buy seats, or remove members who do not need one: Settings > Members")
	if f.provider.RequireLink {
		add(f.count(func(m sentryapi.Member) bool { return !m.Pending && !m.Flags[sentryapi.FlagSSOLinked] }), "unlinked", "member has not logged in by SSO, which is required",
			"members have not logged in by SSO, which is required", "members who are linked", "let them log in by SSO once; who is not in the identity provider cannot get in")
	}
	if f.provider.SCIM {
		add(f.count(func(m sentryapi.Member) bool {
			return m.Pending && !m.Expired && m.Role != "owner" && !m.Flags[sentryapi.FlagProvisioned]
		}), "by-hand",
			"invitation is pending that SCIM did not make", "invitations are pending that SCIM did not make", "invitations of users that the identity provider has",
			"a login by SSO accepts them; remove those that nobody knows: Settings > Members")
	}
	pending := len(f.count(func(m sentryapi.Member) bool { return m.Pending }))
	return orFine(found, fmt.Sprintf("%s, %d of them invited", phrase.Count(len(f.people.all), "member", "members"), pending))
}

// enoughOwners is how many owners there should be for an emergency.
const enoughOwners = 2

func owners(f *facts) []Result {
	if results := f.unread(); results != nil {
		return results
	}
	all := f.count(func(m sentryapi.Member) bool { return m.Role == "owner" && !m.Pending })
	saw := phrase.Count(len(all), "owner has", "owners have") + " an account: " + phrase.List(all)
	switch {
	case len(all) < enoughOwners:
		return one(warn("few", saw, "at least two owners, so that one is left if the other's account is lost", "make a second member owner: Settings > Members"))
	case f.provider.RequireLink && f.introduced() && f.config.SelfHosted:
		return one(fine(saw + "; SSO is required of them too, and 'sentry exec' is the way back in"))
	case f.provider.RequireLink:
		return one(warn("locked-out", saw+", and SSO is required of them too", "two owners who get in if the identity provider fails",
			"switch Require SSO off in Settings > Auth while SAML is changed, and keep an owner logged in").sure(Likely))
	}
	return one(fine(saw))
}

// scimRows is about invitations of Sentry's newer model (core/endpoints/
// organization_member_invite), of which SCIM alone shows that they are there.
func scimRows(f *facts) []Result {
	g := f.glance
	switch {
	case f.scimErr != nil:
		return one(unchecked("the members cannot be listed"))
	case g.Placeholders > 0:
		return one(warn("placeholder", phrase.Count(g.Placeholders, "row of SCIM has no address", "rows of SCIM have no address")+": an invitation of Sentry's newer model",
			"an address for every member", "accept or withdraw pending invitations in Settings > Members; 'sentryidp scim push' leaves such rows alone, other SCIM clients may not"))
	case g.Seen < g.Total:
		return one(fine(fmt.Sprintf("the first %d of %d have an address", g.Seen, g.Total)))
	}
	return one(fine("all have an address"))
}

// ssoLogin looks for a login that worked. Without one, nothing is known to be
// wrong.
func ssoLogin(f *facts) []Result {
	if p := f.stored(); p != nil && f.report.People != nil && f.report.People.Identities > 0 {
		return one(fine(phrase.Count(f.report.People.Identities, "account is", "accounts are") + " linked to the provider, by the report"))
	}
	if why := f.unavailable[ProbeMembers]; why != "" {
		return one(unchecked(why).alone())
	}
	if results := f.unread(); results != nil {
		return results
	}
	linked := f.count(func(m sentryapi.Member) bool { return m.Flags[sentryapi.FlagSSOLinked] })
	if len(linked) == 0 {
		r := unchecked("no member has logged in by SSO yet")
		r.Code = "nobody"
		return one(r)
	}
	return one(fine(phrase.Count(len(linked), "member has", "members have") + " logged in by SSO: " + phrase.List(linked)))
}
