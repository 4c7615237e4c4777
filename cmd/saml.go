package cmd

import "github.com/spf13/cobra"

func newSaml(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "saml", Short: "SAML: URLs, attributes, signing certificates, metadata and responses"},
		newSamlUrls(a),
		newSamlAttributes(a),
		newSamlCert(a),
		newSamlMetadata(a),
		newSamlResponse(a),
	)
}

func newSamlCert(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "cert", Short: "Make, read and check signing certificates"},
		newSamlCertGenerate(a),
		newSamlCertInspect(a),
		newSamlCertCheck(a),
		newSamlCertRotate(a),
	)
}

func newSamlMetadata(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "metadata", Short: "Render, fetch and judge IdP metadata"},
		newSamlMetadataRender(a),
		newSamlMetadataFetch(a),
		newSamlMetadataLint(a),
	)
}
