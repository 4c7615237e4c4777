package authentik

import (
	"errors"
	"fmt"
	"strings"
)

// errSkip is SkipObject: the mapping leaves the object out.
var errSkip = errors.New("SkipObject")

// evaluate gives what a SCIM mapping makes of a user. Mappings are Python, which
// is not run here: what is known is the mapping of a fresh authentik and those
// that take the e-mail for the user name, as the guide of the Sentry integration
// has it. Others fail, as an expression with a mistake would.
func evaluate(mapping, user Object) (Object, error) {
	code, _ := mapping["expression"].(string)
	email, name := fmt.Sprint(user["email"]), fmt.Sprint(user["name"])
	switch {
	case mapping["managed"] == "goauthentik.io/providers/scim/user":
		return scimUser(fmt.Sprint(user["username"]), name, email, "other", user["is_active"]), nil
	case !strings.Contains(code, "request.user.email") || !strings.Contains(code, `"userName"`):
		return nil, errors.New("the emulated authentik does not run Python, and does not know this expression")
	case email == "" && strings.Contains(code, "SkipObject"):
		return nil, errSkip
	}
	return scimUser(email, name, email, "work", user["is_active"]), nil
}

// scimUser is the user that both mappings make. A name without a space gets one,
// as the guide's does: Sentry wants a family name.
func scimUser(userName, name, email, kind string, active any) Object {
	given, family, spaced := strings.Cut(name, " ")
	formatted := name
	if !spaced {
		family, formatted = " ", name+" "
	}
	emails := []any{}
	if email != "" {
		emails = append(emails, Object{"value": email, "type": kind, "primary": true})
	}
	return Object{
		"userName": userName, "active": active, "emails": emails,
		"name": Object{"formatted": formatted, "givenName": given, "familyName": family},
	}
}
