package sandbox

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Sentry's limits on teams (core/endpoints/organization_teams.py).
const (
	maxSlug = 50
	maxName = 64
)

var (
	slugDropped = lazily(`[^a-z0-9_\s\v\x1c-\x1f-]`)
	slugJoined  = lazily(`[-\s\v\x1c-\x1f]+`)
	slugDigits  = lazily(`^[0-9]+$`)
	slugLetters = lazily(`^[a-z0-9_-]+$`)
)

// slugify is Django's django.utils.text.slugify, by which SCIM makes a team's
// slug from its name. What NFKD cannot write in ASCII is lost, so the result
// may be empty.
func slugify(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r > 127 {
			return -1
		}
		return r
	}, norm.NFKD.String(name))
	kept := slugDropped().ReplaceAllString(strings.ToLower(ascii), "")
	return strings.Trim(slugJoined().ReplaceAllString(kept, "-"), "-_")
}

// validSlug is Sentry's rule for slugs, without the limit on their length.
func validSlug(slug string) bool {
	return slugLetters().MatchString(slug) && !slugDigits().MatchString(slug)
}

// slugProblems are the field errors that Sentry answers with for a slug.
func slugProblems(slug string) []string {
	if slug == "" {
		return []string{msgBlank}
	}
	var problems []string
	if len(slug) > maxSlug {
		problems = append(problems, tooLong(maxSlug))
	}
	if !validSlug(slug) {
		problems = append(problems, "Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric.")
	}
	return problems
}
