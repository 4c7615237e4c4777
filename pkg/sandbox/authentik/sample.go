package authentik

import (
	"fmt"
	"slices"
)

// Person is somebody of a sample, with the names of groups.
type Person struct {
	Username, Name, Email, Type string
	Inactive                    bool
	Groups                      []string
}

// Owner is the username of whom the token of a fresh authentik belongs to.
const Owner = "sentryidp"

// FreshState is an authentik as it is installed, with people: the flows, the
// mappings and the certificate that it comes with, and a service account with the
// right to everything, to whom the token belongs. The certificate is made when
// it is first asked for.
func FreshState(people []Person, groups []string) State {
	s := State{Owner: Owner, Objects: map[string][]Object{
		pathFlows: {
			{"name": "Authorize Application", "slug": "default-provider-authorization-implicit-consent", "designation": "authorization"},
			{"name": "Redirect to Application", "slug": "default-provider-authorization-explicit-consent", "designation": "authorization"},
			{"name": "Logged out of application", "slug": "default-provider-invalidation-flow", "designation": "invalidation"},
			{"name": "Logout", "slug": "default-invalidation-flow", "designation": "invalidation"},
		},
		pathSCIMMappings: {
			{"name": "authentik default SCIM Mapping: User", "managed": "goauthentik.io/providers/scim/user", "expression": codeUser},
			{"name": "authentik default SCIM Mapping: Group", "managed": "goauthentik.io/providers/scim/group", "expression": codeGroup},
		},
	}}
	for _, m := range defaultAttributes() {
		s.Objects[pathSAMLMappings] = append(s.Objects[pathSAMLMappings], Object{
			"name": "authentik default SAML Mapping: " + m[1], "managed": "goauthentik.io/providers/saml/" + m[0], "saml_name": m[2], "expression": m[3],
		})
	}
	keys := map[string]string{}
	for i, name := range groups {
		keys[name] = fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1)
		s.Objects[pathGroups] = append(s.Objects[pathGroups], Object{pk: keys[name], "name": name})
	}
	s.Objects[pathUsers] = append(s.Objects[pathUsers], Object{pk: 1, "username": Owner, "name": "sentryidp", "type": "service_account", "is_superuser": true})
	for i, p := range people {
		in := []any{}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(p.Groups))) {
			in = append(in, keys[name])
		}
		kind := p.Type
		if kind == "" {
			kind = "internal"
		}
		s.Objects[pathUsers] = append(s.Objects[pathUsers], Object{
			pk: i + 2, "username": p.Username, "name": p.Name, "email": p.Email, "is_active": !p.Inactive, "type": kind, "groups": in,
		})
	}
	return s
}

// defaultAttributes are the SAML mappings of a fresh authentik
// (blueprints/system/providers-saml.yaml): the end of managed, the name, the
// attribute's name and the expression.
func defaultAttributes() [][4]string {
	const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	return [][4]string{
		{"upn", "UPN", claims + "upn", codeUPN},
		{"name", "Name", claims + "name", codeName},
		{"email", "Email", claims + "emailaddress", codeEmail},
		{"username", "Username", "http://schemas.goauthentik.io/2021/02/saml/username", codeUsername},
		{"uid", "User ID", "http://schemas.goauthentik.io/2021/02/saml/uid", codeUID},
		{"groups", "Groups", "http://schemas.xmlsoap.org/claims/Group", codeGroups},
		{"ms-windowsaccountname", "WindowsAccountname (Username)", "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname", codeUsername},
	}
}

// Bind adds an application that the groups and people of these names may use; who
// is not there is an error of the caller, and ignored.
func (s *State) Bind(slug string, groups, usernames []string) {
	const application = "00000000-0000-4000-8000-000000000a01"
	s.Objects[pathApplications] = append(s.Objects[pathApplications], Object{pk: application, "name": "Sentry", "slug": slug})
	order := 0
	add := func(field string, key any) {
		s.Objects[pathBindings] = append(s.Objects[pathBindings], Object{"target": application, "order": order, field: key})
		order++
	}
	for _, g := range s.Objects[pathGroups] {
		if slices.Contains(groups, fmt.Sprint(g["name"])) {
			add("group", g[pk])
		}
	}
	for _, u := range s.Objects[pathUsers] {
		if slices.Contains(usernames, fmt.Sprint(u["username"])) {
			add("user", u[pk])
		}
	}
}

// defaultPair is the certificate that authentik makes when it is installed
// (authentik/crypto/apps.py).
const defaultPair = "authentik Self-signed Certificate"

// certify makes the default certificate, where there is none. A key of 2048 bits
// stands for one of 4096, which takes seconds.
func (a *Authentik) certify() error {
	if a.certified {
		return nil
	}
	a.certified = true
	if slices.ContainsFunc(a.state.Objects[pathKeyPairs], func(o Object) bool { return o["name"] == defaultPair }) {
		return nil
	}
	certificate, key, err := a.selfSigned(defaultPair, 365, "rsa", a.random(16)+".self-signed.goauthentik.io")
	if err != nil {
		return err
	}
	o := a.kinds[pathKeyPairs].fresh()
	o["name"], o["certificate_data"], o["key_data"] = defaultPair, certificate, key
	return a.insert(a.kinds[pathKeyPairs], o)
}
