package sandbox

import (
	"slices"
)

// State is an organization as the sandbox starts from it and gives it back. It
// has the shape of "given" in testdata/sentry-scim.json.
type State struct {
	// Org is the slug of the organization.
	Org string `json:"org"`
	// OrgID is its number, which addresses take in place of the slug; "1" if empty.
	OrgID string `json:"org_id"`
	// Deployment is "self-hosted" (also if empty) or "saas", which limits rates
	// and knows the role billing.
	Deployment string `json:"deployment,omitempty"`
	// Provider is the key of the auth provider, such as "saml2"; nil: none, and
	// SCIM answers 403. For "active-directory", users come without "active".
	Provider *string `json:"provider"`
	// SCIMEnabled is the switch "Enable SCIM"; off, SCIM answers 403.
	SCIMEnabled bool `json:"scim_enabled"`
	// DefaultRole is the role of members for whom none is asked; "member" if empty.
	DefaultRole string `json:"default_role"`
	// CustomRoles are ids of further roles without the scope org:admin, which the
	// setting SENTRY_ROLES defines.
	CustomRoles []string `json:"custom_roles,omitempty"`
	// Token is "scim" where the SCIM token is accepted; nil: no token is.
	Token *string `json:"token"`
	// TokenScopes are the scopes of the token; nil means those that Sentry gives it:
	// member:read, member:write, member:admin, team:write and team:admin.
	TokenScopes []string `json:"token_scopes,omitempty"`
	// APITokenScopes are the scopes of the second token, which is somebody's own
	// integration; nil means org:read, org:write, member:read, team:read, team:write,
	// project:read and project:write.
	APITokenScopes []string `json:"api_token_scopes,omitempty"`
	// AllowUnlinked lets members in who have not linked an SSO identity: "Require
	// SSO" is off.
	AllowUnlinked bool `json:"allow_unlinked,omitempty"`
	// RateLimit sets the limits of a deployment "saas"; nil means 40 requests a
	// second and 25 at once.
	RateLimit *RateLimit `json:"rate_limit,omitempty"`
	// MemberLatencyMS is how many milliseconds a PATCH of a team takes for each
	// member that it adds or removes, from 0 to 60,000. [Config.MemberLatency]
	// goes before it.
	MemberLatencyMS int `json:"member_latency_ms,omitempty"`
	// Members are the memberships and invitations of the organization.
	Members []Member `json:"members"`
	// OtherOrgMembers belong to another organization: their ids exist in Sentry
	// and are not found in this one.
	OtherOrgMembers []Member `json:"other_org_members,omitempty"`
	// Teams are the teams of the organization.
	Teams []Team `json:"teams"`
	// Projects are the projects of the organization.
	Projects []Project `json:"projects,omitempty"`
	// AuditLog are the entries of the audit log, oldest first, at most the latest
	// 10,000.
	AuditLog []AuditEntry `json:"audit_log,omitempty"`
}

// Member is a membership or an invitation. Its ID is not the user's: a person
// who is removed and comes back has a new one.
type Member struct {
	// ID is the number of the membership, in decimal.
	ID string `json:"id"`
	// Email is the user's primary address, or the one invited; empty for a
	// placeholder alone.
	Email string `json:"email"`
	// Linked is true once somebody has accepted: the membership has a user.
	Linked bool `json:"linked"`
	// Name is that of a linked user's account; the address if empty.
	Name string `json:"name,omitempty"`
	// DateCreated is when the membership was made (RFC 3339); empty means when the
	// sandbox started.
	DateCreated string `json:"date_created,omitempty"`
	// LastActive is when a linked user was last seen (RFC 3339); empty means never.
	LastActive string `json:"last_active,omitempty"`
	// Expired is true for an invitation that nobody accepted in thirty days. With
	// single sign-on it is accepted all the same.
	Expired bool `json:"expired,omitempty"`
	// Role is owner, manager, admin, member, a custom role or, on saas, billing;
	// the default role if empty.
	Role string `json:"role"`
	// InviteStatus is "approved" (also if empty), "requested_to_be_invited" or
	// "requested_to_join".
	InviteStatus string `json:"invite_status,omitempty"`
	// UserActive is false for a linked user whose account is deactivated.
	UserActive *bool `json:"user_active,omitempty"`
	// SecondaryEmails are further addresses of a linked user's account, verified
	// or not. No list shows them; a filter finds the member by them, and POST
	// conflicts with them, in any case (users/services/user/impl.py
	// get_many_by_email). Accounts can share one.
	SecondaryEmails []string `json:"secondary_emails,omitempty"`
	// Placeholder is true for the bare row behind an invitation of the newer
	// model (models/organizationmemberinvite.py): approved, without an address
	// and an account. GET /Users lists it, requests to its id are answered 404,
	// and a team takes it.
	Placeholder bool `json:"placeholder,omitempty"`
	// Flags are those that are set, such as "idp:provisioned".
	Flags []string `json:"flags,omitempty"`
}

