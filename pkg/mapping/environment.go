package mapping

import (
	"reflect"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// personEnvironment is what expressions about a person see.
type personEnvironment struct {
	User user `expr:"user"`
}

// user is a person. There is no field for anything that is secret, because the
// directory has none.
type user struct {
	Username   string         `expr:"username"`
	Email      string         `expr:"email"`
	Emails     []string       `expr:"emails"`
	Name       string         `expr:"name"`
	Active     bool           `expr:"active"`
	Type       string         `expr:"type"`
	Groups     []string       `expr:"groups"`
	Attributes map[string]any `expr:"attributes"`
}

// groupEnvironment is what expressions about a group see.
type groupEnvironment struct {
	Group group `expr:"group"`
}

// membershipEnvironment is what expressions about a person in a group see.
type membershipEnvironment struct {
	User  user  `expr:"user"`
	Group group `expr:"group"`
}

type group struct {
	Name string `expr:"name"`
}

func environmentOf(p directory.Person) personEnvironment {
	return personEnvironment{User: user{
		Username: p.Username, Email: p.Email, Emails: append([]string{}, p.Emails...), Name: p.Name, Active: p.Active,
		Type: p.Type, Groups: p.Groups, Attributes: p.Attributes,
	}}
}

// fields are the names that may follow a variable, and the variables.
func fields(environment any) map[string][]string {
	names := map[string][]string{}
	for variable := range reflect.TypeOf(environment).Fields() {
		var inside []string
		for field := range variable.Type.Fields() {
			inside = append(inside, field.Tag.Get("expr"))
		}
		names[variable.Tag.Get("expr")] = inside
	}
	return names
}
