package authentik

import (
	"errors"
	"fmt"
	"strings"
)

// errSkip is SkipObject: the mapping leaves the object out.
var errSkip = errors.New("SkipObject")

// errPython is what comes of an expression that is not known here.
var errPython = errors.New("the emulated authentik does not run Python, and does not know this expression")

// subject is what an expression is about: a user, who is blank in the mapping of
// a group, or a group.
type subject struct{ user, group Object }

// evaluate is what a mapping makes of a subject. Mappings are Python, which is not
// run here: the expressions of a fresh authentik are known, and those of the
// integration with Sentry. A text that differs from them by more than comments,
// quotes, last commas and blanks fails, as an expression with a mistake would.
func (a *Authentik) evaluate(mapping Object, of subject) (any, error) {
	code, _ := mapping["expression"].(string)
	run, known := a.expressions()[bare(code)]
	if !known {
		return nil, errPython
	}
	if of.user == nil {
		of.user = a.kinds[pathUsers].fresh()
	}
	return run(of)
}

// bare is an expression without comments and blanks, with one kind of quotes and
// no comma at the end of a list.
func bare(code string) string {
	var out strings.Builder
	for line := range strings.Lines(code) {
		line, _, _ = strings.Cut(line, "#")
		out.WriteString(strings.Join(strings.Fields(line), ""))
	}
	return strings.NewReplacer("'", `"`, ",}", "}", ",]", "]", ",)", ")").Replace(out.String())
}

// The expressions that are known. Those of a fresh authentik stand for
// blueprints/system/providers-scim.yaml and providers-saml.yaml.
const (
	codeSentry = `email = request.user.email
if not email:
    raise SkipObject
formatted = request.user.name
given, space, family = formatted.partition(" ")
if not space:
    family, formatted = " ", formatted + " "
return {
    "userName": email,
    "name": {"formatted": formatted, "givenName": given, "familyName": family},
    "active": request.user.is_active,
    "emails": [{"value": email, "type": "work", "primary": True}],
}`
	codeUser = `given_name, _, family_name = request.user.name.partition(" ")
emails = []
if request.user.email != "":
    emails = [{"value": request.user.email, "type": "other", "primary": True}]
return {
    "userName": request.user.username,
    "name": {"formatted": request.user.name, "givenName": given_name, "familyName": family_name},
    "displayName": request.user.name,
    "active": request.user.is_active,
    "emails": emails,
}`
	codeGroup    = `return {"displayName": group.name}`
	codeUPN      = `return request.user.attributes.get("upn", request.user.email)`
	codeName     = `return request.user.name`
	codeEmail    = `return request.user.email`
	codeUsername = `return request.user.username`
	codeUID      = `return request.user.pk`
	codeGroups   = `return [group.name for group in request.user.groups.all()]`
)

// expressions are what is known of Python, by the bare expression.
func (a *Authentik) expressions() map[string]func(subject) (any, error) {
	field := func(name string) func(subject) (any, error) {
		return func(of subject) (any, error) { return of.user[name], nil }
	}
	return map[string]func(subject) (any, error){
		bare(codeSentry):   sentryUser,
		bare(codeGuide):    sentryUser,
		bare(codeUser):     defaultUser,
		bare(codeGroup):    defaultGroup,
		bare(codeName):     field("name"),
		bare(codeEmail):    field("email"),
		bare(codeUsername): field("username"),
		bare(codeUID):      field(pk),
		bare(codeUPN): func(of subject) (any, error) {
			attributes, _ := of.user["attributes"].(Object)
			if upn, set := attributes["upn"]; set {
				return upn, nil
			}
			return of.user["email"], nil
		},
		bare(codeGroups): func(of subject) (any, error) { return a.groupNames(of.user), nil },
	}
}

func (a *Authentik) groupNames(user Object) []any {
	names := []any{}
	in, _ := user["groups"].([]any)
	for _, key := range in {
		names = append(names, a.find(pathGroups, key)["name"])
	}
	return names
}

// sentryUser is the integration's mapping: who has no e-mail is left out, and a
// name without a space has one for a family name, as Sentry wants both.
func sentryUser(of subject) (any, error) {
	email, name := fmt.Sprint(of.user["email"]), fmt.Sprint(of.user["name"])
	if email == "" {
		return nil, errSkip
	}
	given, family, spaced := strings.Cut(name, " ")
	if !spaced {
		family, name = " ", name+" "
	}
	return Object{
		"userName": email, "active": of.user["is_active"],
		"name":   Object{"formatted": name, "givenName": given, "familyName": family},
		"emails": []any{Object{"value": email, "type": "work", "primary": true}},
	}, nil
}

// defaultUser is authentik's own mapping.
func defaultUser(of subject) (any, error) {
	email, name := fmt.Sprint(of.user["email"]), fmt.Sprint(of.user["name"])
	given, family, _ := strings.Cut(name, " ")
	emails := []any{}
	if email != "" {
		emails = append(emails, Object{"value": email, "type": "other", "primary": true})
	}
	return Object{
		"userName": of.user["username"], "displayName": name, "active": of.user["is_active"], "emails": emails,
		"name": Object{"formatted": name, "givenName": given, "familyName": family},
	}, nil
}

func defaultGroup(of subject) (any, error) {
	if of.group == nil {
		return nil, errors.New("NameError: name 'group' is not defined")
	}
	return Object{"displayName": of.group["name"]}, nil
}
