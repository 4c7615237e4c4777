package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
	if st.MemberLatencyMS < 0 || st.MemberLatencyMS > maxMemberLatency {
		return fmt.Errorf("member_latency_ms: expected 0 to %d but found %d", maxMemberLatency, st.MemberLatencyMS)
	}
	ids := map[string]string{}
	if err := st.checkMembers("members", st.Members, ids); err != nil {
		return err
	}
	if err := st.checkMembers("other_org_members", st.OtherOrgMembers, ids); err != nil {
		return err
	}
	if err := st.checkTeams(); err != nil {
		return err
	}
	if err := st.checkProjects(); err != nil {
		return err
	}
	return st.checkAudit()
}

// checkAudit holds the entries to the order in which they were written.
func (st State) checkAudit() error {
	last := int64(0)
	for i, e := range st.AuditLog {
		place := fmt.Sprintf("audit_log[%d]", i)
		if err := checkID(place+".id", e.ID); err != nil {
			return err
		}
		if id(e.ID) <= last {
			return fmt.Errorf("%s.id: expected more than %d but found %s", place, last, e.ID)
		}
		last = id(e.ID)
		if err := oneOf(place+".event", e.Event, auditEvents()...); err != nil {
			return err
		}
		if e.DateCreated == "" {
			return fmt.Errorf("%s.date_created: expected a time (RFC 3339) but found nothing", place)
		}
		if err := checkTime(place+".date_created", e.DateCreated); err != nil {
			return err
		}
	}
	return nil
}

// checkTime takes an empty text, too.
func checkTime(place, text string) error {
	if _, err := time.Parse(time.RFC3339, text); text != "" && err != nil {
		return fmt.Errorf("%s: expected a time such as 2026-09-01T12:00:00Z but found %q", place, text)
	}
	return nil
}

const maxMemberLatency = 60_000 // milliseconds

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

var decimalID = lazily(`^[1-9][0-9]{0,17}$`)

func checkID(place, text string) error {
	if !decimalID().MatchString(text) {
		return fmt.Errorf("%s: wanted a string of at most 18 digits that does not begin with 0, found %q", place, text)
	}
	return nil
}
