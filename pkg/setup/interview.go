package setup

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Interview asks for a configuration.
type Interview struct {
	Asker

	Site   Site
	Folder string // where files of secrets are proposed
	// Keyring says why nothing can be stored in the system's keyring, if so; nil: it
	// is not offered.
	Keyring func(ctx context.Context) error
	// OwnTokens: the servers come with their tokens, and none are asked for.
	OwnTokens bool

	answers   Answers
	directory Directory
}

// Run asks for everything, beginning with the given answers. The error is that of
// the Asker.
func (i *Interview) Run(ctx context.Context, given Answers) (Answers, error) {
	i.answers = given
	for _, step := range []func(context.Context) error{
		i.sentry, i.organization, i.authentik, i.authentikToken, i.application, i.groups, i.scimToken, i.apiToken,
	} {
		if err := step(ctx); err != nil {
			return Answers{}, err
		}
	}
	return i.answers, nil
}

func (i *Interview) sentry(ctx context.Context) error {
	return i.address(ctx, address{
		path: SentryURL, title: "Sentry's address", authorities: SentryCA, standard: sentry.SaaS,
		help:  "The address that users open, exactly as system.url-prefix has it: SAML compares it to the letter. " + sentry.SaaS + " is Sentry's own service.",
		codes: []string{"sentry-reach", "sentry-tls", "sentry-redirect", "sentry-identity", "sentry-prefix", "sentry-release"},
	})
}

func (i *Interview) organization(ctx context.Context) error {
	found, err := i.Site.Organization(ctx, i.answers.without(""))
	if err != nil {
		return err
	}
	help := "The slug, as it stands in the address bar of Sentry behind /organizations/ or /settings/."
	if found != "" {
		help += " This Sentry has a single organization, " + found + "."
	}
	return i.address(ctx, address{
		path: Org, title: "Organization in Sentry", standard: found, help: help, codes: []string{"sentry-metadata"},
	})
}

func (i *Interview) authentik(ctx context.Context) error {
	return i.address(ctx, address{
		path: AuthentikURL, title: "authentik's address", authorities: AuthentikCA,
		help:  "The address that users open, with the path below which authentik is served, if there is one.",
		codes: []string{"idp-reach", "idp-tls", "idp-redirect"},
	})
}

// address is a question whose answer servers can be asked about.
type address struct {
	path        string
	title, help string
	standard    string   // the answer where nothing is typed
	authorities string   // the setting of the authorities of the server; "": it has none
	codes       []string // of the checks
}

// address asks until the answer passes the checks, or is kept all the same.
func (i *Interview) address(ctx context.Context, at address) error {
	for {
		standard := i.answers.Text(at.path)
		if standard == "" {
			standard = at.standard
		}
		answer, err := i.Ask(ctx, ui.Question{
			Title: at.title, Help: at.help, Default: standard, Check: config.SettingOf(at.path).Check,
		})
		if err != nil {
			return err
		}
		i.answers.set(at.path, answer)
		again, err := i.examined(ctx, "", at.authorities, at.codes...)
		if !again || err != nil {
			return err
		}
	}
}

// What is done about an answer that does not pass.
const (
	retype    = "again"
	keep      = "keep"
	authority = "authority"
)

// examined makes checks of the answers, with the secret of that setting alone, and
// tells what they came to. again says that the person gives another answer.
func (i *Interview) examined(ctx context.Context, used, authorities string, codes ...string) (again bool, err error) {
	for {
		report, err := i.Site.Examine(ctx, i.answers.without(used), codes...)
		if ctx.Err() != nil {
			return false, err
		}
		if i.tell(report, err) {
			return false, nil
		}
		choice, err := i.next(ctx, authorities != "" && refusesCertificate(report))
		if err != nil || choice != authority {
			return choice == retype, err
		}
		if err := i.askAuthorities(ctx, authorities); err != nil {
			return false, err
		}
	}
}

