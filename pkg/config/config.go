// Package config merges the settings of a run from files, profiles, the
// environment and flags, strictly: an unknown or impossible setting is an
// error with its place, and every value knows where it came from. It is the
// only package that knows viper.
package config

import "github.com/sentryidp/sentryidp/pkg/secret"

// Config is every setting, typed. The tags are the keys of the files.
type Config struct {
	AllowLiteralSecrets bool      `mapstructure:"allow_literal_secrets"`
	InsecureHTTP        []string  `mapstructure:"insecure_http"` // hosts
	StateDir            string    `mapstructure:"state_dir"`     // empty: the platform's place
	Sentry              Sentry    `mapstructure:"sentry"`
	Authentik           Authentik `mapstructure:"authentik"`
	SAML                SAML      `mapstructure:"saml"`
	SCIM                SCIM      `mapstructure:"scim"`
	HTTP                HTTP      `mapstructure:"http"`
}

// Sentry is where Sentry is, and which organization is meant. CAFile adds to the
// system's certificate authorities.
type Sentry struct {
	URL     string     `mapstructure:"url"`
	Org     string     `mapstructure:"org"`
	Release string     `mapstructure:"release"` // of a self-hosted Sentry; empty: not known
	CAFile  string     `mapstructure:"ca_file"`
	SCIM    SentrySCIM `mapstructure:"scim"`
	API     SentryAPI  `mapstructure:"api"`
}

// SentryAPI is Sentry's own API. The SCIM token opens little of it.
type SentryAPI struct {
	Token secret.Reference `mapstructure:"token"`
}

// SAML is how Sentry was set up for SAML.
type SAML struct {
	Attributes Attributes `mapstructure:"attributes"`
}

// Attributes are the names of the SAML attributes that Sentry's set-up maps.
type Attributes struct {
	Identifier string `mapstructure:"identifier"`
	Email      string `mapstructure:"email"`
	FirstName  string `mapstructure:"first_name"`
	LastName   string `mapstructure:"last_name"`
}

// SentrySCIM is Sentry's SCIM API. An empty URL follows from Sentry's.
type SentrySCIM struct {
	URL   string           `mapstructure:"url"`
	Token secret.Reference `mapstructure:"token"`
}

// Authentik is where authentik is, and what the integration is called there.
// Application and the flows are slugs; CAFile adds to the system's certificate
// authorities. What is empty has the default of package integration.
type Authentik struct {
	URL         string           `mapstructure:"url"`
	CAFile      string           `mapstructure:"ca_file"`
	Token       secret.Reference `mapstructure:"token"`
	Application string           `mapstructure:"application"`

	Name              string   `mapstructure:"name"`
	SAMLProvider      string   `mapstructure:"saml_provider"`
	SCIMProvider      string   `mapstructure:"scim_provider"`
	SCIMMapping       string   `mapstructure:"scim_mapping"`
	PolicyEngineMode  string   `mapstructure:"policy_engine_mode"`
	Issuer            string   `mapstructure:"issuer"`
	AuthorizationFlow string   `mapstructure:"authorization_flow"`
	InvalidationFlow  string   `mapstructure:"invalidation_flow"`
	SigningKeypair    string   `mapstructure:"signing_keypair"`
	CertificateFile   string   `mapstructure:"certificate_file"`
	KeyFile           string   `mapstructure:"key_file"`
	BindGroups        []string `mapstructure:"bind_groups"`
	BindUsers         []string `mapstructure:"bind_users"`
	WithSCIM          bool     `mapstructure:"with_scim"`
}

// SCIM is what a push does.
type SCIM struct {
	Source       string     `mapstructure:"source"` // SourceAuthentik or SourceFile
	File         string     `mapstructure:"file"`   // - is standard input
	Scope        string     `mapstructure:"scope"`
	Groups       []string   `mapstructure:"groups"`
	Flatten      bool       `mapstructure:"flatten_groups"`
	ExcludeTypes []string   `mapstructure:"exclude_types"`
	Roles        []Role     `mapstructure:"roles"`
	TeamNames    []TeamName `mapstructure:"team_names"`
	PruneTeams   bool       `mapstructure:"prune_teams"`

	TeamRoles        []TeamRole     `mapstructure:"team_roles"`
	Projects         []TeamProjects `mapstructure:"projects"`
	ProjectAttribute string         `mapstructure:"project_attribute"` // of a group in authentik
	ProjectRemoval   string         `mapstructure:"project_removal"`

	Remove       string  `mapstructure:"remove"`
	DefaultRole  string  `mapstructure:"default_role"` // empty: the organization's own
	RenameSlugs  bool    `mapstructure:"rename_slugs"`
	AcceptSecond bool    `mapstructure:"accept_second_addresses"`
	Concurrency  int     `mapstructure:"concurrency"` // requests under way at once, at most
	Rate         int     `mapstructure:"rate"`        // requests a second, at most; 0: no bound
	PageSize     int     `mapstructure:"page_size"`
	Mapping      Mapping `mapstructure:"mapping"`
	Guard        Guard   `mapstructure:"guard"`
}

// The values of scim.source.
const (
	SourceAuthentik = "authentik"
	SourceFile      = "file"
)

// Role gives the members of a directory group a role in Sentry.
type Role struct {
	Group string `json:"group" mapstructure:"group"`
	Role  string `json:"role" mapstructure:"role"`
}

// TeamName gives the team of a directory group another name in Sentry.
type TeamName struct {
	Group string `json:"group" mapstructure:"group"`
	Team  string `json:"team" mapstructure:"team"`
}

// Mapping holds expressions (pkg/mapping).
type Mapping struct {
	Email   string `mapstructure:"email"`
	Emails  string `mapstructure:"emails"`
	Active  string `mapstructure:"active"`
	Include string `mapstructure:"include"`
	Role    string `mapstructure:"role"`
	Team    string `mapstructure:"team"`

	TeamRole string `mapstructure:"team_role"`
}

// Guard bounds a push. The maximums are a number or a percentage such as "10%".
type Guard struct {
	MaxRemovals     string `mapstructure:"max_removals"`
	MaxMemberships  string `mapstructure:"max_membership_losses"`
	MaxTeamLosses   string `mapstructure:"max_team_losses"`
	MaxPromotions   string `mapstructure:"max_promotions"`
	MaxDemotions    string `mapstructure:"max_demotions"`
	MaxReplaced     string `mapstructure:"max_replaced"`
	MaxBlank        string `mapstructure:"max_blank"`
	MaxTeamRemovals string `mapstructure:"max_team_removals"`

	MaxTeamPromotions  string `mapstructure:"max_team_promotions"`
	MaxTeamDemotions   string `mapstructure:"max_team_demotions"`
	MaxProjectRemovals string `mapstructure:"max_project_removals"`

	MaxRemovalsFloor int  `mapstructure:"max_removals_floor"`
	AllowEmpty       bool `mapstructure:"allow_empty"`
	AllowShrink      bool `mapstructure:"allow_shrink"`
	AllowEmptyTeams  bool `mapstructure:"allow_empty_teams"`
	AllowHiddenUsers bool `mapstructure:"allow_hidden_users"`
}
