package sentry

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Slug is the name of an organization in URLs.
type Slug string

// The greatest lengths, in characters, of a slug and of a team's name
// (Sentry, DEFAULT_SLUG_MAX_LENGTH and models/team.py).
const (
	maxSlug     = 50
	maxTeamName = 64
)

var (
	slugCharacters = pattern.New(`^[a-z0-9_-]+$`)
	separators     = pattern.New(`[- ]+`)
)

// ParseSlug checks an organization's slug as Sentry does: lower case letters,
// digits, - and _, at most 50, not digits alone
// (Sentry, utils/validators: ^(?![0-9]+$)[a-z0-9_\-]+$). Errors are fault.Usage
// and suggest a slug.
func ParseSlug(raw string) (Slug, error) {
	problem := slugProblem(raw)
	if problem == "" {
		return Slug(raw), nil
	}
	err := fault.Usagef("the organization slug %q %s", raw, problem)
	if near := TeamSlug(raw); slugProblem(near) == "" {
		return "", fault.Hint(err, "did you mean %s? The slug is in the address bar: https://sentry.io/organizations/<slug>/", near)
	}
	return "", fault.Hint(err, "a slug has lower case letters, digits, - and _, and is not digits alone")
}

func slugProblem(slug string) string {
	switch {
	case slug == "":
		return "is empty"
	case !slugCharacters().MatchString(slug):
		return "has characters other than lower case letters, digits, - and _"
	case strings.Trim(slug, "0123456789") == "":
		return "is digits alone"
	case len(slug) > maxSlug:
		return fmt.Sprintf("has %d characters, Sentry takes %d", len(slug), maxSlug)
	}
	return ""
}

// TeamSlug is the slug that Sentry makes of a team's name: Django's slugify
// (core/endpoints/scim/teams.py). It is empty where nothing of the name is left.
func TeamSlug(name string) string {
	ascii := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		case r == ' ', r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x1f: // what Python's \s means in ASCII
			return ' '
		}
		return -1
	}, norm.NFKD.String(name))
	return strings.Trim(separators().ReplaceAllString(ascii, "-"), "-_")
}

// TeamSlugOf returns the slug of a team's name, or why Sentry cannot have such a
// team.
func TeamSlugOf(name string) (string, error) {
	slug := TeamSlug(name)
	if n := utf8.RuneCountInString(name); n > maxTeamName {
		return "", fmt.Errorf("the group %q has a name of %d characters, Sentry takes %d", name, n, maxTeamName)
	}
	if slug == "" {
		return "", fmt.Errorf("nothing of the group's name %q can be a slug: it needs Latin letters", name)
	}
	if problem := slugProblem(slug); problem != "" {
		return "", fmt.Errorf("the slug %q of the group %q %s", slug, name, problem)
	}
	return slug, nil
}
