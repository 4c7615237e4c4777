package guide

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Settings are the values of a guide. What is empty is not known.
type Settings struct {
	For          Audience
	Sentry       sentry.Base
	Org          sentry.Slug
	AuthentikURL string
	Application  string // slug
	MetadataURL  string // of the identity provider
	SCIMURL      string // that is set instead of the one that follows
	Attributes   *integration.Attributes
	BindGroups   []string // that may log in
	// Flags are those that a command of this program needs to have these values,
	// which is named as in "authentik apply"; nil: none.
	Flags func(command string) []string
}

// What stands for a value that is not known.
const (
	unknownOrg       = "YOUR-ORG"
	unknownAuthentik = "https://AUTHENTIK"
)

// builder makes the steps.
type builder struct {
	Settings

	script       bool // Sentry's steps are the script
	urls         sentry.URLs
	authentik    string
	metadata     string
	scim         string
	placeholders []string
}

func newBuilder(s Settings) *builder {
	b := &builder{Settings: s, placeholders: []string{}, script: s.For == SelfHosted || s.For == Everybody && !s.Sentry.IsSaaS()}
	known := func(value, placeholder string) string {
		if value == "" {
			b.placeholders = append(b.placeholders, placeholder)
			return placeholder
		}
		return harmless(value)
	}
	b.urls = sentry.URLsOf(s.Sentry, sentry.Slug(known(string(s.Org), unknownOrg)))
	b.authentik = known(strings.TrimRight(strings.TrimSpace(s.AuthentikURL), "/"), unknownAuthentik)
	b.Application = harmless(s.Application)
	b.metadata = harmless(cmp.Or(s.MetadataURL, integration.Settings{AuthentikURL: b.authentik, Application: b.Application}.MetadataURL()))
	b.scim = harmless(cmp.Or(s.SCIMURL, b.urls.SCIMBaseURL))
	if b.Attributes == nil {
		b.Attributes = integration.AttributesOf(sentry.GuideMapping())
	}
	return b
}

// harmless is a text from outside in one line, without credentials.
func harmless(text string) string {
	return ui.Printable(strings.Join(strings.Fields(fault.Harmless(text)), " "))
}

// steps lists all steps in order.
func (b *builder) steps() []Step {
	var all []Step
	for _, part := range [][]Step{b.preparing(), b.authentikSteps(), b.signOn(), b.provisioning()} {
		all = append(all, part...)
	}
	for i := range all {
		s := &all[i]
		for j := range s.Actions {
			a := &s.Actions[j]
			a.Commands, a.Values = orEmpty(a.Commands), orEmpty(a.Values)
		}
		s.Notes, s.Checks = orEmpty(s.Notes), orEmpty(s.Checks)
	}
	return all
}

// orEmpty is a list that is [] in JSON.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// run is a command of this program, with the flags that give it these values.
// command is its name, args are quoted already.
func (b *builder) run(command string, args ...string) string {
	words := append([]string{"sentryidp", command}, args...)
	if b.Flags != nil {
		for _, word := range b.Flags(command) {
			words = append(words, quoted(word))
		}
	}
	return strings.Join(words, " ")
}

// quoted is a word for a shell.
func quoted(word string) string { return phrase.Shell(harmless(word)) }

// yaml is a text as YAML reads it: a JSON string is one (YAML 1.2, section 1.3).
func yaml(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(data)
}

// do is an action without a command or value.
func do(text string) Action { return Action{Text: text} }

// typed is a value to be typed to the letter.
func typed(label, value string) Value { return Value{Label: label, Value: value, Copy: true} }

// chosen is a value to be chosen from what the form offers.
func chosen(label, value string) Value { return Value{Label: label, Value: value} }
