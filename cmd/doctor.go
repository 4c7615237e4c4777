package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
)

// examination is what commands that examine both sides are given, and how they
// make a Doctor of it.
type examination struct {
	*app

	only, skip []string
	offline    bool
	metadata   string
	response   string
	report     string
	maps       []string
	bound      time.Duration
	maximum    int // of requests; 0: doctor.MaxRequests
}

// flags are those that say what is examined, and how.
func (o *examination) flags(cmd *cobra.Command) {
	integrationFlags(cmd, "authentik.with_scim", "sentry.release", "sentry.ca_file", "state_dir", "insecure_http")
	completeFile(cmd, "ca-file", "pem", "crt")
	flags := cmd.Flags()
	flags.BoolVar(&o.offline, "offline", false, "ask no server: look at the configuration and this machine")
	flags.StringVar(&o.metadata, "idp-metadata", "", "`file` or URL of the identity provider's metadata (default: authentik's)")
	flags.StringVar(&o.response, "response", "", "judge the SAML response in `file` too: base64, XML or HAR, as for 'saml response inspect'")
	flags.StringVar(&o.report, "sentry-report", "", "`file` with the output of the action status of 'sentry script', - for standard input")
	flags.StringArrayVar(&o.maps, "map", nil, mapHelp())
	flags.DurationVar(&o.bound, "check-timeout", defaultBound, "maximum `duration` of what one check asks")
	completeValues(cmd, "map", presetKeys())
	completeFile(cmd, "idp-metadata", "xml")
	completeFile(cmd, "response", "txt", "xml", "har")
	completeFile(cmd, "sentry-report", "json", "txt", "log")
}

// examine looks at both sides.
func (o *examination) examine(ctx context.Context, loaded *config.Loaded) (*doctor.Report, error) {
	if o.bound <= 0 {
		return nil, fault.Usagef("--check-timeout must be a duration such as 10s, found %s", o.bound)
	}
	d, err := o.doctor(ctx, loaded)
	if err != nil {
		return nil, err
	}
	return d.Examine(ctx)
}

type doctorOptions struct {
	examination

	strict bool
}

// defaultBound is how long what one check asks may take.
const defaultBound = 10 * time.Second

func newDoctor(a *app) *cobra.Command {
	o := &doctorOptions{examination: examination{app: a}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why single sign-on or provisioning does not work",
		Long: `Examine both sides of the single sign-on, and name the cause of what does not
work. Every check has a code, what it saw, what it wanted and the fix. What one
fault explains is folded under it, and the likeliest cause comes first. Nothing is
changed, and no more than 40 requests are sent, all at once.

It works with what it is given. An organization and two addresses are enough to
look at names, TLS, redirects, clocks, Sentry's release and addresses, and the
identity provider's metadata. With a SCIM token it looks at SCIM and the members,
with sentry.api.token at Sentry's auth provider and audit log, with authentik's
token at the application, its provider, bindings and certificate. With --response
it says what Sentry makes of a response that an identity provider sent, and with
--sentry-report it compares what a self-hosted Sentry stored with what the identity
provider has: a wrong attribute name, issuer or certificate is seen nowhere else.

A check that failed is exit code 3. Warnings, and what was not checked, are 0, and
3 with --strict.`,
		Example: `  sentryidp doctor --sandbox
  sentryidp doctor --org acme --sentry-url https://sentry.example.com --authentik-url https://authentik.example.com
  sentryidp doctor --org acme --idp-metadata idp.xml --response login.har
  docker compose exec -T web sentry exec - status < sentry.py | sentryidp doctor --org acme --sentry-report -
  sentryidp doctor --offline
  sentryidp doctor --only sentry --skip sentry-release -o junit > doctor.xml`,
		Annotations: writes(everyDocument(report.Markdown, report.JUnit)...),
		Args:        usageArgs(cobra.NoArgs),
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.flags(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&o.only, "only", nil, "make only the checks of this `code` or side; repeatable")
	flags.StringArrayVar(&o.skip, "skip", nil, "leave out the checks of this `code` or side; repeatable")
	flags.BoolVar(&o.strict, "strict", false, "exit 3 also for warnings and for what was not checked")
	completeValues(cmd, "only", doctor.Codes())
	completeValues(cmd, "skip", doctor.Codes())
	return a.forProfiles(cmd, profileRuns{begin: true})
}

func (o *doctorOptions) run(cmd *cobra.Command) error {
	loaded, err := o.load(cmd)
	if err != nil {
		return err
	}
	report, err := o.examine(cmd.Context(), loaded)
	if err != nil {
		return err
	}
	return o.conclude(report)
}

// conclude shows a report, and is what the command ends with.
func (o *doctorOptions) conclude(report *doctor.Report) error {
	if err := o.show(report); err != nil {
		return err
	}
	return report.Err(o.strict)
}
