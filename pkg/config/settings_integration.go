package config

// integrationSettings are what `authentik apply` makes.
func integrationSettings() []Setting {
	return []Setting{
		{
			Path: "authentik.name", Class: NeedsTrust, Type: String, Default: "Sentry", Example: "Sentry",
			Description: "name of the application in authentik",
		},
		{
			Path: "authentik.saml_provider", Class: NeedsTrust, Type: String, Default: "", Flag: "saml-provider", Example: "Sentry SAML",
			Description: "`name` of the SAML provider; empty: the application's, else authentik.name and SAML",
		},
		{
			Path: "authentik.scim_provider", Class: NeedsTrust, Type: String, Default: "", Flag: "scim-provider", Example: "Sentry SCIM",
			Description: "`name` of the SCIM provider; empty: the application's, else authentik.name and SCIM",
		},
		{
			Path: "authentik.scim_mapping", Class: NeedsTrust, Type: String, Default: "", Flag: "scim-mapping", Example: "Sentry SCIM user",
			Description: "`name` of the SCIM mapping; empty: the SCIM provider's, else Sentry SCIM user",
		},
		{
			Path: "authentik.issuer", Class: NeedsTrust, Type: String, Default: "", Flag: "issuer", Example: "https://authentik.example.com/application/saml/sentry/metadata/",
			Description: "pin the issuer of assertions, a `URI`; empty: the present one, else the metadata URL",
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
			Description: "`name` of the certificate in authentik to sign with; empty: the one in use, else authentik's own",
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
			Path: "authentik.policy_engine_mode", Class: NeedsTrust, Type: String, Default: "", Enum: []string{"any", "all"}, Flag: "policy-engine-mode", Example: "any",
			Description: "how many bindings have to let a user in; empty: as it is, else any",
		},
		{
			Path: "authentik.with_scim", Class: NeedsTrust, Type: Bool, Default: false, Flag: "with-scim", Example: false,
			Description: "make authentik's own SCIM provider too, which 'scim push' does not need",
		},
	}
}
