package config

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// validate says what is wrong with a value that has the right type already.
func (s Setting) validate(value any) error {
	if n, ok := value.(int); ok && n < 0 {
		return errors.New("want a number from 0, found " + strconv.Itoa(n))
	}
	text, ok := value.(string)
	if !ok || text == "" {
		return nil
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return errors.New("want one of " + strings.Join(s.Enum, ", ") + ", found " + strconv.Quote(text))
	}
	if s.check != nil {
		return s.check(text)
	}
	return nil
}

// checkURL does not repeat the text, which may hold credentials.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("want a URL that begins with https://")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("want a URL without credentials, query and fragment")
	}
	return nil
}

var amount = regexp.MustCompile(`^([0-9]{1,9}|([0-9]{1,2}(\.[0-9]+)?|100)%)$`)

func checkAmount(text string) error {
	if !amount.MatchString(text) {
		return errors.New(`want a number or a percentage such as "10%", found ` + strconv.Quote(text))
	}
	return nil
}
