package cmd

import (
	"context"
	"crypto/x509"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

func authentikVersionFlag(cmd *cobra.Command, version *string) {
	cmd.Flags().StringVar(version, "authentik-version", "", "authentik's `release`, such as 2026.5 (default "+metadata.NewestAuthentik+")")
	completeValues(cmd, "authentik-version", metadata.AuthentikVersions())
}

// describe puts the identity provider together from its metadata or from the
// settings of authentik; nil where neither is named.
func (o *sentryScriptOptions) describe(ctx context.Context, loaded *config.Loaded) (*metadata.Description, error) {
	c := loaded.Config.Authentik
	switch {
	case o.metadata != "":
		return o.fromMetadata(ctx)
	case c.CertificateFile == "":
		o.term.Note("the script has no actions saml and certificate: they need --metadata FILE, or --authentik-url and --certificate-file")
		return nil, nil //nolint:nilnil // no identity provider is a value: the script has fewer actions
	case c.URL == "":
		return nil, fault.Hint(fault.Usagef("a certificate is set (authentik.certificate_file), and no authentik is (authentik.url)"),
			"pass --authentik-url URL, or --metadata FILE in place of both")
	}
	description, err := metadata.Authentik(c.URL, c.Application, o.version)
	if err != nil {
		return nil, err
	}
	// 'authentik apply' pins the metadata URL as the issuer where the release has another.
	description.EntityID = description.Site.MetadataURL
	if c.Issuer != "" {
		description.EntityID = c.Issuer
	}
	held, err := o.readKeyFile(ctx, c.CertificateFile)
	if err != nil {
		return nil, err
	}
	if len(held.Certificates) == 0 {
		return nil, fault.Hint(fault.Usagef("%s holds no certificate", c.CertificateFile), "'sentryidp saml cert generate' makes one")
	}
	description.Certificates = held.Certificates[:1]
	return &description, nil
}

// fromMetadata takes what Sentry would store of the metadata.
func (o *sentryScriptOptions) fromMetadata(ctx context.Context) (*metadata.Description, error) {
	name := source{path: o.metadata}.name()
	stored, err := o.stored(ctx)
	if err != nil {
		return nil, err
	}
	if stored.X509Cert == "" || stored.EntityID == "" || stored.SSOURL == "" {
		return nil, fault.Hint(fault.Usagef("%s: expected metadata that Sentry stores but an entity ID, a redirect URL or a certificate is missing", name),
			"'sentryidp saml metadata lint' says what is wrong")
	}
	certificate, err := metadata.ReadCertificate([]byte(stored.X509Cert))
	if err != nil {
		return nil, wrongInput(fmt.Errorf("%s: the signing certificate: %w", name, err))
	}
	return &metadata.Description{
		EntityID: stored.EntityID, SSORedirect: stored.SSOURL, SLORedirect: stored.SLOURL, Certificates: []*x509.Certificate{certificate},
	}, nil
}

func (o *sentryScriptOptions) stored(ctx context.Context) (metadata.Stored, error) {
	if !isURL(o.metadata) {
		return parsed(ctx, o.app, source{o.metadata, filekind.Metadata, maxLinted}, metadata.Parse)
	}
	data, reach, err := o.fetchMetadata(ctx, o.metadata, o.caFile)
	if err != nil {
		return metadata.Stored{}, err
	}
	if len(reach) > 0 {
		o.term.Note("only this machine has to reach the metadata: Sentry does not fetch it")
	}
	stored, err := metadata.Parse(data)
	if err != nil {
		return metadata.Stored{}, wrongInput(fmt.Errorf("%s: %w", o.metadata, err))
	}
	return stored, nil
}
