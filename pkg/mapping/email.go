package mapping

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxEmail is the greatest length of an address in Sentry, in characters
// (core/endpoints/organization_member_index.py, AllowedEmailField).
const maxEmail = 75

// emailProblem says why Sentry cannot hold a person with this address, or
// nothing. It refuses what Sentry would refuse, and the characters that its
// filters cannot carry: an address that cannot be looked up cannot be managed.
func emailProblem(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	switch {
	case email == "":
		return "has no e-mail"
	case utf8.RuneCountInString(email) > maxEmail:
		return fmt.Sprintf("the e-mail has %d characters, Sentry takes %d", utf8.RuneCountInString(email), maxEmail)
	case local == "" || strings.Count(email, "@") != 1:
		return "the e-mail is no address"
	case strings.ContainsAny(email, `,"\ `):
		return `the e-mail has a comma, quote, backslash or space, which Sentry's SCIM filter cannot carry`
	case strings.ContainsFunc(local, func(r rune) bool { return r < '!' || r > '~' }):
		return "the e-mail has characters before the @ that Sentry does not take"
	case !strings.Contains(strings.Trim(domain, "."), ".") && domain != "localhost", strings.ContainsFunc(domain, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "the e-mail has no domain that Sentry takes"
	}
	return ""
}