// Team is a team of the organization.
type Team struct {
	// ID is the number of the team, in decimal.
	ID string `json:"id"`
	// Name is what SCIM calls displayName.
	Name string `json:"name"`
	// Slug is what SCIM filters and collides by. It need not be made from the
	// name: people can edit it, and a rename by SCIM resets it.
	Slug string `json:"slug"`
	// Members are ids of members of the organization.
	Members []string `json:"members"`
	// TeamRoles are roles in the team, "contributor" or "admin", by the id of the
	// member; who is left out has none of their own. SCIM neither shows nor sets
	// them: a member who leaves the team loses it.
	TeamRoles map[string]string `json:"team_roles,omitempty"`
	// Projects are the slugs of the projects that the team works on.
	Projects []string `json:"projects,omitempty"`
	// Status is "active" (also if empty) or "pending_deletion".
	Status string `json:"status,omitempty"`
	// IDPProvisioned is true once SCIM has created or changed the team.
	IDPProvisioned bool `json:"idp_provisioned,omitempty"`
}

// Project is a project of the organization.
type Project struct {
	// ID is the number of the project, in decimal.
	ID string `json:"id"`
	// Slug is what addresses and teams name it by.
	Slug string `json:"slug"`
	// Name is what people call it; the slug if empty.
	Name string `json:"name,omitempty"`
}

// RateLimit are the limits of Sentry SaaS, counted per HTTP method.
type RateLimit struct {
	// Limit is the number of requests in a window; 0 means 40.
	Limit int `json:"limit,omitempty"`
	// Window is the length of the window in seconds; 0 means 1.
	Window int `json:"window,omitempty"`
	// ConcurrentLimit is the number of requests at once; 0 means 25.
	ConcurrentLimit int `json:"concurrent_limit,omitempty"`
	// Exhausted refuses every request of the first window.
	Exhausted bool `json:"exhausted,omitempty"`
	// ConcurrentExhausted refuses every request, as if others ran for ever.
	ConcurrentExhausted bool `json:"concurrent_exhausted,omitempty"`
}

// The values that words in a state can take.
const (
	deploymentSelfHosted = "self-hosted"
	deploymentSaaS       = "saas"

	statusActive          = "active"
	statusPendingDeletion = "pending_deletion"

	inviteApproved        = "approved"
	inviteRequestedInvite = "requested_to_be_invited"
	inviteRequestedJoin   = "requested_to_join"

	teamRoleContributor = "contributor"
	teamRoleAdmin       = "admin"

	flagProvisioned    = "idp:provisioned"
	flagRoleRestricted = "idp:role-restricted"
	flagPartnership    = "partnership:restricted"
	flagSSOLinked      = "sso:linked"
	flagSSOInvalid     = "sso:invalid"
	flagLimited        = "member-limit:restricted"

	roleOwner   = "owner"
	roleMember  = "member"
	roleBilling = "billing"

	tokenSCIM = "scim"

	providerActiveDirectory = "active-directory"
)

// DefaultState is a self-hosted organization that has SAML and SCIM switched on
// and neither members nor teams. [ParseState] fills absent keys from it.
func DefaultState(org string) State {
	provider, token := "saml2", tokenSCIM
	return State{
		Org: org, OrgID: "1", Provider: &provider, SCIMEnabled: true, DefaultRole: roleMember, Token: &token,
		Members: []Member{}, Teams: []Team{},
	}
}

// withDefaults is a copy in which empty words have their meaning written out.
func (st State) withDefaults() State {
	if st.OrgID == "" {
		st.OrgID = "1"
	}
	if st.DefaultRole == "" {
		st.DefaultRole = roleMember
	}
	st.Members = append([]Member{}, st.Members...)
	st.Teams = append([]Team{}, st.Teams...)
	st.Projects = slices.Clone(st.Projects)
	for i := range st.Members {
		if st.Members[i].Role == "" {
			st.Members[i].Role = st.DefaultRole
		}
	}
	st.TokenScopes, st.APITokenScopes = slices.Clone(st.TokenScopes), slices.Clone(st.APITokenScopes)
	st.CustomRoles = slices.Clone(st.CustomRoles)
	return st
}

// withoutLists is the state without what the store holds.
func (st State) withoutLists() State {
	st.Members, st.Teams, st.Projects, st.AuditLog = nil, nil, nil, nil
	st.OtherOrgMembers = slices.Clone(st.OtherOrgMembers)
	return st
}

func (st State) saas() bool { return st.Deployment == deploymentSaaS }

// scopes are those of the SCIM token.
func (st State) scopes() []string {
	if st.TokenScopes == nil {
		return scimScopes()
	}
	return st.TokenScopes
}

// apiScopes are those of the second token.
func (st State) apiScopes() []string {
	if st.APITokenScopes == nil {
		return apiScopes()
	}
	return st.APITokenScopes
}

// roles are those that SCIM may give: all without the scope org:admin
// (core/endpoints/scim/members.py). The role billing exists on SaaS only.
func (st State) roles() []string {
	roles := append([]string{roleMember, "admin", "manager"}, st.CustomRoles...)
	if st.saas() {
		roles = append(roles, roleBilling)
	}
	return roles
}
