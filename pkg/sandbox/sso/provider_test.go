package sso_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
)

// TestWithoutAProviderNobodyLogsIn is about an authentik in which nothing was
// applied.
func TestWithoutAProviderNobodyLogsIn(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, func() (sso.Provider, bool) { return sso.Provider{}, false })
	v := newVisitor(t)
	v.open(s.rehearsal.HomeURL())
	if !strings.Contains(v.body, `id="unconfigured"`) {
		t.Errorf("the rehearsal's page says nothing:\n%s", v.body)
	}
	for _, path := range []string{"/application/saml/sentry/metadata/", "/application/saml/sentry/init/"} {
		v.open(s.idp + path)
		if v.status != http.StatusNotFound || !strings.Contains(v.body, "authentik apply") {
			t.Errorf("%s: %d\n%s", path, v.status, v.body)
		}
	}
	v.do(http.MethodPost, s.rehearsal.LoginURL(), nil)
	if !strings.Contains(v.body, "The organization does not exist or does not have SAML SSO enabled.") || !strings.Contains(v.body, "authentik apply") {
		t.Errorf("Sentry says\n%s", v.body)
	}
	v.do(http.MethodPost, s.sentry+"/saml/acs/acme/", url.Values{"SAMLResponse": {"AAAA"}})
	if !strings.Contains(v.body, "does not have SAML SSO enabled") {
		t.Errorf("a response without a provider: %d\n%s", v.status, v.body)
	}
}

// TestTheProviderDecides logs ada in at providers that do not let her.
func TestTheProviderDecides(t *testing.T) {
	t.Parallel()
	told := func(string) (sso.Subject, error) { return sso.Subject{NameID: "4"}, nil }
	for name, test := range map[string]struct {
		provider sso.Provider
		want     string
	}{
		"she is not bound": {
			sso.Provider{Subject: func(string) (sso.Subject, error) { return sso.Subject{}, errors.New("the policies deny <access>") }},
			"Request has been denied: the policies deny &lt;access&gt;.",
		},
		"another ACS":       {sso.Provider{ACSURL: "https://elsewhere.test/", Subject: told}, "doesn&#39;t match Provider ACS URL of https://elsewhere.test/."},
		"nothing is signed": {sso.Provider{Metadata: []byte("<none/>"), Subject: told}, `id="message"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *site
			s = newSiteWith(t, func() (sso.Provider, bool) {
				p := test.provider
				if p.ACSURL == "" {
					p.ACSURL = s.sentry + "/saml/acs/acme/"
				}
				return p, true
			})
			v := newVisitor(t)
			v.do(http.MethodPost, s.rehearsal.LoginURL(), nil)
			if strings.Contains(v.body, `id="person-ada"`) {
				v.press("person-ada")
			}
			if strings.Contains(v.body, "SAMLResponse") {
				v.press("continue")
			}
			if !strings.Contains(v.body, test.want) {
				t.Errorf("%d %s\n%s", v.status, v.at, v.body)
			}
		})
	}
}
