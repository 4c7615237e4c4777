package sso_test

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
)

func TestPagesCarrySecurityHeaders(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	for address, target := range map[string]string{
		s.sentry + "/":                    s.idp,
		s.sentry + "/auth/login/acme/":    s.idp,
		s.sentry + "/rehearsal/faults/":   s.idp,
		s.sentry + "/rehearsal/members/":  s.idp,
		s.sentry + "/rehearsal/teams/":    s.idp,
		s.sentry + "/rehearsal/requests/": s.idp,
		s.idp + "/":                       s.sentry,
	} {
		v.open(address)
		csp := "default-src 'none'; style-src 'self'; form-action 'self' " + target + "; base-uri 'none'; frame-ancestors 'none'"
		if got := v.header.Get("Content-Security-Policy"); got != csp {
			t.Errorf("%s: policy %q, want %q", address, got, csp)
		}
		if v.header.Get("X-Content-Type-Options") != "nosniff" || v.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", address, v.header)
		}
		if strings.Contains(v.body, "<script") || strings.Contains(v.body, " style=") || strings.Contains(v.body, " onclick=") {
			t.Errorf("%s has a script or an inline style", address)
		}
	}
}

// send sends one request, without cookies and without following a redirect, and
// returns the status and where it leads.
func send(t *testing.T, method, target string, header http.Header, form url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Location")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"http://evil.test"}}
	for _, address := range []string{
		s.sentry + "/rehearsal/faults/", s.sentry + "/auth/sso/", s.sentry + "/auth/login/acme/",
		s.idp + "/if/flow/default-authentication-flow/", s.idp + "/if/session-end/sentry/",
	} {
		if status, _ := send(t, http.MethodPost, address, foreign, url.Values{"fault": {"early"}, "username": {"bo"}}); status != http.StatusForbidden {
			t.Errorf("%s: status %d", address, status)
		}
	}
}

func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, address := range []string{s.sentry + "/rehearsal/", s.idp + "/"} {
		if status, _ := send(t, http.MethodGet, address, http.Header{"Host": {"evil.test"}}, nil); status != http.StatusMisdirectedRequest {
			t.Errorf("%s: status %d", address, status)
		}
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, next := range []string{"https://evil.test/", "//evil.test/", `/\evil.test/`, "/\tevil", "javascript:alert(1)", "evil", "%zz"} {
		_, location := send(t, http.MethodPost, s.idp+"/if/flow/default-authentication-flow/", http.Header{}, url.Values{"username": {"bo"}, "next": {next}})
		if location != "/" {
			t.Errorf("next=%q leads to %q", next, location)
		}
	}
}

