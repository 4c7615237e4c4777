package sentryexec

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Action is what one run of the script does.
type Action string

// The actions of the script.
const (
	Status      Action = "status"
	SAML        Action = "saml"
	Certificate Action = "certificate"
	SCIM        Action = "scim"
	SSOOptional Action = "sso-optional"
	SSORequired Action = "sso-required"
	SSOOff      Action = "sso-off"
)

// Meaning is what an action does, in the words of its help.
type Meaning struct {
	Action   Action
	Words    string
	NeedsIDP bool // it is only in a script that was given an identity provider
}

// Actions returns the actions in the order of their use.
func Actions() []Meaning {
	return []Meaning{
		{Action: Status, Words: "report what Sentry has, and write nothing"},
		{SAML, "create or update the SAML provider; a new one leaves SSO optional", true},
		{Certificate, "replace the certificate, and nothing else", true},
		{Action: SCIM, Words: "switch SCIM on; --token-file FILE says where its token goes"},
		{Action: SSOOptional, Words: "let members log in with a password too: the way back in"},
		{Action: SSORequired, Words: "require SSO of all, once an owner has logged in by SSO"},
		{Action: SSOOff, Words: "delete the provider, the links of all accounts to it, and SCIM"},
	}
}

// FirstRead and LastRead are the releases of Sentry, by year and month, whose
// source the script was made from. With others it writes only once it is told to.
func FirstRead() sentry.Release { return sentry.Release{Year: 25, Month: 7} }

// LastRead is the newest release that was read; see [FirstRead].
func LastRead() sentry.Release { return sentry.Release{Year: 26, Month: 3} }

// ReleasesRead names the two in words, without patches.
func ReleasesRead() string {
	first, last := FirstRead(), LastRead()
	return fmt.Sprintf("%d.%d to %d.%d", first.Year, first.Month, last.Year, last.Month)
}

// Name is something of Sentry's internals that the script relies on.
type Name struct {
	Module string              `json:"module"`
	Name   string              `json:"name"`   // in the module: a class or an object
	Fields []string            `json:"fields"` // of a model
	Flags  []string            `json:"flags"`  // of the model's field flags
	Calls  map[string][]string `json:"calls"`  // methods, dotted, with their parameters
	For    []Action            `json:"for"`    // actions that need it
}

// Relied returns what the script relies on. It checks what an action needs before
// the action writes, so that a release that moved something else does not stand
// in its way.
func Relied() []Name {
	none := map[string][]string{}
	all := []Action{Status, SAML, Certificate, SCIM, SSOOptional, SSORequired, SSOOff}
	return []Name{
		{"sentry.models.organizationmapping", "OrganizationMapping", []string{"slug", "organization_id"}, []string{}, none, all},
		{
			"sentry.models.authprovider", "AuthProvider",
			[]string{"organization_id", "provider", "config", "flags"},
			[]string{"allow_unlinked", "scim_enabled"},
			none, all,
		},
		{
			"sentry.models.organizationmember", "OrganizationMember",
			[]string{"organization", "role", "user_id"},
			[]string{},
			none,
			[]Action{Status, SCIM, SSORequired},
		},
		{"sentry.users.models.user", "User", []string{"id", "is_active"}, []string{}, none, []Action{Status, SCIM, SSORequired}},
		{
			"sentry.models.authidentity", "AuthIdentity",
			[]string{"auth_provider", "user"},
			[]string{},
			none,
			[]Action{Status, SSORequired, SSOOff},
		},
		{
			"sentry.sentry_apps.models.sentry_app_installation_token", "SentryAppInstallationToken",
			[]string{},
			[]string{},
			map[string][]string{"objects.get_token": {"organization_id", "provider"}},
			[]Action{Status, SCIM},
		},
		{
			"sentry.auth.services.auth", "auth_service",
			[]string{},
			[]string{},
			map[string][]string{"change_scim": {"user_id", "provider_id", "enabled", "allow_unlinked"}},
			[]Action{SCIM},
		},
		{
			"sentry.auth.services.auth", "auth_service",
			[]string{},
			[]string{},
			map[string][]string{"disable_provider": {"provider_id"}},
			[]Action{SSOOff},
		},
		{"sentry", "options", []string{}, []string{}, map[string][]string{"get": {}}, []Action{Status, SAML, SCIM}},
	}
}

// idpKeys and mappingKeys are the keys of a SAML provider's configuration in Sentry.
func idpKeys() []string { return []string{"entity_id", "sso_url", "slo_url", "x509cert"} }

func mappingKeys() []string {
	return []string{"identifier", "user_email", "first_name", "last_name"}
}

// Command runs an action of the script, with its flags, inside the web container of
// a self-hosted Sentry (self-hosted, docker-compose.yml), for a POSIX shell.
func Command(action, file string) string {
	return "docker compose exec -T web sentry exec - " + action + " < " + file
}
