package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// guideRequests is how many requests the guide sends to look at both sides: a
// first push is seen only with all users and members.
const guideRequests = 200

type guideOptions struct {
	examination

	audience string
}

func newGuide(a *app) *cobra.Command {
	o := &guideOptions{examination: examination{app: a, maximum: guideRequests}}
	cmd := &cobra.Command{
		Use:   "guide",
		Short: "Show the integration guide with your values, and what is done already",
		Long: `Show the steps from nothing to single sign-on and provisioning, in order, with what
to click and type in authentik and in Sentry. Each step names the checks of 'doctor'
that prove it. A step is done [x] where all of them are ok, open [ ] where one found
something, with what it saw and the fix, and [?] where one was not made, with why and
what would let it look. The step to do next is marked. Nothing is changed.

Sentry's steps are clicks at sentry.io. A self-hosted Sentry is set up by the script
of 'sentry script' instead; --for sentry shows the clicks. --for authentik has the
steps of authentik's administrator, --for sentry those of Sentry's owner. Numbers
are those of the whole guide.

-o markdown is for a ticket. -o html is one page that loads nothing and runs nothing,
to be printed or sent. No secret is in any of them.

The exit code is 0 also where steps are open: 'doctor' judges.`,
		Example: `  sentryidp guide --sandbox=empty
  sentryidp guide --org acme --authentik-url https://authentik.example.com
  sentryidp guide --for sentry -o html > guide.html
  sentryidp guide --offline -o markdown > guide.md`,
		Annotations: writes(everyDocument(report.Markdown, report.HTML)...),
		Args:        usageArgs(cobra.NoArgs),
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.flags(cmd)
	cmd.Flags().Var(enum(&o.audience, "", guide.Audiences()), "for", "show the steps of authentik's administrator, of Sentry's owner, or with Sentry's script (default all)")
	completeValues(cmd, "for", guide.Audiences())
	return cmd
}

func (o *guideOptions) run(cmd *cobra.Command) error {
	loaded, err := o.load(cmd)
	if err != nil {
		return err
	}
	settings, err := o.guideSettings(cmd, loaded)
	if err != nil {
		return err
	}
	settings.For = guide.Audience(o.audience)
	if settings.For == guide.SelfHosted && settings.Sentry.IsSaaS() {
		return fault.Hint(fault.Usagef("expected a self-hosted Sentry but found %s, which has no 'sentry exec'", settings.Sentry),
			"pass --sentry-url with the address of yours, or --for sentry")
	}
	if o.metadata != "" && isURL(o.metadata) {
		settings.MetadataURL = o.metadata
	}
	seen, err := o.examine(cmd.Context(), loaded)
	if err != nil {
		return err
	}
	g := guide.New(settings)
	g.Tick(seen)
	return o.show(g)
}

// guideSettings are the values of the guide. Of what needs trust, only the trusted
// counts; that a file has more, a check of doctor says.
func (a *app) guideSettings(cmd *cobra.Command, loaded *config.Loaded) (guide.Settings, error) {
	at := loaded.Addresses()
	base, _, err := sentry.ParseBase(at.Sentry)
	if err != nil {
		return guide.Settings{}, err
	}
	s := guide.Settings{Sentry: base, AuthentikURL: at.Authentik, Application: at.Application}
	if at.Org != "" {
		if s.Org, err = sentry.ParseSlug(at.Org); err != nil {
			return s, err
		}
	}
	if loaded.VouchFor("sentry.scim.url") == nil {
		s.SCIMURL = loaded.Config.Sentry.SCIM.URL
	}
	if loaded.VouchFor("authentik.bind_groups") == nil {
		s.BindGroups = loaded.Config.Authentik.BindGroups
	}
	preset := sentry.GuideMapping()
	if loaded.VouchFor(config.SAMLAttributes()...) == nil {
		if preset, err = configuredPreset(loaded); err != nil {
			return s, err
		}
	}
	s.Attributes = integration.AttributesOf(preset)
	s.Flags = func(command string) []string { return a.given(cmd, loaded, command) }
	return s, nil
}

// given are the flags that another command needs to have the values of this run.
func (a *app) given(cmd *cobra.Command, loaded *config.Loaded, command string) []string {
	if a.sandbox != noSandbox {
		return []string{"--sandbox=" + string(a.sandbox)}
	}
	var flags []string
	if a.configFile != "" {
		flags = append(flags, "--config", a.configFile)
	}
	if a.profile != "" {
		flags = append(flags, "--profile", a.profile)
	}
	other, _, err := cmd.Root().Find(strings.Fields(command))
	if err != nil {
		return flags
	}
	for _, path := range []string{"sentry.org", "sentry.url", "authentik.url", "authentik.application"} {
		s := config.SettingOf(path)
		takes := other.Flags().Lookup(s.Flag)
		if takes == nil || !slices.Contains(takes.Annotations[settingAnnotation], path) || loaded.Origin(path).Kind != config.FromFlag {
			continue
		}
		at := loaded.Addresses()
		flags = append(flags, "--"+s.Flag, map[string]string{
			"sentry.org": at.Org, "sentry.url": at.Sentry, "authentik.url": at.Authentik, "authentik.application": at.Application,
		}[path])
	}
	return flags
}
