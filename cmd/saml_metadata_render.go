package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type samlMetadataRenderOptions struct {
	*app

	version string // of authentik
	given   metadata.Description
	formats []string
	certs   []string
	key     string
	sign    bool

	validFor      spanValue
	cacheDuration spanValue

	out   string
	force bool
}

func newSamlMetadataRender(a *app) *cobra.Command {
	o := &samlMetadataRenderOptions{app: a}
	cmd := &cobra.Command{
		Use:   "render",
		Short: "Write IdP metadata that Sentry can read",
		Long: `Write SAML metadata of an identity provider: of authentik, whose URLs follow
from its address and the application's slug, or of any other by explicit URLs,
which also replace single URLs of authentik.

Sentry reads metadata once. It keeps the entity ID, the HTTP-Redirect URLs and
the first certificate (-o json shows them), and checks no signature on it. The
same input and clock give the same bytes.`,
		Example: `  sentryidp saml metadata render --authentik-url https://id.example.com --application sentry \
    --cert saml-signing.crt > idp.xml
  sentryidp saml metadata render --entity-id https://idp.example.com/metadata \
    --sso-redirect-url https://idp.example.com/sso --cert idp.crt -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.flags(cmd)
	return cmd
}

func (o *samlMetadataRenderOptions) flags(cmd *cobra.Command) {
	settingFlags(cmd, "authentik.url", "authentik.application")
	flags := cmd.Flags()
	flags.StringVar(&o.version, "authentik-version", "", "authentik's `release`, such as 2026.5 (default "+metadata.NewestAuthentik+")")
	flags.StringVar(&o.given.EntityID, "entity-id", "", "the IdP's entity `ID`, the issuer of its responses")
	flags.StringVar(&o.given.SSORedirect, "sso-redirect-url", "", "SSO `URL` for HTTP-Redirect, the one that Sentry uses")
	flags.StringVar(&o.given.SSOPost, "sso-post-url", "", "SSO `URL` for HTTP-POST")
	flags.StringVar(&o.given.SLORedirect, "slo-redirect-url", "", "SLO `URL` for HTTP-Redirect, the one that Sentry uses")
	flags.StringVar(&o.given.SLOPost, "slo-post-url", "", "SLO `URL` for HTTP-POST")
	flags.StringArrayVar(&o.formats, "name-id-format", nil, "announce this `format`: "+
		strings.Join(metadata.NameIDNames(), ", ")+" or a URN (repeatable)")
	flags.StringArrayVar(&o.certs, "cert", nil, "signing certificate in `file`; Sentry trusts the first (repeatable)")
	flags.StringVar(&o.key, "key", "", "sign the metadata with the private key in `file`")
	flags.BoolVar(&o.sign, "sign", false, "sign the metadata; the key is in --key or beside the certificate")
	flags.Var(&o.validFor, "valid-for", "say that the metadata ends after this `duration`, such as 90d")
	flags.Var(&o.cacheDuration, "cache-duration", "say that it may be cached for this `duration`, such as 24h")
	flags.StringVar(&o.out, "out", "", "write to `file` and print what Sentry would store")
	flags.BoolVar(&o.force, "force", false, "replace the file of --out")
	completeValues(cmd, "name-id-format", metadata.NameIDNames())
	completeValues(cmd, "authentik-version", metadata.AuthentikVersions())
	completeFile(cmd, "cert", "crt", "pem", "cer", "der")
	completeFile(cmd, "key", "key", "pem")
	completeFile(cmd, "out", "xml")
}

func (o *samlMetadataRenderOptions) run(cmd *cobra.Command) error {
	if o.force && o.out == "" {
		return fault.Hint(fault.Usagef("--force replaces the file of --out, and there is no --out"), "add --out FILE")
	}
	description, err := o.describe(cmd)
	if err != nil {
		return err
	}
	keys, err := o.readKeys(cmd.Context(), cmd.Flags().Changed("sign"))
	if err != nil {
		return err
	}
	description.Certificates = keys.certificates
	doc, err := metadata.Build(description, keys.signer, o.now())
	if err != nil {
		return err
	}
	for _, f := range doc.Findings {
		if f.Severity.AtLeast(metadata.Warning) {
			o.term.Warn("%s", ui.Printable(f.Sentence()))
		}
	}
	if o.out != "" {
		if err := o.write(doc.Metadata); err != nil {
			return err
		}
		doc.File = o.out
	}
	return o.show(doc)
}

func (o *samlMetadataRenderOptions) write(xml string) error {
	err := atomicfile.Write(o.out, []byte(xml), 0o644, atomicfile.Replace(o.force))
	if errors.Is(err, fs.ErrExist) {
		return fault.Hint(fmt.Errorf("%s exists and is not replaced: %w", o.out, err), "add --force to replace it")
	}
	return err
}
