// Package setup makes a first configuration: it asks a person, has each answer
// examined against the live servers, and writes what was answered as a commented
// file. It asks through an Asker and looks through a Site, and knows neither
// terminals nor clients.
package setup

import (
	"context"
	"maps"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// The settings that are asked for.
const (
	SentryURL      = "sentry.url"
	Org            = "sentry.org"
	SentryCA       = "sentry.ca_file"
	SCIMToken      = "sentry.scim.token" //nolint:gosec // the path of a setting
	APIToken       = "sentry.api.token"
	AuthentikURL   = "authentik.url"
	AuthentikToken = "authentik.token"
	AuthentikCA    = "authentik.ca_file"
	Application    = "authentik.application"
	BindGroups     = "authentik.bind_groups"
)

// Asked are the settings that are asked for, in the order of the file.
func Asked() []string {
	return []string{SentryURL, Org, SentryCA, SCIMToken, APIToken, AuthentikURL, AuthentikToken, AuthentikCA, Application, BindGroups}
}

// Answers are what is to stand in the file.
type Answers struct {
	// Values are a string, []string or secret.Reference by the path of the setting. A
	// setting without a value is left out of the file.
	Values map[string]any
	// Typed are secrets that were typed, by the setting whose reference says where
	// they are to be stored.
	Typed map[string]secret.String
}

// AnswersOf are the answers that a configuration gives already. Defaults and
// secrets that stand in a file themselves are none.
func AnswersOf(loaded *config.Loaded) Answers {
	a := Answers{Values: map[string]any{}, Typed: map[string]secret.String{}}
	for _, path := range Asked() {
		if loaded.Origin(path).Kind == config.FromDefault {
			continue
		}
		a.set(path, loaded.Value(path))
	}
	return a
}

// Text is the answer for a setting that is a text, "" where there is none.
func (a Answers) Text(path string) string {
	text, _ := a.Values[path].(string)
	return text
}

// List is the answer for a setting that is a list.
func (a Answers) List(path string) []string {
	list, _ := a.Values[path].([]string)
	return slices.Clone(list)
}

// Reference is the answer for a setting that is a secret.
func (a Answers) Reference(path string) secret.Reference {
	reference, _ := a.Values[path].(secret.Reference)
	return reference
}

// set keeps an answer, and forgets it where it says nothing.
func (a Answers) set(path string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			value = nil
		}
	case []string:
		if len(v) == 0 {
			value = nil
		}
	case secret.Reference:
		if v.IsZero() || !v.Literal.IsZero() {
			value = nil
		}
	}
	if value == nil {
		delete(a.Values, path)
		return
	}
	a.Values[path] = value
}

// without are the answers without secrets, but for the one that is used.
func (a Answers) without(used string) Answers {
	rest := Answers{Values: maps.Clone(a.Values), Typed: a.Typed}
	for _, path := range []string{SCIMToken, APIToken, AuthentikToken} {
		if path != used {
			delete(rest.Values, path)
		}
	}
	return rest
}

// Asker puts questions to a person, and tells what was found. See ui.Terminal.
type Asker interface {
	Ask(ctx context.Context, q ui.Question) (string, error)
	Pick(ctx context.Context, q ui.Question, options []ui.Option) (string, error)
	PickMany(ctx context.Context, q ui.Question, options []ui.Option, chosen []string) ([]string, error)
	Note(format string, args ...any)
	Warn(format string, args ...any)
	Fail(err error, hints []string)
}

// Site looks at the servers that the answers name. What does not answer is found
// out, and no error; an error is an answer that cannot be used at all, or the end
// of ctx.
type Site interface {
	// Examine makes the checks of those codes.
	Examine(ctx context.Context, a Answers, codes ...string) (*doctor.Report, error)
	// Organization is the slug of the only organization of Sentry, "" where it is not
	// told.
	Organization(ctx context.Context, a Answers) (string, error)
	// Directory lists what authentik's token may see.
	Directory(ctx context.Context, a Answers) (Directory, error)
	// Secret says why the secret of a setting cannot be had, if so.
	Secret(ctx context.Context, a Answers, path string) error
	// Taken reports whether a file exists.
	Taken(path string) bool
}

// Directory is what authentik has, in the part that was read.
type Directory struct {
	Applications     []ui.Option // by slug
	Groups           []string    // names
	MoreApplications int         // that were not read
	MoreGroups       int
	Refused          int // names that no setting can hold
}
