package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
	"github.com/sentryidp/sentryidp/pkg/version"
)

func newRoot(a *app) *cobra.Command {
	root := group(&cobra.Command{
		Use:   "sentryidp",
		Short: "Connect authentik to Sentry: SAML single sign-on and SCIM provisioning",
		Long: `sentryidp sets up authentik (the identity provider) for Sentry (the service
provider): it prints the SAML URLs of an organization, makes and rolls over
signing certificates, judges metadata and responses as Sentry does, configures
authentik through its API, and pushes people and groups into Sentry by SCIM with
exactly the changes that are needed.

Try it without any server: sentryidp scim push --sandbox`,
	},
		newInit(a),
		newSaml(a),
		newScim(a),
		newAuthentik(a),
		newDoctor(a),
		newGuide(a),
		newSentry(a),
		newAccess(a),
		newSchedule(a),
		newConfig(a),
		newSandbox(a),
		newVersion(a),
		newCompletion(a),
		newDocs(a),
		newExitCodesTopic(),
		newEnvironmentTopic(),
		newStateTopic(),
		newSecurityTopic(),
	)
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpFunc(a.showHelp)
	root.Version = version.Read(a.release, a.builder).Version
	root.SetVersionTemplate("sentryidp {{.Version}}\n")
	root.Flags().Bool("version", false, "print the version")
	root.SetHelpCommand(newHelp(root))
	a.bounded(root)
	a.globalFlags(root)
	a.offerOutput(root)
	return root
}

func (a *app) globalFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "read settings from `file` alone, not from the usual places")
	flags.StringVar(&a.profile, "profile", "", "use the settings of this profile `name`")
	flags.VarP(enum(&a.format, report.Text, report.Formats()), "output", "o", "format of the result; some commands have env, sarif, markdown, junit or html")
	flags.Var(enum(&a.term.Colour, ui.ColourAuto, ui.Colours()), "color", "colour the output: auto, always or never")
	flags.BoolVarP(&a.term.Quiet, "quiet", "q", false, "print no notes")
	flags.BoolVar(&a.term.NoInput, "no-input", false, "ask nothing, also on a terminal")
	flags.CountVarP(&a.verbose, "verbose", "v", "trace each request on standard error")
	flags.DurationVar(&a.timeout, "timeout", 0, "give up after this `duration`, such as 90s (default: no limit)")
	flags.Var(enum(&a.sandbox, noSandbox, sandboxes()), "sandbox", "use an emulated Sentry and authentik with sample data, inside this process: set up by the guide, empty, or drifted")
	flags.Lookup("sandbox").NoOptDefVal = string(guidedSandbox)
	completeFile(root, "config", "yaml", "yml", "toml", "json")
	must(root.RegisterFlagCompletionFunc("profile", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return config.ProfileNames(a.configInput(cmd)), cobra.ShellCompDirectiveNoFileComp
	}))
	completeValues(root, "output", report.Formats())
	completeValues(root, "color", ui.Colours())
	completeValues(root, "sandbox", sandboxes())
}
