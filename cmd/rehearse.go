package cmd

import (
	"cmp"
	"context"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// useSandbox starts an emulated Sentry and an emulated authentik in this process
// and points in at them. People come from that authentik, unless a file or another
// authentik is named on the command line. For the commands that set authentik up,
// fresh, it has no application for Sentry yet.
func (a *app) useSandbox(ctx context.Context, in *config.Input, fresh bool) error {
	setup := sandboxSetup{
		address: loopback, state: sandbox.SampleState(), config: sandbox.Config{Release: sandbox.ReleaseLatest}, authentikAddress: loopback,
	}
	if org := in.Flags["sentry.org"]; org != "" {
		slug, err := sentry.ParseSlug(org)
		if err != nil {
			return err
		}
		setup.state.Org = string(slug)
	}
	application := cmp.Or(in.Flags["authentik.application"], sampleApplication)
	in.Flags["authentik.application"] = application
	if fresh {
		application = ""
	}
	var err error
	if setup.authentikState, err = sampleAuthentik(application); err != nil {
		return err
	}
	running, err := a.startSandbox(ctx, setup)
	if err != nil {
		return err
	}
	a.rehearsal = running
	in.Flags["sentry.url"], in.Flags["sentry.org"] = running.url, setup.state.Org
	a.usePeople(in)
	a.term.Note("--sandbox: an emulated Sentry and an emulated authentik in this process, with sample data")
	return nil
}

// loopback lets the system pick a port.
const loopback = "127.0.0.1:0"

// usePeople points in at the emulated authentik.
func (a *app) usePeople(in *config.Input) {
	if in.Flags["authentik.url"] != "" {
		return
	}
	in.Flags["authentik.url"] = a.rehearsal.authentikURL
	switch {
	case in.Flags["scim.source"] != "":
	case in.Flags["scim.file"] != "":
		in.Flags["scim.source"] = config.SourceFile
	default:
		in.Flags["scim.source"] = config.SourceAuthentik
	}
}

// rehearses reports whether the emulated authentik stands in for the real one.
func (a *app) rehearses(loaded *config.Loaded) bool {
	return a.rehearsal != nil && loaded.Config.Authentik.URL == a.rehearsal.authentikURL
}
