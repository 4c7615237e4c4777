package setup

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// token is a secret that is asked for.
type token struct {
	path  string
	name  string // "authentik's API token"
	help  string // what it is for, what it needs, and where it is made
	file  string // name of the file, and of the account in the keyring
	codes []string

	address string // setting of the server that it is sent to
}

func (i *Interview) authentikToken(ctx context.Context) error {
	err := i.token(ctx, token{
		path: AuthentikToken, address: AuthentikURL, name: "authentik's API token", file: "authentik-token",
		help: `It is made in authentik's admin interface, in Directory > Tokens and App
passwords, with the intent API, and may do what its user may. A push reads users,
groups, the application and its bindings: a superuser's token sees them all, and
another needs a role with the global permissions to view them, as what it may not
see is missing without an error. 'authentik apply' also adds and changes the
application, its providers, mappings and bindings.`,
		codes: []string{"authentik-token", "authentik-release"},
	})
	if err != nil || !i.OwnTokens && i.answers.Reference(AuthentikToken).IsZero() {
		return err
	}
	found, err := i.Site.Directory(ctx, i.answers.without(AuthentikToken))
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		i.Warn("authentik's applications and groups cannot be listed: %s", fault.Text(err))
		return nil
	}
	i.directory = found
	i.Note("authentik shows %s and %s", phrase.Count(len(found.Applications)+found.MoreApplications, "application", "applications"),
		phrase.Count(len(found.Groups)+found.MoreGroups+found.Refused, "group", "groups"))
	if found.Refused > 0 {
		i.Warn("%s not offered: no setting can hold the characters of the name", phrase.Count(found.Refused, "group is", "groups are"))
	}
	return nil
}

func (i *Interview) scimToken(ctx context.Context) error {
	return i.token(ctx, token{
		path: SCIMToken, address: SentryURL, name: "Sentry's SCIM token", file: "sentry-scim-token",
		help: `Sentry shows it in Settings > Auth once SAML works and SCIM is enabled there,
so a first set-up has none yet. It opens SCIM and the list of members, and little
else.`,
		codes: []string{"scim-token", "scim-address"},
	})
}

func (i *Interview) apiToken(ctx context.Context) error {
	return i.token(ctx, token{
		path: APIToken, address: SentryURL, name: "Sentry's API token", file: "sentry-api-token",
		help: `Optional, for 'sentryidp doctor' alone. It is made in Sentry's Settings >
Developer Settings, as an internal integration with org:read and member:read
(Organization and Member: Read); with org:write it reads the audit log too.`,
		codes: []string{"sentry-token"},
	})
}

// Where a token is.
const (
	asItIs   = "as it is"
	variable = "variable"
	file     = "file"
	newFile  = "new file"
	inRing   = "keyring"
	later    = "later"
)

// token asks where a token is until it passes the checks, or is kept all the same.
func (i *Interview) token(ctx context.Context, t token) error {
	for !i.OwnTokens {
		where, err := i.where(ctx, t)
		if err != nil {
			return err
		}
		if where == inRing {
			if err := i.Keyring(ctx); err != nil && ctx.Err() == nil {
				i.Fail(errors.New("the system's keyring cannot be used: "+fault.Text(err)), nil)
				continue
			}
		}
		if err := i.place(ctx, t, where); err != nil {
			return err
		}
		if where == later {
			return nil
		}
		again, err := i.usable(ctx, t)
		if !again || err != nil {
			return err
		}
	}
	_, err := i.examined(ctx, t.path, "", t.codes...)
	return err
}

func (i *Interview) where(ctx context.Context, t token) (string, error) {
	options := []ui.Option{
		{Value: variable, Label: "in an environment variable"},
		{Value: newFile, Label: "typed here, and stored in a file for you alone (mode 0600)"},
		{Value: file, Label: "in a file that is there already"},
	}
	if i.Keyring != nil {
		options = append(options, ui.Option{Value: inRing, Label: "typed here, and stored in the system's keyring"})
	}
	options = append(options, ui.Option{Value: later, Label: "nowhere yet: later"})
	standard := later
	if present := i.answers.Reference(t.path); !present.IsZero() {
		options = append([]ui.Option{{Value: asItIs, Label: "as it is: " + present.String()}}, options...)
		standard = asItIs
	}
	return i.Pick(ctx, ui.Question{Title: "Where is " + t.name, Help: t.help + "\nIt is tried at once, against " + i.answers.Text(t.address) + ".", Default: standard}, options)
}

// place asks for the details of a place, and for the token where that is typed.
func (i *Interview) place(ctx context.Context, t token, where string) error {
	ask := func(title, standard string, check func(string) error) (string, error) {
		return i.Ask(ctx, ui.Question{Title: title, Default: standard, Check: check})
	}
	var reference secret.Reference
	var err error
	switch where {
	case asItIs:
		return nil
	case variable:
		reference.Env, err = ask("Name of the environment variable", config.SettingOf(t.path).Env(), checkVariable)
	case file:
		reference.File, err = ask("File of the token", "", nil)
	case newFile:
		reference.File, err = ask("New file of the token", filepath.Join(i.Folder, t.file), func(path string) error {
			if i.Site.Taken(path) {
				return errors.New("the file exists, and is not replaced: name another")
			}
			return nil
		})
	case inRing:
		reference.Keyring = "sentryidp/" + t.file
	}
	if err != nil {
		return err
	}
	delete(i.answers.Typed, t.path)
	i.answers.set(t.path, reference)
	if where != newFile && where != inRing {
		return nil
	}
	typed, err := i.Ask(ctx, ui.Question{Title: t.name, Secret: true, Check: checkTyped})
	if err == nil {
		i.answers.Typed[t.path] = secret.New(typed)
	}
	return err
}

// longName is the length from which a name with small letters is taken for a token
// that was pasted.
const longName = 30

func checkVariable(name string) error {
	if len(name) > longName && name != strings.ToUpper(name) {
		return errors.New("this looks like the token itself: name the variable that holds it")
	}
	for i, c := range name {
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return errors.New("a variable has letters, digits and _, and does not begin with a digit; the token itself must not stand here")
		}
	}
	return nil
}

// checkTyped refuses what can be no bearer token, as secret.Reference does.
func checkTyped(typed string) error {
	if strings.ContainsFunc(typed, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return errors.New("a token has no spaces and no characters other than ASCII")
	}
	return nil
}

// usable reads the token and has it checked. again says that the person names
// another place.
func (i *Interview) usable(ctx context.Context, t token) (again bool, err error) {
	err = i.Site.Secret(ctx, i.answers, t.path)
	if ctx.Err() != nil {
		return false, err
	}
	if err != nil {
		i.Fail(errors.New(fault.Text(err)), fault.Hints(err))
		choice, err := i.next(ctx, false)
		return choice == retype, err
	}
	return i.examined(ctx, t.path, "", t.codes...)
}
