package samlresponse

import (
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// placeholders are texts of guides and templates that nobody filled in:
// {recipient}, ${acs}, <your organization>, and the hosts of authentik's guides.
var placeholders = pattern.New(`\$?\{\{? *[A-Za-z_][A-Za-z_. -]*\}?\}|<[A-Za-z_][A-Za-z_. -]*>|\b(?:sentry|authentik)\.company\b|\bYOUR[-_][A-Z_-]+`)

// placeholder returns the placeholder that was left in a text, or "".
func placeholder(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	return placeholders().FindString(text)
}

// differences says how an address or a name differs from what it must be, as a
// person would put it. It is empty where only the texts as a whole tell.
func differences(saw, wanted string) []string {
	trimmed := strings.TrimSpace(saw)
	if left := placeholder(saw); left != "" {
		return []string{"the placeholder " + left + " was left in and must be replaced"}
	}
	var found []string
	if trimmed != saw {
		around := "white space stands around it"
		if strings.ContainsAny(saw, "\r\n") {
			around = "a line break stands around it, as after the document was re-formatted"
		}
		found = append(found, around)
	}
	switch {
	case trimmed == wanted:
	case trimmed+"/" == wanted:
		found = append(found, "the slash at the end is missing, and it counts")
	case trimmed == wanted+"/":
		found = append(found, "there is a slash at the end that must not be there")
	case strings.EqualFold(trimmed, wanted):
		found = append(found, "upper and lower case differ, and they count")
	default:
		found = append(found, parts(trimmed, wanted)...)
	}
	return found
}

// parts says in which parts two URLs differ.
func parts(saw, wanted string) []string {
	a, errA := url.Parse(saw)
	b, errB := url.Parse(wanted)
	if errA != nil || errB != nil || a.Host == "" || b.Host == "" {
		return nil
	}
	var found []string
	for _, p := range []struct{ name, a, b string }{
		{"scheme", strings.ToLower(a.Scheme), strings.ToLower(b.Scheme)},
		{"host", strings.ToLower(a.Hostname()), strings.ToLower(b.Hostname())},
		{"port", a.Port(), b.Port()},
		{"path", a.Path, b.Path},
	} {
		if p.a == p.b {
			continue
		}
		words := "the " + p.name + " is " + left(p.a) + " but must be " + left(p.b)
		if p.name == "path" && p.a+"/" == p.b {
			words = "the slash at the end is missing, and it counts"
		}
		found = append(found, words)
	}
	return found
}

func left(part string) string {
	if part == "" {
		return "left out"
	}
	return part
}

// setTo is the advice for an address or a name of Sentry's that the identity
// provider has otherwise.
func (j *judgement) setTo(what, saw, wanted string) string {
	fix := "set " + what + " to " + wanted
	how := differences(saw, wanted)
	if len(how) > 0 {
		fix += ": " + strings.Join(how, "; ")
	}
	if moved(saw, wanted) && !j.DefaultSP {
		fix += "; if users open Sentry at the address that the identity provider has, Sentry's own system.url-prefix is the wrong one instead"
	}
	return j.ofDefault(fix)
}

// ofDefault puts before the advice that Sentry's address is only the default.
func (j *judgement) ofDefault(fix string) string {
	if !j.DefaultSP {
		return fix
	}
	return sentry.OnlyDefault(j.SP.SentryURL, fix)
}

// moved reports whether two URLs have the same path on different servers.
func moved(saw, wanted string) bool {
	a, errA := url.Parse(strings.TrimSpace(saw))
	b, errB := url.Parse(wanted)
	return errA == nil && errB == nil && a.Host != "" && a.Path == b.Path &&
		(!strings.EqualFold(a.Host, b.Host) || !strings.EqualFold(a.Scheme, b.Scheme))
}
