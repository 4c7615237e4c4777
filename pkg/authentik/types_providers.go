package authentik

import (
	"encoding/json"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

// SAMLProvider is a SAML provider (authentik/providers/saml/api/providers.py).
// Empty texts and nulls are the same here. The URL fields are "-" while no
// application has the provider.
type SAMLProvider struct {
	PK                int    `json:"pk"`
	Name              string `json:"name"`
	AuthorizationFlow string `json:"authorization_flow"` // UUID, as the next three
	InvalidationFlow  string `json:"invalidation_flow"`
	SigningKP         string `json:"signing_kp"`
	NameIDMapping     string `json:"name_id_mapping"`

	PropertyMappings []string `json:"property_mappings"`
	ACSURL           string   `json:"acs_url"`
	SLSURL           string   `json:"sls_url"`
	Audience         string   `json:"audience"`
	Issuer           string   `json:"issuer"`          // told before 2026.5
	IssuerOverride   string   `json:"issuer_override"` // told since 2026.5

	DigestAlgorithm      string `json:"digest_algorithm"`
	SignatureAlgorithm   string `json:"signature_algorithm"`
	VerificationKP       string `json:"verification_kp"`
	EncryptionKP         string `json:"encryption_kp"`
	SignAssertion        bool   `json:"sign_assertion"`
	SignResponse         bool   `json:"sign_response"`
	SPBinding            string `json:"sp_binding"`  // redirect or post
	SLSBinding           string `json:"sls_binding"` // redirect or post
	DefaultNameIDPolicy  string `json:"default_name_id_policy"`
	AssertionNotBefore   string `json:"assertion_valid_not_before"`
	AssertionNotOnAfter  string `json:"assertion_valid_not_on_or_after"`
	SessionNotOnAfter    string `json:"session_valid_not_on_or_after"`
	AssignedApplication  string `json:"assigned_application_slug"`
	URLIssuer            string `json:"url_issuer"` // since 2026.5, as the next
	URLUnified           string `json:"url_unified"`
	URLDownloadMetadata  string `json:"url_download_metadata"`
	URLSSOPost           string `json:"url_sso_post"`
	URLSSORedirect       string `json:"url_sso_redirect"`
	AssignedAsBackground string `json:"assigned_backchannel_application_slug"`
}

// Key returns the primary key.
func (p SAMLProvider) Key() string { return strconv.Itoa(p.PK) }

// SCIMProvider is authentik's own SCIM client
// (authentik/providers/scim/api/providers.py).
type SCIMProvider struct {
	PK                 int      `json:"pk"`
	Name               string   `json:"name"`
	URL                string   `json:"url"`
	PropertyMappings   []string `json:"property_mappings"`
	GroupMappings      []string `json:"property_mappings_group"`
	VerifyCertificates bool     `json:"verify_certificates"`
	ExcludeServices    bool     `json:"exclude_users_service_account"`
	CompatibilityMode  string   `json:"compatibility_mode"`
	DryRun             bool     `json:"dry_run"`
	FilterGroup        string   `json:"filter_group"`      // told before 2026.2
	GroupFilters       []string `json:"group_filters"`     // told since 2026.2
	DiscoveryEnabled   *bool    `json:"discovery_enabled"` // told since 2026.8

	AssignedAsBackground string `json:"assigned_backchannel_application_slug"`

	// Token is the target's token, which authentik tells in clear until 2026.2.6,
	// 2026.5.6 and 2026.8.1. TokenTold: the answer had it, maybe empty. TokenRef: the
	// answer has a reference to a secret object in its place, as releases after 2026.8
	// may; a token that is sent to such a one is ignored without a word.
	Token     secret.String `json:"token"`
	TokenTold bool          `json:"-"`
	TokenRef  bool          `json:"-"`
}

// Key returns the primary key.
func (p SCIMProvider) Key() string { return strconv.Itoa(p.PK) }

// UnmarshalJSON reads the token too, which a secret does not do by itself.
func (p *SCIMProvider) UnmarshalJSON(data []byte) error {
	type plain SCIMProvider
	got := struct {
		*plain

		Token *string         `json:"token"`
		Ref   json.RawMessage `json:"token_ref"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(data, &got); err != nil {
		return err
	}
	p.Token, p.TokenTold, p.TokenRef = secret.String{}, got.Token != nil, got.Ref != nil
	if got.Token != nil {
		p.Token = secret.New(*got.Token)
	}
	return nil
}

// Groups returns the groups that are sent, whatever the release; none means all.
func (p SCIMProvider) Groups() []string {
	if p.FilterGroup != "" {
		return []string{p.FilterGroup}
	}
	return p.GroupFilters
}
