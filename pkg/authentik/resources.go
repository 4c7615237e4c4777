package authentik

// Users are the people and service accounts. List them with
// include_groups=false, which leaves out the groups as objects.
func (c *Client) Users() Resource[User] {
	return Resource[User]{client: c, path: "core/users/", model: "authentik_core.user"}
}

// Groups are the groups. List them with include_users=false, which leaves out
// the members as objects.
func (c *Client) Groups() Resource[Group] {
	return Resource[Group]{client: c, path: "core/groups/", model: "authentik_core.group"}
}

// Applications are keyed by slug. Their list leaves out what the token's user has
// no access to, so Get is how to learn whether one exists.
func (c *Client) Applications() Resource[Application] {
	return Resource[Application]{client: c, path: "core/applications/", model: "authentik_core.application", hidden: true}
}

// Bindings are the policy bindings; the filter target selects an application's.
func (c *Client) Bindings() Resource[Binding] {
	return Resource[Binding]{client: c, path: "policies/bindings/", model: "authentik_policies.policybinding"}
}

// SAMLProviders are the SAML providers.
func (c *Client) SAMLProviders() Resource[SAMLProvider] {
	return Resource[SAMLProvider]{client: c, path: "providers/saml/", model: "authentik_providers_saml.samlprovider"}
}

// SCIMProviders are the SCIM providers.
func (c *Client) SCIMProviders() Resource[SCIMProvider] {
	return Resource[SCIMProvider]{client: c, path: "providers/scim/", model: "authentik_providers_scim.scimprovider"}
}

// KeyPairs are the certificates with and without keys. Create takes name,
// certificate_data and key_data (PEM).
func (c *Client) KeyPairs() Resource[CertificateKeyPair] {
	return Resource[CertificateKeyPair]{client: c, path: "crypto/certificatekeypairs/", model: "authentik_crypto.certificatekeypair"}
}

// Flows are keyed by slug.
func (c *Client) Flows() Resource[Flow] {
	return Resource[Flow]{client: c, path: "flows/instances/", model: "authentik_flows.flow"}
}

// SAMLMappings are the property mappings for SAML providers.
func (c *Client) SAMLMappings() Resource[PropertyMapping] {
	return Resource[PropertyMapping]{client: c, path: "propertymappings/provider/saml/", model: "authentik_providers_saml.samlpropertymapping"}
}

// SCIMMappings are the property mappings for SCIM providers.
func (c *Client) SCIMMappings() Resource[PropertyMapping] {
	return Resource[PropertyMapping]{client: c, path: "propertymappings/provider/scim/", model: "authentik_providers_scim.scimmapping"}
}

// Schedules are what authentik runs again and again. Patch takes crontab and
// paused.
func (c *Client) Schedules() Resource[Schedule] {
	return Resource[Schedule]{client: c, path: "tasks/schedules/", model: "authentik_tasks_schedules.schedule"}
}

// Tasks are the runs of schedules and others.
func (c *Client) Tasks() Resource[Task] {
	return Resource[Task]{client: c, path: "tasks/tasks/", model: "authentik_tasks.task"}
}
