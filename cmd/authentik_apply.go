package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/report"
)

type authentikApplyOptions struct {
	*app

	dryRun           bool
	yes              bool
	detailedExitcode bool
	adopt            bool
	loosen           bool
	rotateToken      bool
}

func newAuthentikApply(a *app) *cobra.Command {
	o := &authentikApplyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Make authentik ready for Sentry through its API",
		Long: `Read authentik, work out what the integration with Sentry lacks, make it, and
read it again to verify: the SAML provider with its certificate, the application,
and who may use it. With --with-scim also authentik's own SCIM provider with its
mapping; 'scim push' needs neither.

Set is what Sentry takes in one form only: the ACS, audience and SLS URLs, the POST
binding, a signed assertion without encryption, the attributes and the NameID. Every
other choice that no flag, variable or file names keeps its value, and the plan
shows it as kept; defaults are for what is made new. A second run changes nothing.

Since 2026.2.7, 2026.5.7 and 2026.8.2 authentik does not reveal the token of the
SCIM provider, and starts a full synchronization when it receives one. apply sends
the token when it creates the provider, when the configured token changed, and with
--rotate-token. The state directory keeps a salted fingerprint of the sent token.

What somebody made with authentik's integration guide is found by the application
and taken over. An object that looks like somebody else's is changed only with
--adopt; --application, --saml-provider, --scim-provider, --scim-mapping and
--signing-keypair choose other names. Letting in more people than are named is
refused (exit code 6): to change the policy engine from all to any takes
--policy-engine-mode any as a flag, and to switch a binding on again that is off or
negated takes --loosen-access. A run that ends half way (exit code 5) is finished by
the next.

Once authentik is as wanted, it says what comes next at Sentry: the values that its
forms ask for, and 'guide' for the steps.

On a terminal it shows the plan and asks before it writes. It does not ask with
--yes, --no-input or --sandbox, where a file is standard input, and where the
variable CI is set.`,
		Example: `  sentryidp authentik apply --org acme --authentik-url https://authentik.example.com --dry-run
  sentryidp authentik apply --org acme --bind-group sentry-users
  sentryidp authentik apply --org acme --certificate-file saml.crt --key-file saml.key`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	integrationFlags(cmd, "authentik.with_scim", "state_dir", "insecure_http")
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the plan and write nothing")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
	flags.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "with --dry-run: exit 2 when changes are pending")
	flags.BoolVar(&o.adopt, "adopt", false, "change objects that look like somebody else's too")
	flags.BoolVar(&o.loosen, "loosen-access", false, "let bindings that somebody switched off or negated let people in again")
	flags.BoolVar(&o.rotateToken, "rotate-token", false, "send the configured SCIM token again (requires --with-scim)")
	return cmd
}

func (o *authentikApplyOptions) run(cmd *cobra.Command) error {
	if o.detailedExitcode && !o.dryRun {
		return fault.Hint(fault.Usagef("--detailed-exitcode says whether changes are pending, which is known only without applying them"),
			"add --dry-run")
	}
	if err := writesAuthentik(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	loaded, err := o.settings(cmd, integrationAddresses()...)
	if err != nil {
		return err
	}
	if o.rotateToken && !loaded.Config.Authentik.WithSCIM {
		return fault.Hint(fault.Usagef("--rotate-token requires --with-scim (authentik.with_scim)"), "add --with-scim")
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	run, err := o.integrationRun(ctx, loaded)
	if err != nil {
		return err
	}
	run.Adopt, run.Loosen, run.RotateToken = o.adopt, o.loosen, o.rotateToken
	run.LoosenMode = loaded.Origin("authentik.policy_engine_mode").Kind == config.FromFlag
	settings := loaded.Config.Authentik
	if !o.rehearses(loaded) && o.asksPerson(o.yes, settings.CertificateFile, settings.KeyFile) {
		question := &asking{app: o.app, question: "Apply this?"}
		run.Confirm = func(r *integration.Report) error { return question.confirm(ctx, r.RenderPlan) }
	}
	next, err := o.guideSettings(cmd, loaded)
	if err != nil {
		return err
	}
	return o.report(ctx, run, next)
}

// appliedDocument is the document of `authentik apply`. Next is empty until
// authentik is as wanted.
type appliedDocument struct {
	*integration.Report

	Next []guide.Pointer `json:"next"`
}

// report shows the report, which is there even when the run ended early.
func (o *authentikApplyOptions) report(ctx context.Context, run *integration.Run, guided guide.Settings) error {
	act := run.Apply
	if o.dryRun {
		act = run.Plan
	}
	result, err := untilFresh(o.app, func(time.Time) (*integration.Report, error) { return act(ctx) })
	if result == nil {
		return err
	}
	if err == nil && o.detailedExitcode && len(result.Pending()) > 0 {
		err = fault.Quiet(fault.Changes)
	}
	doc := &appliedDocument{Report: result, Next: []guide.Pointer{}}
	if err == nil && !o.dryRun && result.Verified {
		doc.Next = guide.AfterApply(guided)
	}
	err = o.end(doc, err)
	o.tellNext(doc.Next)
	return err
}

// tellNext tells a person what comes next. A program finds it in the document.
func (o *authentikApplyOptions) tellNext(next []guide.Pointer) {
	if o.format != report.Text {
		return
	}
	for i, p := range next {
		if i == 0 {
			o.term.Note("next, in Sentry: %s", p.Command)
		}
		for _, v := range p.Values {
			o.term.Note("  %s: %s", v.Label, v.Value)
		}
	}
}
