package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// maxEmail is the greatest length of an address in Sentry, in characters
// (core/endpoints/organization_member_index.py, AllowedEmailField).
const maxEmail = 75

// The parts of an address that Django's EmailValidator (core/validators.py)
// takes. It looks at the Punycode of a domain.
var (
	localPart  = pattern.New("^[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(\\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*$")
	domainPart = pattern.New(`^(localhost|\[[0-9A-Fa-f.:]+\]|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+[a-z0-9])$`)
)

// EmailProblem says why Sentry cannot hold a person with this address, or
// nothing. It refuses what Sentry would refuse, and the characters that its
// filters cannot carry: an address that cannot be looked up cannot be managed.
func EmailProblem(email string) string {
	at := strings.LastIndexByte(email, '@')
	switch {
	case email == "":
		return "has no e-mail"
	case utf8.RuneCountInString(email) > maxEmail:
		return fmt.Sprintf("the e-mail has %d characters, Sentry takes %d", utf8.RuneCountInString(email), maxEmail)
	case strings.ContainsAny(email, `,"\ `):
		return `the e-mail has a comma, quote, backslash or space, which Sentry's SCIM filter cannot carry`
	case at < 1 || strings.Count(email, "@") != 1:
		return "the e-mail is no address"
	case !localPart().MatchString(email[:at]):
		return "the e-mail has characters before the @ that Sentry does not take"
	case !isDomain(strings.Map(folded, email[at+1:])):
		return "the e-mail has no domain that Sentry takes"
	}
	return ""
}

// furtherEmails are the others that Sentry could hold, without the spaces around
// them, each once and without email.
func furtherEmails(email string, others []string) []string {
	var good []string
	for _, other := range others {
		if other = strings.TrimSpace(other); EmailProblem(other) == "" {
			good = append(good, other)
		}
	}
	return directory.FurtherEmails(email, good)
}

// maxLabel is the greatest length of a part of a domain (RFC 1035, 2.3.4).
const maxLabel = 63

func isDomain(domain string) bool {
	tooLong := slices.ContainsFunc(strings.Split(domain, "."), func(label string) bool { return len(label) > maxLabel })
	return !tooLong && domainPart().MatchString(domain)
}

// folded stands for Punycode: a letter, digit or mark of any alphabet is one.
func folded(r rune) rune {
	if r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) {
		return 'a'
	}
	return unicode.ToLower(r)
}
