package authentik

import (
	"fmt"
	"net/url"
	"slices"
)

// pathProviders stands for the collections of providers, which share their keys.
const pathProviders = "providers/all"

const nonField = "non_field_errors"

// provider returns the provider with that key, or nil.
func (a *Authentik) provider(key any) Object {
	if o := a.find(pathSAML, key); o != nil {
		return o
	}
	return a.find(pathSCIM, key)
}

const (
	xmldsig     = "http://www.w3.org/2000/09/xmldsig#"
	xmldsigMore = "http://www.w3.org/2001/04/xmldsig-more#"
	xmlenc      = "http://www.w3.org/2001/04/xmlenc#"
)

func digests() []string {
	return []string{xmldsig + "sha1", xmlenc + "sha256", xmldsigMore + "sha384", xmlenc + "sha512"}
}

func signatures() []string {
	return []string{
		xmldsig + "rsa-sha1", xmldsigMore + "rsa-sha256", xmldsigMore + "rsa-sha384", xmldsigMore + "rsa-sha512",
		xmldsigMore + "ecdsa-sha1", xmldsigMore + "ecdsa-sha256", xmldsigMore + "ecdsa-sha384", xmldsigMore + "ecdsa-sha512", xmldsig + "dsa-sha1",
	}
}

func nameIDFormats() []string {
	const old, now = "urn:oasis:names:tc:SAML:1.1:nameid-format:", "urn:oasis:names:tc:SAML:2.0:nameid-format:"
	return []string{old + "emailAddress", now + "persistent", old + "X509SubjectName", now + "WindowsDomainQualifiedName", now + "transient", old + "unspecified"}
}

// samlProviders are SAML providers (authentik/providers/saml/api/providers.py).
func samlProviders() *kind {
	bindings := []string{"redirect", "post"}
	return &kind{
		path: pathSAML, name: "provider", numbered: true,
		fields: []field{
			{name: "name", required: true, unique: true},
			ref("authorization_flow", pathFlows).must(), ref("invalidation_flow", pathFlows).must(), ref("authentication_flow", pathFlows),
			refs("property_mappings", pathSAMLMappings),
			{name: "acs_url", shape: address, required: true},
			{name: "sls_url", shape: address, blank: true},
			words("audience"),
			{name: "issuer", standard: "authentik", until: Release202605},
			{name: "issuer_override", blank: true, since: Release202605},
			{name: "assertion_valid_not_before", standard: "minutes=-5"},
			{name: "assertion_valid_not_on_or_after", standard: "minutes=5"},
			{name: "session_valid_not_on_or_after", standard: "minutes=86400"},
			ref("name_id_mapping", pathSAMLMappings), ref("authn_context_class_ref_mapping", pathSAMLMappings),
			{name: "digest_algorithm", shape: choice, standard: digests()[1], choices: digests()},
			{name: "signature_algorithm", shape: choice, standard: signatures()[1], choices: signatures()},
			ref("signing_kp", pathKeyPairs), ref("verification_kp", pathKeyPairs), ref("encryption_kp", pathKeyPairs),
			flag("sign_assertion", true), flag("sign_response", false), flag("sign_logout_request", false),
			{name: "sign_logout_response", shape: boolean, since: Release202605},
			{name: "sp_binding", shape: choice, standard: "redirect", choices: bindings},
			{name: "sls_binding", shape: choice, standard: "redirect", choices: bindings},
			{name: "logout_method", shape: choice, standard: "frontchannel_iframe", choices: []string{"frontchannel_iframe", "frontchannel_native", "backchannel"}},
			words("default_relay_state"),
			{name: "default_name_id_policy", shape: choice, standard: nameIDFormats()[5], choices: nameIDFormats()},
		},
		filters: []string{"name", "acs_url", "audience", "authorization_flow", "invalidation_flow", "signing_kp", "sp_binding"},
		check:   checkSigning,
		saved:   correctLogout,
		facts:   model("ak-provider-saml-form", "authentik_providers_saml.samlprovider", "SAML Provider"),
		show: func(a *Authentik, o, out Object, _ url.Values) {
			a.showAssigned(o, out)
			for name, url := range a.samlURLs(o) {
				out[name] = url
			}
		},
	}
}

// checkSigning is SAMLProviderSerializer.validate: it looks at the request alone,
// so that defaults and what is kept do not count.
func checkSigning(a *Authentik, sent, _ Object) map[string][]string {
	if sent["signing_kp"] == nil {
		return nil
	}
	if sent["sign_assertion"] != true && sent["sign_response"] != true {
		return map[string][]string{nonField: {"With a signing keypair selected, at least one of 'Sign assertion' and 'Sign Response' must be selected."}}
	}
	certificate, err := certificateOf(a.find(pathKeyPairs, sent["signing_kp"]))
	if err != nil || !slices.Contains([]string{"rsa", "ec", "dsa"}, keyType(certificate.PublicKey)) {
		return map[string][]string{"signing_kp": {"Only RSA, EC, and DSA key types are supported."}}
	}
	return nil
}

