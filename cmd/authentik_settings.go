package cmd

import (
	"cmp"
	"context"
	"crypto"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

// integrationFlags are the settings that say what the integration is.
func integrationFlags(cmd *cobra.Command, more ...string) {
	settingFlags(cmd, append([]string{
		"sentry.org", "sentry.url", "authentik.url", "authentik.application", "authentik.issuer",
		"authentik.saml_provider", "authentik.scim_provider", "authentik.scim_mapping",
		"authentik.signing_keypair", "authentik.certificate_file", "authentik.key_file",
		"authentik.bind_groups", "authentik.bind_users", "authentik.policy_engine_mode",
	}, more...)...)
	completeFile(cmd, "certificate-file", "crt", "pem", "cer")
	completeFile(cmd, "key-file", "key", "pem")
}

// integrationSettings is what the configuration wants of authentik. Sentry's SCIM
// token is left out.
func (a *app) integrationSettings(ctx context.Context, loaded *config.Loaded) (integration.Settings, error) {
	base, slug, err := a.organization(loaded.Addresses())
	if err != nil {
		return integration.Settings{}, err
	}
	if defaultSentry(loaded) {
		a.term.Warn("Sentry's address is %s, which is only the default: pass --sentry-url if Sentry is elsewhere, or its users are sent to the wrong place", base)
	}
	c := loaded.Config.Authentik
	upload, algorithm, err := a.upload(ctx, c)
	if err != nil {
		return integration.Settings{}, err
	}
	named := func(path, value string) string { // a default is what is made new, and changes nothing
		if loaded.Origin(path).Kind == config.FromDefault {
			return ""
		}
		return value
	}
	return integration.Settings{
		URLs: sentry.URLsOf(base, slug), AuthentikURL: strings.TrimRight(strings.TrimSpace(c.URL), "/"),
		Application: c.Application, Name: named("authentik.name", c.Name), Issuer: c.Issuer,
		SAMLProvider: c.SAMLProvider, SCIMProvider: c.SCIMProvider, SCIMMapping: c.SCIMMapping,
		AuthorizationFlow: named("authentik.authorization_flow", c.AuthorizationFlow),
		InvalidationFlow:  named("authentik.invalidation_flow", c.InvalidationFlow),
		Signing:           integration.Signing{Name: c.SigningKeypair, Algorithm: algorithm, Upload: upload},
		BindGroups:        c.BindGroups, BindUsers: c.BindUsers, PolicyMode: c.PolicyEngineMode,
		WithSCIM: c.WithSCIM, SCIMURL: loaded.Config.Sentry.SCIM.URL, Teams: loaded.Config.SCIM.Groups,
	}, nil
}

// upload reads the pair of files to upload, nil where none is set.
func (a *app) upload(ctx context.Context, c config.Authentik) (*integration.Upload, integration.KeyAlgorithm, error) {
	if c.CertificateFile == "" {
		if c.KeyFile != "" {
			return nil, "", fault.Hint(fault.Usagef("authentik.key_file is set, and its certificate is not"), "name it with --certificate-file")
		}
		return nil, "", nil
	}
	held, err := a.readPair(ctx, c.CertificateFile)
	if err != nil {
		return nil, "", err
	}
	if len(held.Certificates) == 0 {
		return nil, "", fault.Hint(fault.Usagef("%s holds no certificate", c.CertificateFile), "'sentryidp saml cert generate' makes one")
	}
	pair := &keypair.Pair{Certificate: held.Certificates[0]}
	key, err := a.uploadKey(ctx, c.KeyFile, pair)
	if err != nil {
		return nil, "", err
	}
	algorithm, err := integration.AlgorithmOf(pair.Certificate.PublicKey)
	return &integration.Upload{
		Certificate: string(pair.CertificatePEM()), Fingerprint: keypair.FingerprintSHA256(pair.Certificate), Key: key,
	}, algorithm, err
}

// uploadKey reads the key of the pair, if a file is named.
func (a *app) uploadKey(ctx context.Context, path string, pair *keypair.Pair) (secret.String, error) {
	if path == "" {
		return secret.String{}, nil
	}
	held, err := a.readPair(ctx, path)
	if err != nil {
		return secret.String{}, err
	}
	if err := a.checkSecretFile(path, privateKey); err != nil {
		return secret.String{}, err
	}
	for _, key := range held.Keys {
		if keypair.Belong(key, pair.Certificate) {
			return keyPEM(key)
		}
	}
	return secret.String{}, fault.Hint(fault.Usagef("%s holds no private key of the certificate", path), "'sentryidp saml cert inspect' shows what belongs together")
}

func keyPEM(key crypto.Signer) (secret.String, error) {
	data, err := (&keypair.Pair{Key: key}).KeyPEM()
	return secret.New(string(data)), err
}

func (a *app) readPair(ctx context.Context, path string) (*keypair.Contents, error) {
	return parsed(ctx, a, source{path, filekind.Keys, keypair.MaxBytes}, func(data []byte) (*keypair.Contents, error) {
		return keypair.Parse(data, func() (string, error) {
			return "", fault.Hint(fault.New(fault.Credential, "it is locked with a passphrase"), "give a certificate and a key in PEM")
		})
	})
}

// integrationRun joins the settings with a client. The token for Sentry's SCIM is
// read only where authentik is to have it.
func (a *app) integrationRun(ctx context.Context, loaded *config.Loaded) (*integration.Run, error) {
	if err := a.demand(loaded, setup.Org, authentikAddress, setup.AuthentikToken); err != nil {
		return nil, err
	}
	run, err := a.unconnectedRun(ctx, loaded)
	if err != nil {
		return nil, err
	}
	if run.Client, err = a.connectAuthentik(ctx, loaded); err != nil {
		return nil, err
	}
	return run, nil
}

// unconnectedRun is an integrationRun without its client.
func (a *app) unconnectedRun(ctx context.Context, loaded *config.Loaded) (*integration.Run, error) {
	if err := a.vouch(ctx, loaded, integrationAddresses()...); err != nil {
		return nil, err
	}
	settings, err := a.integrationSettings(ctx, loaded)
	if err != nil {
		return nil, err
	}
	if settings.WithSCIM { // authentik sends the token there
		if _, err := secretTarget(loaded, cmp.Or(settings.SCIMURL, settings.URLs.SCIMBaseURL), scimAddressSetting(loaded)); err != nil {
			return nil, err
		}
	}
	if settings.WithSCIM && (a.rehearsal != nil || !loaded.Config.Sentry.SCIM.Token.IsZero()) {
		if settings.SCIMToken, err = a.scimTokenForAuthentik(ctx, loaded); err != nil {
			return nil, err
		}
	}
	return &integration.Run{Settings: settings, Tokens: a.givenTokens(loaded, settings), Now: a.now}, nil
}

// givenTokens remembers what authentik was given and does not tell; nil where no
// token matters, or nothing is remembered.
func (a *app) givenTokens(loaded *config.Loaded, settings integration.Settings) *integration.Tokens {
	if a.rehearsal != nil || !settings.WithSCIM {
		return nil
	}
	dir, err := a.stateDir(loaded)
	if err != nil {
		a.tellOnce(a.term.Note, "the fingerprint of the SCIM token cannot be kept: "+fault.Text(err))
		return nil
	}
	return &integration.Tokens{Path: filepath.Join(dir, "authentik-tokens.json"), Rand: a.rand}
}
