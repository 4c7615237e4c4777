package config

// integrationSettings are what `authentik apply` makes.
func integrationSettings() []Setting {
	return []Setting{
		{
			Path: "authentik.name", Class: NeedsTrust, Type: String, Default: "Sentry", Example: "Sentry",
			Description: "name of the application in authentik",
		},
		{
			Path: "authentik.saml_provider", Class: NeedsTrust, Type: String, Default: "", Example: "Sentry SAML",
			Description: "name of the SAML provider; empty: authentik.name and SAML",
		},
		{
			Path: "authentik.scim_provider", Class: NeedsTrust, Type: String, Default: "", Example: "Sentry SCIM",
			Description: "name of the SCIM provider; empty: authentik.name and SCIM",
		},
		{
			Path: "authentik.issuer", Class: NeedsTrust, Type: String, Default: "", Flag: "issuer", Example: "https://authentik.example.com/application/saml/sentry/metadata/",
			Description: "pin the issuer of assertions, a `URI`; empty: the metadata URL, as the integration guide has it",
		},
		{
			Path: "authentik.authorization_flow", Class: NeedsTrust, Type: String, Default: "default-provider-authorization-implicit-consent",
			Example: "default-provider-authorization-explicit-consent", Description: "slug of the flow that asks for consent", check: checkSlug,
		},
		{
			Path: "authentik.invalidation_flow", Class: NeedsTrust, Type: String, Default: "default-provider-invalidation-flow",
			Example: "default-provider-invalidation-flow", Description: "slug of the flow of a logout", check: checkSlug,
		},
		{
			Path: "authentik.signing_keypair", Class: NeedsTrust, Type: String, Default: "", Flag: "signing-keypair", Example: "Sentry SAML signing",
			Description: "`name` of the certificate in authentik to sign with; empty: authentik's self-signed one",
		},
		{
			Path: "authentik.certificate_file", Class: NeedsTrust, Type: String, Default: "", Flag: "certificate-file", Example: "saml-signing.crt",
			Description: "upload the signing certificate in `file`, as 'saml cert generate' makes it",
		},
		{
			Path: "authentik.key_file", Class: NeedsTrust, Type: String, Default: "", Flag: "key-file", Example: "saml-signing.key",
			Description: "`file` of the key of authentik.certificate_file",
		},
		{
			Path: "authentik.bind_groups", Class: NeedsTrust, Type: List, Default: []string{}, Flag: "bind-group", Example: []string{"sentry-users"},
			Description: "groups that may use the application (`name`); none at all: everybody",
		},
		{
			Path: "authentik.bind_users", Class: NeedsTrust, Type: List, Default: []string{}, Flag: "bind-user", Example: []string{"ada"},
			Description: "people who may use the application (`username`)",
		},
		{
			Path: "authentik.with_scim", Class: NeedsTrust, Type: Bool, Default: false, Flag: "with-scim", Example: false,
			Description: "make authentik's own SCIM provider too, which 'scim push' does not need",
		},
	}
}
