package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type authentikSyncOptions struct {
	*scimPushOptions
}

func newAuthentikSync(a *app) *cobra.Command {
	o := &authentikSyncOptions{scimPushOptions: &scimPushOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Run authentik's own SCIM schedule once, and follow it",
		Long: `Send the schedule of the application's SCIM provider, wait for the tasks that it
starts, and print what they wrote. A task that failed is exit code 1. Then, where
an organization and a token for its SCIM API are set, compare Sentry with the
people in scope, as 'scim status' does; what differs is exit code 3.

This is authentik's SCIM client at work, with what is known of it: see the
warnings of 'authentik status --with-scim'. 'scim push' does the job without it.`,
		Example: `  sentryidp authentik sync --authentik-url https://authentik.example.com
  sentryidp authentik sync --org acme --application sentry --timeout 10m -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "authentik.url", "authentik.application", "sentry.org", "sentry.url", "scim.scope", "scim.groups", "scim.flatten_groups",
		"scim.guard.allow_hidden_users", "insecure_http")
	return cmd
}

func (o *authentikSyncOptions) run(cmd *cobra.Command) error {
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
	if o.compares(loaded) { // found out before the schedule runs
		if err := o.vouch(ctx, loaded, sentryAddresses()...); err != nil {
			return err
		}
	}
	if err := o.demand(loaded, authentikAddress, setup.AuthentikToken); err != nil {
		return err
	}
	client, err := o.connectAuthentik(ctx, loaded)
	if err != nil {
		return err
	}
	sync := integration.Sync{
		Client: client, Application: loaded.Config.Authentik.Application,
		Clock: transport.Clock{Now: o.now, Rand: o.rand}, Say: o.term.Note,
	}
	result, err := sync.Run(ctx)
	if result == nil {
		return err
	}
	doc := &syncDocument{SyncResult: result}
	if result.Complete {
		var compared error
		doc.Sentry, compared = o.compare(ctx, loaded)
		err = cmp.Or(err, compared) // a task that failed outweighs what differs
	}
	return o.end(doc, err)
}

// compares reports whether Sentry is compared after the sync.
func (o *authentikSyncOptions) compares(loaded *config.Loaded) bool {
	settings := loaded.Config.Sentry
	return settings.Org != "" && (!settings.SCIM.Token.IsZero() || o.rehearsal != nil)
}

// compare reads both sides, or says why it does not.
func (o *authentikSyncOptions) compare(ctx context.Context, loaded *config.Loaded) (*output.Status, error) {
	if !o.compares(loaded) {
		o.term.Note("Sentry is not compared: no organization (sentry.org) or no SCIM token (sentry.scim.token) is set")
		return nil, nil //nolint:nilnil // there is nothing to compare, and nothing wrong
	}
	loaded.Config.SCIM.Source = config.SourceAuthentik
	want, source, err := o.want(ctx, loaded)
	if err != nil {
		return nil, err
	}
	push, err := o.push(ctx, loaded, source)
	if err != nil {
		return nil, err
	}
	return push.Status(ctx, want)
}

// syncDocument is a sync and what Sentry has after it, nil where that was not
// looked at.
type syncDocument struct {
	*integration.SyncResult

	Sentry *output.Status `json:"sentry"`
}

// RenderText writes the sync, and then the comparison.
func (d *syncDocument) RenderText(w io.Writer, s ui.Styles) error {
	if err := d.SyncResult.RenderText(w, s); err != nil || d.Sentry == nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return d.Sentry.RenderText(w, s)
}
