package authentik

import (
	"strconv"
	"time"

	"github.com/sentryidp/sentryidp/pkg/answer"
)

// User is a person or a service account (authentik/core/api/users.py). Type is
// internal, external, service_account or internal_service_account; Groups are
// the UUIDs of the groups that the user is directly in. UUID is the user's own,
// which no other user and no other authentik gives again, unlike PK.
type User struct {
	PK       int      `json:"pk"`
	UUID     string   `json:"uuid"`
	Username string   `json:"username"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	IsActive bool     `json:"is_active"`
	Type     string   `json:"type"`
	UID      string   `json:"uid"`
	Groups   []string `json:"groups"`

	attributes map[string]any // where they were asked for
}

// Key returns the primary key.
func (u User) Key() string { return strconv.Itoa(u.PK) }

// Group is a group (authentik/core/api/groups.py). Parents are UUIDs; servers
// before 2025.12 tell one Parent.
type Group struct {
	PK      string   `json:"pk"`
	Name    string   `json:"name"`
	Parents []string `json:"parents"`
	Parent  string   `json:"parent"`
}

// Key returns the UUID.
func (g Group) Key() string { return g.PK }

// Above returns the UUIDs of the groups right above g, whatever the release.
func (g Group) Above() []string {
	if g.Parent != "" {
		return []string{g.Parent}
	}
	return g.Parents
}

// Application is what people see and are given access to; Slug is its key, PK
// (a UUID) the target of its bindings (authentik/core/api/applications.py).
type Application struct {
	PK                   string `json:"pk"`
	Name                 string `json:"name"`
	Slug                 string `json:"slug"`
	Provider             *int   `json:"provider"`
	BackchannelProviders []int  `json:"backchannel_providers"`
	Group                string `json:"group"`
	MetaLaunchURL        string `json:"meta_launch_url"`
	MetaDescription      string `json:"meta_description"`
	MetaPublisher        string `json:"meta_publisher"`
	PolicyEngineMode     string `json:"policy_engine_mode"` // any or all
	OpenInNewTab         bool   `json:"open_in_new_tab"`
}

// Key returns the slug.
func (a Application) Key() string { return a.Slug }

// Binding binds one of a policy, a group or a user to a target, which is here an
// application's PK (authentik/policies/api/bindings.py).
type Binding struct {
	PK            string `json:"pk"`
	Target        string `json:"target"`
	Order         int    `json:"order"`
	Policy        string `json:"policy"` // UUID
	Group         string `json:"group"`  // UUID
	User          *int   `json:"user"`
	Negate        bool   `json:"negate"`
	Enabled       bool   `json:"enabled"`
	Timeout       int    `json:"timeout"` // seconds
	FailureResult bool   `json:"failure_result"`
	// Expiring and Expires are told since 2026.8. Nobody can set them: access that
	// was asked for and granted has them.
	Expiring bool       `json:"expiring"`
	Expires  *time.Time `json:"expires"`
	DryRun   bool       `json:"dry_run"` // told by releases after 2026.8

	// Whom it binds, by name: one of them is told.
	GroupObj  *named `json:"group_obj"`
	UserObj   *named `json:"user_obj"`
	PolicyObj *named `json:"policy_obj"`
}

// named is an object inside of another.
type named struct {
	Name     string `json:"name"`
	Username string `json:"username"`
}

// Whom says in words what it binds, for people to read.
func (b Binding) Whom() string {
	switch {
	case b.GroupObj != nil:
		return "the group " + answer.Printable(b.GroupObj.Name)
	case b.UserObj != nil:
		return "the user " + answer.Printable(b.UserObj.Username)
	case b.PolicyObj != nil:
		return "the policy " + answer.Printable(b.PolicyObj.Name)
	}
	return "an unknown object"
}

// Key returns the UUID.
func (b Binding) Key() string { return b.PK }

// CertificateKeyPair is a certificate, and its private key if there is one
// (authentik/crypto/api.py).
type CertificateKeyPair struct {
	PK                  string     `json:"pk"`
	Name                string     `json:"name"`
	FingerprintSHA256   string     `json:"fingerprint_sha256"` // hexadecimal, with colons
	CertExpiry          *time.Time `json:"cert_expiry"`
	CertSubject         string     `json:"cert_subject"`
	PrivateKeyAvailable bool       `json:"private_key_available"`
	PrivateKeyType      string     `json:"private_key_type"` // told until 2025.10
	KeyType             string     `json:"key_type"`         // told since 2025.12
	Managed             string     `json:"managed"`
}

// Key returns the UUID.
func (p CertificateKeyPair) Key() string { return p.PK }

// Flow is a flow; Slug is its key, PK (a UUID) what providers refer to.
type Flow struct {
	PK          string `json:"pk"`
	Slug        string `json:"slug"`
	Name        string `json:"name"`
	Designation string `json:"designation"`
}

// Key returns the slug.
func (f Flow) Key() string { return f.Slug }

// PropertyMapping is a SAML or SCIM mapping; Managed is empty for one that
// somebody wrote (authentik/core/api/property_mappings.py).
type PropertyMapping struct {
	PK           string `json:"pk"`
	Name         string `json:"name"`
	Expression   string `json:"expression"`
	Managed      string `json:"managed"`
	SAMLName     string `json:"saml_name"`
	FriendlyName string `json:"friendly_name"`
}

// Key returns the UUID.
func (m PropertyMapping) Key() string { return m.PK }
