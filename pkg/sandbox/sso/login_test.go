package sso_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoginMakesMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ email, role, teams, how string }{
		"ada":   {"ada.example@acme.test", "manager", "#ops", "The account was linked; it was a member already."},
		"grace": {"Grace.Sample@acme.test", "admin", "#design, #ops", "The invitation was accepted: member, role and teams stay as they were."},
		"asa":   {"asa@home.test", "manager", "none", "The account was linked; it was a member already."},
		"bo":    {"bo@acme.test", "member", "none", "A new member was made, with the default role and no team."},
	}
	s := newSite(t)
	for username, wanted := range tests {
		t.Run(username, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t)
			v.login(s, username)
			v.press("confirm")
			got := []string{v.text("email"), v.text("role"), v.text("teams"), v.text("how")}
			if diff := cmp.Diff([]string{wanted.email, wanted.role, wanted.teams, wanted.how}, got); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
			v.press("logout")
			v.login(s, username)
			if got := v.text("how"); got != "Sentry knew this identity." {
				t.Errorf("the second login: %s", got)
			}
		})
	}
}

// TestPagesShowWhoHasNoAddress has the placeholder of an invitation beside
// second addresses and requests.
func TestPagesShowWhoHasNoAddress(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	for page, rows := range map[string][]string{
		"members": {
			`<td data-label="E-mail">(no address)</td><td data-label="Role">member</td><td data-label="State">invited</td>`,
			`<td data-label="E-mail">asa@home.test, Asa.Exempel@acme.test</td>`,
			`<td data-label="E-mail">bo@acme.test</td><td data-label="Role">member</td><td data-label="State">requested</td>`,
		},
		"teams": {`<td data-label="Members">(no address), Grace.Sample@acme.test</td>`},
	} {
		v.open(s.sentry + "/rehearsal/" + page + "/")
		for _, row := range rows {
			if !strings.Contains(v.body, row) {
				t.Errorf("%s has no row %s: %s", page, row, v.body)
			}
		}
	}
}

func TestLoginBeginsAtTheIdP(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.open(s.idp + "/")
	v.press("person-asa")
	v.open(s.idp + "/application/saml/sentry/init/")
	v.press("continue")
	v.press("confirm")
	if got := v.text("name"); got != "Åsa Exempel" {
		t.Errorf("name: %s", got)
	}
}

func TestLogoutEndsBothSessions(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.login(s, "bo")
	v.press("confirm")
	v.open(s.idp + "/")
	v.press("slo")
	if got := v.text("how"); got != "Sentry has ended its session, too." {
		t.Errorf("after the logout: %s", got)
	}
	v.open(s.sentry + "/organizations/acme/")
	if v.at.Path != "/auth/login/acme/" {
		t.Errorf("Sentry still shows %s", v.at)
	}
	v.open(s.idp + "/")
	if v.at.Path != "/if/flow/default-authentication-flow/" {
		t.Errorf("the identity provider still shows %s", v.at)
	}
}

func TestRemovedMemberComesBackAnew(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.login(s, "grace")
	v.press("confirm")
	s.org.remove("3")
	v.open(s.sentry + "/organizations/acme/")
	if v.at.Path != "/auth/login/acme/" {
		t.Errorf("the session outlived its member: %s", v.at)
	}
	v.login(s, "grace")
	v.press("confirm")
	if got := v.text("role") + "; " + v.text("how"); got != "member; A new member was made, with the default role and no team." {
		t.Errorf("got %s", got)
	}
}

func TestInactiveAccountStaysOut(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.login(s, "ivan")
	v.press("confirm")
	v.login(s, "ivan")
	if got := v.text("message"); got != "Authentication error: There was an error encountered during authentication." {
		t.Errorf("got %s", got)
	}
}

func TestPersonWithoutEmail(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.login(s, "kiosk")
	const wanted = "Authentication error: Failed to map SAML attributes. Assertion returned the following attribute keys: " +
		"'http://schemas.goauthentik.io/2021/02/saml/uid', 'http://schemas.goauthentik.io/2021/02/saml/username', " +
		"'http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname', 'http://schemas.xmlsoap.org/claims/Group', " +
		"'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'"
	if diff := cmp.Diff(wanted, v.text("message")); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}
