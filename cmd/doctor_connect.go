package cmd

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// connectPublic makes the clients that send no secret. Authorities that only an
// untrusted file names are not believed.
func (o *examination) connectPublic(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) (err error) {
	trusted := func(setting, file string) string {
		if loaded.Refused(setting) {
			return ""
		}
		return file
	}
	if d.Web, err = o.plainClient(ctx, trusted("sentry.ca_file", loaded.Config.Sentry.CAFile)); err != nil {
		return err
	}
	d.IDPWeb, err = o.plainClient(ctx, trusted("authentik.ca_file", loaded.Config.Authentik.CAFile))
	return err
}

// secretProbes are the probes that send a secret.
func secretProbes() []doctor.Probe {
	return []doctor.Probe{
		doctor.ProbeSCIM, doctor.ProbeMembers, doctor.ProbeAuth, doctor.ProbeAudit, doctor.ProbeAuthentik, doctor.ProbeIntegration, doctor.ProbeDrift,
	}
}

// connectSecret makes the clients that send one. Nothing is sent where a file that
// nobody trusts says where to, and nobody is asked.
func (o *examination) connectSecret(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) error {
	if d.Setup.Refused != "" {
		cannot(d, "a file that nobody trusts has a say in where secrets go: see the check trust", secretProbes()...)
		return nil
	}
	if d.Subject.URLs != nil {
		o.connectSentry(ctx, loaded, d)
	}
	if d.Subject.AuthentikURL != "" {
		if err := o.connectIntegration(ctx, loaded, d); err != nil {
			return err
		}
	}
	if d.Unavailable[doctor.ProbeDrift] == "" {
		o.connectDrift(loaded, d)
	}
	return nil
}

// given reports whether a secret is there to be sent.
func (o *examination) given(reference secret.Reference) bool {
	return !reference.IsZero() || o.rehearsal != nil
}

// connectSentry makes the clients with Sentry's tokens. The members are read with
// the SCIM token, which has the scope for it, and else with the other.
func (o *examination) connectSentry(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) {
	if !o.given(loaded.Config.Sentry.SCIM.Token) {
		cannot(d, "sentry.scim.token is not set", doctor.ProbeSCIM, doctor.ProbeDrift)
	} else if err := o.connectMembers(ctx, loaded, d); err != nil {
		unusable(d, "sentry.scim.token", err)
		cannot(d, "the SCIM token cannot be used", doctor.ProbeSCIM, doctor.ProbeDrift)
	}
	if !o.given(loaded.Config.Sentry.API.Token) {
		cannot(d, "sentry.api.token is not set", doctor.ProbeAuth, doctor.ProbeAudit)
	} else if token, err := o.apiToken(ctx, loaded, d.Subject.SentryURL, "org:read and member:read"); err != nil {
		unusable(d, "sentry.api.token", err)
		cannot(d, "the API token cannot be used", doctor.ProbeAuth, doctor.ProbeAudit)
	} else if d.API, err = o.clientWith(ctx, loaded, d.Subject.SentryURL, token); err != nil {
		cannot(d, fault.Text(err), doctor.ProbeAuth, doctor.ProbeAudit)
	} else if d.Members == nil {
		d.Members = d.API
	}
	if d.Members == nil {
		cannot(d, "neither sentry.scim.token nor sentry.api.token can be used", doctor.ProbeMembers)
	}
}

func (o *examination) connectMembers(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) error {
	base, _, err := sentry.ParseBase(d.Subject.SentryURL)
	if err != nil {
		return err
	}
	connection, err := o.connectScim(ctx, loaded, base, sentry.Slug(d.Subject.URLs.Org))
	if err != nil {
		return err
	}
	d.SCIM = connection.client
	if d.Subject.SCIMURL != "" && !strings.HasPrefix(d.Subject.SCIMURL, d.Subject.SentryURL+"/") {
		return nil // the token is for another place than the members are read at
	}
	token, err := o.scimToken(ctx, loaded, d.Subject.URLs.SCIMBaseURL)
	if err != nil {
		return err
	}
	d.Members, err = o.clientWith(ctx, loaded, d.Subject.SentryURL, token)
	return err
}

// clientWith makes a client that sends a token to Sentry.
func (o *examination) clientWith(ctx context.Context, loaded *config.Loaded, address string, token secret.String) (*http.Client, error) {
	roots, err := o.authorities(ctx, loaded.Config.Sentry.CAFile)
	if err != nil {
		return nil, fault.Hint(err, "sentry.ca_file names the file")
	}
	options := o.clientOptions(loaded)
	options.Origin, options.Token, options.RootCAs = address, token, roots
	return o.newClient(options)
}

// connectIntegration fails where a setting of the integration cannot be used.
func (o *examination) connectIntegration(ctx context.Context, loaded *config.Loaded, d *doctor.Doctor) error {
	if !o.given(loaded.Config.Authentik.Token) {
		cannot(d, "authentik.token is not set", doctor.ProbeAuthentik, doctor.ProbeIntegration)
		return nil
	}
	client, err := o.authentikClient(ctx, loaded)
	if err != nil {
		unusable(d, "authentik.token", err)
		cannot(d, "authentik's token cannot be used", doctor.ProbeAuthentik, doctor.ProbeIntegration)
		return nil
	}
	d.Authentik = client
	if d.Subject.URLs == nil {
		return nil
	}
	d.Integration, err = o.unconnectedRun(ctx, loaded)
	if err != nil {
		return err
	}
	d.Integration.Client = client
	return nil
}

// connectDrift compares as 'scim status' does, and says nothing meanwhile.
func (o *examination) connectDrift(loaded *config.Loaded, d *doctor.Doctor) {
	settings := loaded.Config.SCIM
	switch {
	case settings.Source == config.SourceAuthentik && d.Authentik == nil:
		cannot(d, "authentik's users cannot be read", doctor.ProbeDrift)
		return
	case settings.Source == config.SourceFile && settings.File == "-":
		cannot(d, "standard input is read by a push alone", doctor.ProbeDrift)
		return
	case settings.Source == "":
		cannot(d, "there is no source of users: neither authentik.url nor scim.file is set", doctor.ProbeDrift)
		return
	}
	silent := *o.app
	silent.term = &ui.Terminal{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, NoInput: true, Quiet: true}
	silent.told = slices.Clone(o.told)
	status := &scimPushOptions{app: &silent, dryRun: true}
	d.Drift = func(ctx context.Context) (string, error) { return status.drift(ctx, loaded) }
}

// drift says what a push would change, nothing for nothing.
func (o *scimPushOptions) drift(ctx context.Context, loaded *config.Loaded) (string, error) {
	want, source, err := o.want(ctx, loaded)
	if err != nil {
		return "", err
	}
	push, err := o.push(ctx, loaded, source)
	if err != nil {
		return "", err
	}
	status, err := push.Status(ctx, want)
	if status == nil || !status.Drift {
		return "", err
	}
	return "a push has this to do: " + status.Plan.Planned(), nil
}