// correctLogout gives up a logout behind the browser's back where the SLS is to be
// called by redirect.
func correctLogout(_ *Authentik, o Object, _ bool) {
	if o["logout_method"] == "backchannel" && o["sls_binding"] == "redirect" {
		o["logout_method"] = "frontchannel_iframe"
	}
}

// checkMode refuses what a release has not learned to talk to yet.
func checkMode(a *Authentik, sent, _ Object) map[string][]string {
	mode, _ := sent["compatibility_mode"].(string)
	if since, young := map[string]Release{"webex": Release202605, "gitlab": Release202608}[mode]; young && !a.since(since) {
		return map[string][]string{"compatibility_mode": {fmt.Sprintf("%q is not a valid choice.", mode)}}
	}
	return nil
}

// assigned is the application that has a provider, as its own or, with back, as a
// backchannel.
func (a *Authentik) assigned(key any, back bool) Object {
	for _, app := range a.state.Objects[pathApplications] {
		behind, _ := app["backchannel_providers"].([]any)
		if !back && app["provider"] == key || back && slices.Contains(behind, key) {
			return app
		}
	}
	return nil
}

func (a *Authentik) showAssigned(o, out Object) {
	for prefix, back := range map[string]bool{"assigned_application": false, "assigned_backchannel_application": true} {
		out[prefix+"_slug"], out[prefix+"_name"] = nil, nil
		if app := a.assigned(o[pk], back); app != nil {
			out[prefix+"_slug"], out[prefix+"_name"] = app["slug"], app["name"]
		}
	}
}

// samlURLs are where a provider is reached: "-" while no application has it.
// Since 2026.5 one address serves all bindings.
func (a *Authentik) samlURLs(o Object) map[string]string {
	paths := map[string]string{
		"url_sso_post": "sso/binding/post/", "url_sso_redirect": "sso/binding/redirect/", "url_sso_init": "sso/binding/init/",
		"url_slo_post": "slo/binding/post/", "url_slo_redirect": "slo/binding/redirect/",
	}
	if a.since(Release202605) {
		for name := range paths {
			paths[name] = ""
		}
		paths["url_sso_init"], paths["url_unified"], paths["url_unified_init"], paths["url_issuer"] = "init/", "", "init/", "metadata/"
	}
	app := a.assigned(o[pk], false)
	urls := map[string]string{"url_download_metadata": fmt.Sprintf("%s/api/v3/providers/saml/%v/metadata/?download", a.base, o[pk])}
	for name, path := range paths {
		urls[name] = "-"
		if app != nil {
			urls[name] = fmt.Sprintf("%s/application/saml/%v/%s", a.base, app["slug"], path)
		}
	}
	if app != nil {
		urls["url_download_metadata"] = fmt.Sprintf("%s/application/saml/%v/metadata/", a.base, app["slug"])
	}
	return urls
}

// scimProviders are authentik's own SCIM clients
// (authentik/providers/scim/api/providers.py). One that is saved gets a schedule.
func scimProviders() *kind {
	return &kind{
		path: pathSCIM, name: "provider", numbered: true,
		fields: []field{
			{name: "name", required: true, unique: true},
			{name: "url", shape: address, required: true},
			{name: "token", blank: true, secretSince: Release202602},
			{name: "auth_mode", shape: choice, standard: "token", choices: []string{"token", "oauth"}},
			{name: "auth_oauth", null: true},
			{name: "auth_oauth_params", shape: anything},
			flag("verify_certificates", true),
			{name: "compatibility_mode", shape: choice, standard: "default", choices: []string{"default", "aws", "slack", "sfdc", "webex", "vcenter", "gitlab"}},
			{name: "service_provider_config_cache_timeout", standard: "hours=1", since: Release202512},
			refs("property_mappings", pathSCIMMappings), refs("property_mappings_group", pathSCIMMappings),
			flag("exclude_users_service_account", false),
			{name: "filter_group", shape: one, to: pathGroups, null: true, until: Release202602},
			{name: "group_filters", shape: many, to: pathGroups, since: Release202602},
			flag("dry_run", false),
			{name: "sync_page_size", shape: integer, standard: 100, since: Release202512},
			{name: "sync_page_timeout", standard: "minutes=30", since: Release202512},
			{name: "discovery_enabled", shape: boolean, standard: true, since: Release202608},
		},
		filters: []string{"name", "url", "exclude_users_service_account"},
		check:   checkMode,
		facts:   model("ak-provider-scim-form", "authentik_providers_scim.scimprovider", "SCIM Provider"),
		show: func(a *Authentik, o, out Object, _ url.Values) {
			a.showAssigned(o, out)
			delete(out, "assigned_application_slug")
			delete(out, "assigned_application_name")
			if a.since(Release202605) {
				for _, name := range []string{"auth_oauth_token_last_updated", "auth_oauth_token_expires", "auth_oauth_url_callback", "auth_oauth_url_start"} {
					out[name] = nil
				}
			}
		},
		saved: (*Authentik).schedule,
	}
}
