package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// verifyUrls shows the addresses with what Sentry publishes, and fails where
// they differ.
func (a *app) verifyUrls(ctx context.Context, urls sentry.URLs, loaded *config.Loaded) error {
	client, err := a.plainClient(ctx, loaded.Config.Sentry.CAFile)
	if err != nil {
		return err
	}
	release, err := releaseOf(loaded)
	if err != nil {
		return err
	}
	verified, err := metadata.Verify(ctx, client, urls, release)
	if err != nil {
		return err
	}
	if defaultSentry(loaded) {
		verified.OnlyDefault(urls.SentryURL)
	}
	if err := a.show(&verifiedURLs{urls, verified}); err != nil {
		return err
	}
	if !verified.OK {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

// releaseOf is the release of Sentry that the configuration names, or none.
func releaseOf(loaded *config.Loaded) (sentry.Release, error) {
	if loaded.Config.Sentry.Release == "" {
		return sentry.Release{}, nil
	}
	return sentry.ParseRelease(loaded.Config.Sentry.Release)
}

// defaultSentry reports whether nobody gave Sentry's address.
func defaultSentry(loaded *config.Loaded) bool {
	return loaded.Origin(sentryAddress).Kind == config.FromDefault
}

// verifiedURLs is the document of `saml urls --verify`.
type verifiedURLs struct {
	sentry.URLs

	Verification *metadata.Verification `json:"verification"`
}

var _ report.EnvDocument = (*verifiedURLs)(nil)

// RenderText writes the addresses and how they compare.
func (d *verifiedURLs) RenderText(w io.Writer, s ui.Styles) error {
	if err := d.URLs.RenderText(w, s); err != nil {
		return err
	}
	for _, c := range d.Verification.Compared {
		if c.Equal {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s %s differs, Sentry has\n  %s\n", s.Bad("error:"), c.Name, s.Code(ui.Printable(c.Published))); err != nil {
			return err
		}
	}
	for _, p := range d.Verification.Problems {
		if _, err := fmt.Fprintf(w, "%s %s [%s]\n  %s %s\n", s.Bad("error:"), ui.Printable(p.Message), p.Code, s.Dim("fix:"), p.Fix); err != nil {
			return err
		}
	}
	if d.Verification.OK {
		if _, err := fmt.Fprintf(w, "%s Sentry publishes the same entity ID, ACS and SLS\n", s.Good("verified:")); err != nil {
			return err
		}
	}
	return sentry.RenderAdvisories(w, s, d.Verification.Advisories)
}
