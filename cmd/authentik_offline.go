package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// offlineOptions are what is asked of authentik where it is not there to ask.
type offlineOptions struct {
	*app

	release string
	keyType string
}

func (o *offlineOptions) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.release, "authentik-version", metadata.NewestAuthentik, "write for this `release` of authentik")
	flags.Var(enum(&o.keyType, string(integration.RSA), integration.KeyAlgorithms()), "signing-key-type", "kind of the key of the certificate in authentik")
	completeValues(cmd, "authentik-version", metadata.AuthentikVersions())
	completeValues(cmd, "signing-key-type", integration.KeyAlgorithms())
}

// desired works out the objects from the settings alone.
func (o *offlineOptions) desired(cmd *cobra.Command, withSCIM bool) (*integration.Desired, error) {
	loaded, err := o.settings(cmd)
	if err != nil {
		return nil, err
	}
	settings, err := o.integrationSettings(cmd.Context(), loaded)
	if err != nil {
		return nil, err
	}
	capabilities, err := authentik.CapabilitiesOf(o.release)
	if err != nil {
		return nil, fault.Hint(fault.WithCode(err, fault.Usage), "--authentik-version takes a release such as %s", metadata.NewestAuthentik)
	}
	if capabilities.Note != "" {
		o.term.Warn("%s", capabilities.Note)
	}
	if settings.AuthentikURL == "" && settings.Issuer == "" && !capabilities.IssuerOverride {
		return nil, fault.Hint(fault.Usagef("no authentik is set (authentik.url), which the issuer needs before 2026.5"), "pass --authentik-url URL")
	}
	if settings.Signing.Upload == nil {
		settings.Signing.Algorithm = integration.KeyAlgorithm(o.keyType)
	} else if cmd.Flags().Changed("signing-key-type") {
		return nil, fault.Usagef("--signing-key-type is about a certificate in authentik, and --certificate-file names another")
	}
	settings.WithSCIM = settings.WithSCIM || withSCIM
	return integration.Want(settings, capabilities)
}

// describedDocument is a description of the integration for another tool.
type describedDocument struct {
	Release string `json:"authentik_release"`
	Format  string `json:"format"`
	Part    string `json:"part,omitempty"`
	Content string `json:"content"`
}

var _ report.Document = (*describedDocument)(nil)

// RenderText writes the description as it is.
func (d *describedDocument) RenderText(w io.Writer, _ ui.Styles) error {
	_, err := fmt.Fprint(w, d.Content)
	return err
}