// tell shows a report, or why there is none, and reports whether nothing failed.
func (i *Interview) tell(report *doctor.Report, err error) bool {
	if err != nil {
		i.Fail(errors.New(fault.Text(err)), fault.Hints(err))
		return false
	}
	for _, r := range report.Results {
		switch {
		case r.Verdict == doctor.OK:
			i.Note("ok: %s (%s)", r.Title, r.Saw)
		case r.Cause != "":
		case r.Verdict == doctor.Warning:
			i.Warn("%s (%s): %s", r.Saw, r.Code, r.Fix)
		case r.Verdict == doctor.Failed:
			i.Fail(errors.New(r.Saw+" ("+r.Code+")"), []string{r.Fix})
		case r.Verdict == doctor.Unchecked:
			i.Note("not checked: %s: %s", r.Title, r.Why)
		}
	}
	return report.Counts.Failed == 0
}

// refusesCertificate reports whether a server's certificate is what failed.
func refusesCertificate(report *doctor.Report) bool {
	return report != nil && slices.ContainsFunc(report.Results, func(r doctor.Result) bool {
		return r.Verdict == doctor.Failed && (r.Check == "sentry-tls" || r.Check == "idp-tls")
	})
}

func (i *Interview) next(ctx context.Context, certificate bool) (string, error) {
	options := []ui.Option{{Value: retype, Label: "give another answer"}}
	if certificate {
		options = append(options, ui.Option{Value: authority, Label: "name the file of an internal certificate authority"})
	}
	options = append(options, ui.Option{Value: keep, Label: "keep this answer all the same"})
	return i.Pick(ctx, ui.Question{Title: "What now", Default: retype}, options)
}

func (i *Interview) askAuthorities(ctx context.Context, path string) error {
	answer, err := i.Ask(ctx, ui.Question{
		Title: "File of certificate authorities", Help: "Certificates in PEM, which are trusted beside the system's.", Default: i.answers.Text(path),
		Check: config.SettingOf(path).Check,
	})
	if err == nil {
		i.answers.set(path, answer)
	}
	return err
}

// another is the choice of an application that is not listed.
const another = ""

func (i *Interview) application(ctx context.Context) error {
	const title = "Application in authentik"
	setting := config.SettingOf(Application)
	standard := i.answers.Text(Application)
	if standard == "" {
		standard = setting.DefaultText()
	}
	if len(i.directory.Applications) > 0 {
		known := slices.ContainsFunc(i.directory.Applications, func(o ui.Option) bool { return o.Value == standard })
		choice := another
		if known {
			choice = standard
		}
		options := append(slices.Clone(i.directory.Applications), ui.Option{Value: another, Label: "another one, or one that is still to be made"})
		picked, err := i.Pick(ctx, ui.Question{Title: title, Help: "The one that stands for Sentry. 'sentryidp authentik apply' makes it, or changes it.", Default: choice}, options)
		if err != nil {
			return err
		}
		if picked != another {
			i.answers.set(Application, picked)
			return nil
		}
	}
	answer, err := i.Ask(ctx, ui.Question{
		Title: title + ", its slug", Help: "'sentryidp authentik apply' makes the application where there is none of that slug.", Default: standard, Check: setting.Check,
	})
	if err == nil {
		i.answers.set(Application, answer)
	}
	return err
}

// groups asks who may use the application, where groups are known.
func (i *Interview) groups(ctx context.Context) error {
	if len(i.directory.Groups) == 0 {
		return nil
	}
	chosen := i.answers.List(BindGroups)
	var options []ui.Option
	for _, name := range i.directory.Groups {
		options = append(options, ui.Option{Value: name})
	}
	for _, name := range chosen {
		if !slices.Contains(i.directory.Groups, name) {
			options = append(options, ui.Option{Value: name})
		}
	}
	picked, err := i.PickMany(ctx, ui.Question{
		Title: "Groups that may use the application",
		Help:  "Their users may log in to Sentry and are provisioned, and each group becomes a team. None at all: everybody of authentik.",
	}, options, chosen)
	if err != nil {
		return err
	}
	if i.directory.MoreGroups > 0 {
		more, err := i.Ask(ctx, ui.Question{
			Title: "More groups, separated by commas", Optional: true,
			Help: phrase.Count(i.directory.MoreGroups, "group is", "groups are") + " not listed.",
		})
		if err != nil {
			return err
		}
		for name := range strings.SplitSeq(more, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(picked, name) {
				picked = append(picked, name)
			}
		}
	}
	slices.Sort(picked)
	i.answers.set(BindGroups, picked)
	return nil
}
