package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// sandboxStart is what the emulated authentik of --sandbox starts with.
type sandboxStart string

// The starts: the integration as the guide makes it, no application, and the
// guide's with a few things wrong.
const (
	noSandbox      sandboxStart = ""
	guidedSandbox  sandboxStart = "guide"
	emptySandbox   sandboxStart = "empty"
	driftedSandbox sandboxStart = "drifted"
)

func sandboxes() []string {
	return []string{string(guidedSandbox), string(emptySandbox), string(driftedSandbox)}
}

// useSandbox starts an emulated Sentry and an emulated authentik in this process
// and points in at them. People come from that authentik, unless a file or another
// authentik is named on the command line.
func (a *app) useSandbox(ctx context.Context, in *config.Input) error {
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
	slug := cmp.Or(in.Flags["authentik.application"], sampleApplication)
	in.Flags["authentik.application"] = slug
	application := slug
	if a.sandbox == emptySandbox {
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
	if a.sandbox != emptySandbox {
		if err := running.guided(slug, a.sandbox == driftedSandbox); err != nil {
			return err
		}
	}
	a.rehearsal = running
	in.Flags["sentry.url"], in.Flags["sentry.org"], in.Flags["sentry.scim.url"] = running.url, setup.state.Org, ""
	a.usePeople(in)
	a.term.Note("--sandbox: an emulated Sentry and an emulated authentik in this process, with sample data; nothing is remembered")
	return nil
}

// writesAuthentik refuses a real authentik in a rehearsal of a command that writes
// to it: --sandbox says that nothing real is changed.
func writesAuthentik(cmd *cobra.Command) error { return exclusive(cmd, "sandbox", "authentik-url") }

// guided makes the integration as somebody does who follows the guide, and then
// gets a few things wrong.
func (s *runningSandbox) guided(slug string, drifted bool) error {
	err := s.authentik.FollowGuide(emulated.Guide{
		SentryURL: s.url, Org: s.org, Slug: slug, SCIMURL: s.url + "/api/0/organizations/" + s.org + "/scim/v2/", SCIMToken: s.sentry.Token(),
	})
	if err == nil && drifted {
		s.authentik.Edit(emulated.Drift)
	}
	return err
}

// tellReplaced names what files and variables set and a rehearsal does not use.
// given are the flags of the command line, which count.
func (a *app) tellReplaced(loaded *config.Loaded, given map[string]string) {
	unused := map[string]bool{
		"sentry.scim.token": true, "sentry.api.token": true, "authentik.token": a.rehearses(loaded), "scim.file": loaded.Config.SCIM.Source != config.SourceFile, "state_dir": true,
	}
	var replaced []string
	for _, s := range config.Settings() {
		_, counts := given[s.Path]
		from, hidden := loaded.Hidden(s.Path)
		if !hidden && unused[s.Path] {
			from = loaded.Origin(s.Path)
			hidden = from.Kind != config.FromDefault
		}
		if hidden && !counts {
			replaced = append(replaced, fmt.Sprintf("%s (%s)", s.Path, from))
		}
	}
	if len(replaced) > 0 {
		a.term.Note("--sandbox does not use %s", strings.Join(replaced, ", "))
	}
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
