package sandbox

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxEmail = 75

// The parts of Django's EmailValidator.
var (
	emailAtoms  = lazily("^[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(\\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*$")
	emailQuoted = lazily(`^"([\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"$`)
	emailDomain = lazily(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+[A-Za-z0-9]$`)
)

// emailField reads an address as AllowedEmailField(max_length=75) of
// core/endpoints/organization_member_index.py does: spaces around it go, its
// case stays. Two validators look at its form, so a malformed one is refused
// twice; the second alone refuses qq.com, but not what is below it (conf/server.py
// INVALID_EMAIL_ADDRESS_PATTERN).
func emailField(value any) (string, []string) {
	email, problems := charField(value)
	if len(problems) > 0 {
		return "", problems
	}
	if utf8.RuneCountInString(email) > maxEmail {
		problems = append(problems, tooLong(maxEmail))
	}
	switch {
	case !wellFormedEmail(email):
		problems = append(problems, msgBadEmail, msgBadEmail)
	case strings.HasSuffix(strings.ToLower(email), "@qq.com"):
		problems = append(problems, msgBadEmail)
	}
	return email, problems
}

func wellFormedEmail(email string) bool {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return false
	}
	local, domain := email[:at], email[at+1:]
	if !emailAtoms().MatchString(local) && !emailQuoted().MatchString(local) {
		return false
	}
	domain = strings.Map(asciiLetter, domain)
	if domain == "localhost" || isDomain(domain) {
		return true
	}
	literal, ok := strings.CutPrefix(domain, "[")
	if !ok {
		return false
	}
	literal, ok = strings.CutSuffix(literal, "]")
	_, err := netip.ParseAddr(literal)
	return ok && err == nil
}

func isDomain(domain string) bool {
	const maxLabel = 63
	tooLong := slices.ContainsFunc(strings.Split(domain, "."), func(label string) bool { return len(label) > maxLabel })
	return !tooLong && emailDomain().MatchString(domain)
}

// asciiLetter stands for the Punycode in which Django looks at a domain: a
// letter of any alphabet counts as one.
func asciiLetter(r rune) rune {
	if r > unicode.MaxASCII && unicode.IsLetter(r) {
		return 'a'
	}
	return r
}
