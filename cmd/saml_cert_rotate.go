package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/authentik/rotation"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type samlCertRotateOptions struct {
	*app

	step    string
	dryRun  bool
	yes     bool
	keyType string
	days    int
}

func newSamlCertRotate(a *app) *cobra.Command {
	o := &samlCertRotateOptions{app: a}
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Roll the signing certificate over, step by step",
		Long: `Sentry trusts one certificate and authentik signs with one, so that both change in
the same moment. Everything else is done before and after it:

  prepare  make the next pair and upload it; nothing uses it yet
  switch   sign with it. Change the certificate in Sentry at the same time, in
           Settings > Auth > Configure: until both are done, logins by SSO fail.
           Who is logged in stays so.
  finish   delete the old pair from authentik, once logins work

'back' undoes a switch. Without --step it says where the roll-over stands and
prints the certificate for Sentry's field. A step can be repeated, and one that
was cut off is finished by taking it again.

The provider is the application's, whatever its name. 'authentik apply' keeps the
certificate that is in use, so that it does not undo a switch. The pair that authentik made for itself
is never renamed or deleted.`,
		Example: `  sentryidp saml cert rotate --org acme
  sentryidp saml cert rotate --org acme --step prepare
  sentryidp saml cert rotate --org acme --step switch --yes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "authentik.url", "authentik.application", "authentik.saml_provider", "authentik.signing_keypair", "insecure_http")
	flags := cmd.Flags()
	flags.Var(enum(&o.step, "", rotation.Steps()), "step", "take this step")
	flags.BoolVar(&o.dryRun, "dry-run", false, "say what the step would do, and write nothing")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before a switch, a step back or the end")
	flags.Var(enum(&o.keyType, string(keypair.RSA3072), keypair.KeyTypes()), "key-type", "kind of the next key")
	flags.IntVar(&o.days, "days", keypair.DefaultDays, "let the next certificate last this `number` of days")
	completeValues(cmd, "step", rotation.Steps())
	completeValues(cmd, "key-type", keypair.KeyTypes())
	return cmd
}

func (o *samlCertRotateOptions) run(cmd *cobra.Command) error {
	if o.dryRun && o.step == "" {
		return fault.Hint(fault.Usagef("--dry-run says what a step would do, and no step is named"), "without --step nothing is written anyway")
	}
	if err := writesAuthentik(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	loaded, err := o.settings(cmd, authentikAddress)
	if err != nil {
		return err
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	r, err := o.rotation(ctx, loaded, o.generate)
	if err != nil {
		return err
	}
	report, err := o.take(ctx, r)
	if err != nil {
		return err
	}
	o.remind(loaded, report)
	if len(report.Problems) > 0 {
		err = fault.Quiet(fault.Findings)
	}
	return o.end(report, err)
}

// remind says what the settings have to name from now on.
func (o *samlCertRotateOptions) remind(loaded *config.Loaded, report *rotation.Report) {
	named := loaded.Config.Authentik.SigningKeypair
	if report.Current != nil && named != "" && named != report.Current.Name && !strings.HasSuffix(report.Current.Name, ")") {
		o.term.Note("authentik signs with %q: set authentik.signing_keypair to that, or 'authentik apply' goes back to %q", report.Current.Name, named)
	}
}

func (o *samlCertRotateOptions) take(ctx context.Context, r *rotation.Rotation) (*rotation.Report, error) {
	if o.step == "" {
		return r.Look(ctx)
	}
	step := rotation.Step(o.step)
	if o.dryRun {
		o.term.Note("--step %s would %s", step, step.Does())
		return r.Look(ctx)
	}
	if err := o.confirm(ctx, step); err != nil {
		return nil, err
	}
	return r.Do(ctx, step)
}

// confirm asks before what people notice or what cannot be undone.
func (o *samlCertRotateOptions) confirm(ctx context.Context, step rotation.Step) error {
	if o.yes || step == rotation.StepPrepare {
		return nil
	}
	yes, err := o.term.Confirm(ctx, "This will "+step.Does()+". Go on?")
	switch {
	case errors.Is(err, ui.ErrNoTerminal):
		return fault.Hint(fault.Usagef("there is nobody to ask whether the step %s is meant", step), "pass --yes")
	case err == nil && !yes:
		return fault.New(fault.Failed, "not confirmed: nothing was written")
	}
	return err
}

// generate makes the next pair.
func (o *samlCertRotateOptions) generate(name string) (*keypair.Pair, error) {
	return keypair.Generate(keypair.Options{Type: keypair.KeyType(o.keyType), CommonName: name, Days: o.days, Now: o.now(), Rand: o.rand})
}

// rotation is the roll-over of the provider that the settings name; generate
// makes a pair of a name, and may be nil where none is made.
func (a *app) rotation(ctx context.Context, loaded *config.Loaded, generate func(name string) (*keypair.Pair, error)) (*rotation.Rotation, error) {
	client, err := a.connectAuthentik(ctx, loaded)
	if err != nil {
		return nil, err
	}
	c := loaded.Config.Authentik
	name := c.SigningKeypair
	if name == "" || name == integration.DefaultKeyPair {
		name = c.Name + " SAML signing"
	}
	application := c.Application
	if c.SAMLProvider != "" { // it is named
		application = ""
	}
	return &rotation.Rotation{
		Client: client, Application: application, Provider: cmp.Or(c.SAMLProvider, c.Name+" SAML"), Name: name, Now: a.now,
		Generate: func() (*keypair.Pair, error) { return generate(name) },
	}, nil
}