func TestHostileMessages(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	pack := base64.StdEncoding.EncodeToString
	acs := s.sentry + "/saml/acs/acme/"
	const failed = "Authentication error: SAML SSO failed, "
	tests := map[string]struct {
		response, wanted string
		status           int
	}{
		"nothing":     {"", "SAML Response not found, Only supported HTTP_POST Binding", 500},
		"no base64":   {"*", "not well-formed XML", 500},
		"no XML":      {pack([]byte("hello")), "not well-formed XML", 500},
		"half":        {pack([]byte("<a>")), "it ends too early", 500},
		"entities":    {pack([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`)), "a DOCTYPE is forbidden", 500},
		"deflated":    {deflated(t, "<a/>"), "not well-formed XML", 500},
		"deep":        {pack([]byte(strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000))), "deep", 500},
		"large":       {pack([]byte("<a>" + strings.Repeat(" ", 1<<20) + "</a>")), "SAML Response not found", 500},
		"no SAML":     {pack([]byte("<a/>")), failed + "Unsupported SAML version", 200},
		"no ID":       {pack([]byte(`<a Version="2.0"/>`)), failed + "Missing ID attribute on SAML Response", 200},
		"no status":   {pack([]byte(`<a Version="2.0" ID="b"/>`)), failed + "Missing Status on response", 200},
		"no messages": {pack([]byte(`<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0" ID="b"><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status></p:Response>`)), failed + "SAML Response must contain 1 assertion", 200},
	}
	for name, test := range tests {
		v.do(http.MethodPost, acs, url.Values{"SAMLResponse": {test.response}})
		if got := v.text("message"); v.status != test.status || !strings.Contains(got, test.wanted) {
			t.Errorf("%s: %d %q, want %d %q", name, v.status, got, test.status, test.wanted)
		}
	}
	v.do(http.MethodPost, s.sentry+"/saml/acs/other/", url.Values{"SAMLResponse": {"x"}})
	if got := v.text("message"); got != "The organization does not exist or does not have SAML SSO enabled." {
		t.Errorf("another organization: %q", got)
	}
}

func TestIdPRefusesBrokenRequests(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	bomb := `<a xmlns="urn:x">` + strings.Repeat(" ", 4<<20) + "</a>"
	const request = `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="a" AssertionConsumerServiceURL="https://evil.test/"/>`
	for message, wanted := range map[string]string{bomb: "KiB of XML", request: "doesn't match Provider ACS URL", "<b/>": "Wanted an AuthnRequest", "b": "found no element"} {
		v.open(s.idp + "/application/saml/sentry/?" + url.Values{"SAMLRequest": {deflated(t, message)}}.Encode())
		if got := v.text("message"); v.status != http.StatusBadRequest || !strings.Contains(got, wanted) {
			t.Errorf("got %d %q, want %q", v.status, got, wanted)
		}
		v.do(http.MethodPost, s.idp+"/application/saml/sentry/sso/binding/post/", url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString([]byte(message))}})
		if got := v.text("message"); v.status != http.StatusBadRequest {
			t.Errorf("posted: got %d %q", v.status, got)
		}
	}
}

func deflated(t *testing.T, message string) string {
	t.Helper()
	var out bytes.Buffer
	writer, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write([]byte(message)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

func TestLogoutOfSomebodyElse(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	const request = `<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"><a:Issuer>evil</a:Issuer></p:LogoutRequest>`
	v.open(s.sentry + "/saml/sls/acme/?" + url.Values{"SAMLRequest": {deflated(t, request)}}.Encode())
	if v.at.Path != "/auth/login/acme/" {
		t.Errorf("a foreign issuer leads to %s", v.at)
	}
	for _, query := range []string{"", "?SAMLRequest=*", "?SAMLRequest=" + url.QueryEscape(deflated(t, "x"))} {
		v.open(s.sentry + "/saml/sls/acme/" + query)
		if v.status != http.StatusInternalServerError {
			t.Errorf("%s: status %d", query, v.status)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]sso.Config{
		"nothing":  {},
		"a path":   {SentryURL: "http://127.0.0.1:1/x", IDPURL: "http://127.0.0.1:2", Now: time.Now, Rand: rand.Reader, Judge: judgeAt("http://127.0.0.1:1"), Org: emptyOrg()},
		"no host":  {SentryURL: "127.0.0.1", IDPURL: "http://127.0.0.1:2", Now: time.Now, Rand: rand.Reader, Judge: judgeAt("http://127.0.0.1:1"), Org: emptyOrg()},
		"no judge": {SentryURL: "http://127.0.0.1:1", IDPURL: "http://127.0.0.1:2", Now: time.Now, Rand: rand.Reader, Org: emptyOrg()},
		"no clock": {SentryURL: "http://127.0.0.1:1", IDPURL: "http://127.0.0.1:2", Rand: rand.Reader, Judge: judgeAt("http://127.0.0.1:1"), Org: emptyOrg()},
	} {
		if _, err := sso.New(config); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func emptyOrg() sso.Org {
	return sso.Org{
		Slug: "acme", Members: func() []sso.Member { return nil }, Teams: func() []sso.Team { return nil },
		Requests: func() []sso.Request { return nil }, Join: func(string) string { return "1" },
	}
}

// FuzzACS posts anything to Sentry's ACS: it answers, and lets nobody in.
func FuzzACS(f *testing.F) {
	rehearsal, err := sso.New(sso.Config{
		SentryURL: "http://127.0.0.1:1", IDPURL: "http://127.0.0.1:2", Now: time.Now, Rand: rand.Reader, Org: emptyOrg(),
		Judge: judgeAt("http://127.0.0.1:1"),
	})
	if err != nil {
		f.Fatal(err)
	}
	handler := rehearsal.Sentry(http.NotFoundHandler())
	f.Add(`<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0" ID="a"><p:Status><p:StatusCode Value=":Success"/></p:Status></p:Response>`)
	f.Add(`<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:d="http://www.w3.org/2000/09/xmldsig#" Version="2.0" ID="a" IssueInstant="b"><p:Status><p:StatusCode Value=""/></p:Status><Assertion ID="c" Version="2.0" IssueInstant="d"><d:Signature><d:SignedInfo><d:Reference URI="#c"/></d:SignedInfo></d:Signature><Issuer/><Subject><SubjectConfirmation><SubjectConfirmationData/></SubjectConfirmation></Subject><Conditions/><AuthnStatement/><AttributeStatement/></Assertion></p:Response>`)
	f.Fuzz(func(t *testing.T, message string) {
		form := url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString([]byte(message))}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1/saml/acs/acme/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if to := w.Header().Get("Location"); w.Code != http.StatusInternalServerError && to != "/auth/login/acme/" {
			t.Errorf("status %d, to %q", w.Code, to)
		}
	})
}
