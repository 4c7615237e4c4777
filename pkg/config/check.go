package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// validate says what is wrong with a value that has the right type already.
func (s Setting) validate(value any) error {
	switch v := value.(type) {
	case int:
		return s.validateNumber(v)
	case []Role:
		for _, rule := range v {
			if err := sentry.CheckRole(rule.Role); err != nil {
				return err
			}
		}
	case []TeamName:
		return oneNameEach(v)
	case []TeamRole:
		return checkTeamRoles(v)
	case []TeamProjects:
		return checkProjects(v)
	case []string:
		for _, entry := range v {
			if err := s.validateText(entry); err != nil {
				return err
			}
		}
	case string:
		return s.validateText(v)
	}
	return nil
}

func (s Setting) validateNumber(n int) error {
	switch {
	case s.Most > 0 && (n < s.Least || n > s.Most):
		return fmt.Errorf("want a number from %d to %d, found %d", s.Least, s.Most, n)
	case n < s.Least:
		return fmt.Errorf("want a number from %d, found %d", s.Least, n)
	}
	return nil
}

func oneNameEach(names []TeamName) error {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name.Group] {
			return fmt.Errorf("gives the group %s two names, want one", quoted(name.Group))
		}
		seen[name.Group] = true
	}
	return nil
}

// validateText takes an empty text for "not set", which a setting with a default
// cannot be.
func (s Setting) validateText(text string) error {
	switch {
	case text == "" && s.Default != "":
		return fmt.Errorf("want a value, found an empty text: leave the setting out for the default %v", s.Default)
	case text == "":
		return nil
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		near := ""
		if word := nearest.Word(text, s.Enum); word != "" {
			near = ", did you mean " + word + "?"
		}
		return errors.New("want one of " + strings.Join(s.Enum, ", ") + ", found " + quoted(text) + near)
	case s.check != nil:
		return s.check(text)
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("want a text without control characters, found " + quoted(text))
	}
	return nil
}

// checkURL does not repeat the text, which may hold credentials.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("want a URL that begins with https://")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("want a URL without credentials, query and fragment")
	}
	return nil
}

var hostName = pattern.New(`^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$`)

// checkHost accepts a host name or an IP address without port.
func checkHost(text string) error {
	if _, err := netip.ParseAddr(text); err != nil && !hostName().MatchString(text) {
		return errors.New("must be a host name or an IP address without scheme and port, such as sentry.internal, but found " + quoted(text))
	}
	return nil
}

var amount = pattern.New(`^([0-9]{1,9}|([0-9]{1,2}(\.[0-9]+)?|100)%)$`)

func checkAmount(text string) error {
	if !amount().MatchString(text) {
		return errors.New(`want a number or a percentage such as "10%", found ` + quoted(text))
	}
	return nil
}

var slug = pattern.New(`^[a-zA-Z0-9_-]+$`)

const maxSlug = 200

// checkSlug holds authentik's rule, which is Django's validate_slug
// (authentik, core/models.py Application).
func checkSlug(text string) error {
	if len(text) > maxSlug || !slug().MatchString(text) {
		return errors.New("want a slug of letters, digits, - and _, found " + quoted(text))
	}
	return nil
}
