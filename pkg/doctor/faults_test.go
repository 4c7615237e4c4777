package doctor_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// illness is something that goes wrong, and its one finding.
type illness struct {
	name    string
	arrange func(*site)
	code    string
	warns   bool // it works all the same
}

func TestEachFaultIsOneFinding(t *testing.T) {
	t.Parallel()
	for _, list := range [][]illness{localFaults(), sentryFaults(), idpFaults(), tokenFaults(), authentikFaults()} {
		for _, f := range list {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				f.arrange(s)
				f.hold(t, s.examine())
			})
		}
	}
}

// hold compares a report with the one finding that it should have.
func (f illness) hold(t *testing.T, report *doctor.Report) {
	t.Helper()
	want := doctor.Failed
	if f.warns {
		want = doctor.Warning
	}
	if len(report.Problems) == 0 {
		t.Fatalf("nothing was found: %s", report.Headline)
	}
	p := report.Problems[0]
	if p.Code != f.code || p.Verdict != want || len(report.Problems) > 1 {
		for _, p := range report.Problems {
			t.Errorf("found %s %s: %s", p.Verdict, p.Code, p.Saw)
		}
		t.Fatalf("expected the one finding %s %s", want, f.code)
	}
	if p.Saw == "" || p.Wanted == "" || p.Fix == "" || p.Certainty == "" {
		t.Errorf("the finding is not whole: %+v", p.Result)
	}
	if code := report.Err(false) != nil; code == f.warns {
		t.Errorf("the exit code says failed: %v", code)
	}
	if report.Err(true) == nil {
		t.Error("strict says nothing")
	}
}

func localFaults() []illness {
	return []illness{
		{name: "a secret that cannot be read", code: "settings/sentry-scim-token", arrange: func(s *site) {
			s.doctor.Setup.Missing = []doctor.Missing{{Setting: "sentry.scim.token", Saw: "sentry.scim.token cannot be used: no such file", Fix: "name another"}}
		}},
		{name: "an untrusted file", code: "trust/untrusted", warns: true, arrange: func(s *site) {
			s.doctor.Setup.Refused, s.doctor.Setup.TrustFix = "sentryidp.yaml must not set this", "sentryidp config trust sentryidp.yaml"
		}},
		{name: "a loosened guard", code: "guards/loosened", warns: true, arrange: func(s *site) {
			s.doctor.Setup.Loosened = []string{"guard loosened: scim.guard.allow_empty is true"}
		}},
		{name: "no state directory", code: "state-dir/unusable", warns: true, arrange: func(s *site) {
			s.doctor.Setup.StateErr = errors.New("permission denied")
		}},
	}
}

func clientConfig(s *site, prefix, version string, single bool) {
	s.answer("/api/client-config/", nil)
	s.front.paths["/api/client-config/"] = page(http.StatusOK, `{"version": {"current": "`+version+`"}, "urlPrefix": "`+prefix+`", "isSelfHosted": true, "singleOrganization": `+map[bool]string{true: "true", false: "false"}[single]+`}`)
}

func sentryFaults() []illness {
	html := "<html><head><title>Log in</title></head></html>"
	moved := func(change func(u string) string) func(*site) {
		return func(s *site) {
			base, _, err := sentry.ParseBase(change(s.sentryURL))
			s.check(err)
			clientConfig(s, base.String(), "26.9.0", true)
			urls := sentry.URLsOf(base, org)
			s.front.paths["/saml/metadata/"+org+"/"] = page(http.StatusOK, spMetadata(urls))
		}
	}
	return []illness{
		{name: "nothing listens", code: "sentry-reach/refused", arrange: func(s *site) {
			dead := "http://127.0.0.1:1"
			base, _, err := sentry.ParseBase(dead)
			s.check(err)
			urls := sentry.URLsOf(base, org)
			s.doctor.Subject.SentryURL, s.doctor.Subject.URLs = dead, &urls
		}},
		{name: "no such host", code: "sentry-reach/unknown-host", arrange: func(s *site) {
			s.doctor.Subject.SentryURL = "http://sentry.invalid"
			base, _, err := sentry.ParseBase(s.doctor.Subject.SentryURL)
			s.check(err)
			urls := sentry.URLsOf(base, org)
			s.doctor.Subject.URLs = &urls
		}},
		{name: "Sentry says nothing", code: "sentry-reach/silent", arrange: func(s *site) {
			slow := func(http.RoundTripper) http.RoundTripper { return failing{transport.ErrSlow} }
			s.doctor.Web = s.client("", "", slow)
			s.doctor.Members, s.doctor.API = s.doctor.Web, s.doctor.Web
			provision, err := scim.New(s.settings.URLs.SCIMBaseURL, s.doctor.Web)
			s.check(err)
			s.doctor.SCIM = provision
		}},
		{name: "to https", code: "sentry-redirect/scheme", arrange: func(s *site) {
			s.front.paths = nil
			s.front.all = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
			}
		}},
		{name: "to another host", code: "sentry-redirect/host", arrange: func(s *site) {
			s.front.paths = nil
			s.front.all = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://sentry.example.com"+r.URL.Path, http.StatusMovedPermanently)
			}
		}},
		{name: "a login in front", code: "sentry-redirect/elsewhere", arrange: func(s *site) {
			s.front.paths = nil
			s.front.all = elsewhere("https://login.example.com/start")
		}},
		{name: "another site", code: "sentry-identity/other-site", arrange: func(s *site) { s.front.paths, s.front.all = nil, page(http.StatusOK, html) }},
		{name: "basic auth in front", code: "sentry-identity/denied", arrange: func(s *site) { s.front.paths, s.front.all = nil, status(http.StatusUnauthorized) }},
		{name: "Sentry is down", code: "sentry-identity/down", arrange: func(s *site) { s.front.paths, s.front.all = nil, page(http.StatusBadGateway, html) }},
		{name: "another prefix: host", code: "sentry-prefix/host", arrange: moved(func(string) string { return "https://sentry.internal.example.com" })},
		{name: "another prefix: scheme", code: "sentry-prefix/scheme", arrange: moved(func(u string) string { return strings.Replace(u, "http:", "https:", 1) })},
		{name: "another prefix: port", code: "sentry-prefix/port", arrange: moved(func(string) string { return "http://127.0.0.1" })},
		{name: "another prefix: path", code: "sentry-prefix/path", arrange: moved(func(u string) string { return u + "/sentry" })},
		{name: "a prefix without a dot", code: "sentry-prefix/refused", arrange: func(s *site) {
			clientConfig(s, "http://sentry:9000", "26.9.0", true)
			s.front.paths["/saml/metadata/"+org+"/"] = status(http.StatusInternalServerError)
		}},
		{name: "no prefix", code: "sentry-prefix/empty", arrange: func(s *site) {
			clientConfig(s, "", "26.9.0", true)
			s.front.paths["/saml/metadata/"+org+"/"] = status(http.StatusInternalServerError)
		}},
		{name: "an old release", code: "sentry-release/advisory", warns: true, arrange: func(s *site) { clientConfig(s, s.sentryURL, "26.6.0", true) }},
		{name: "an old release with several organizations", code: "sentry-release/advisory", arrange: func(s *site) { clientConfig(s, s.sentryURL, "25.4.0", false) }},
		{name: "invitations are switched off", code: "sentry-invites/off", warns: true, arrange: func(s *site) {
			s.front.paths["/api/client-config/"] = page(http.StatusOK, `{"version": {"current": "26.9.0"}, "urlPrefix": "`+s.sentryURL+`", "isSelfHosted": true, "singleOrganization": true, "invitesEnabled": false}`)
		}},
		{name: "another slug", code: "sentry-metadata/slug", arrange: func(s *site) {
			base, _, err := sentry.ParseBase(s.sentryURL)
			s.check(err)
			urls := sentry.URLsOf(base, "acme-inc")
			s.doctor.Subject.URLs = &urls
			provision, err := newSCIM(s, urls.SCIMBaseURL)
			s.check(err)
			s.doctor.SCIM = provision
			s.doctor.Integration.Settings.URLs = urls
		}},
		{name: "a proxy that cuts the slash", code: "sentry-metadata/slash", arrange: func(s *site) {
			base, _, err := sentry.ParseBase(s.sentryURL)
			s.check(err)
			urls := sentry.URLsOf(base, org)
			cut := strings.ReplaceAll(spMetadata(urls), "/saml/metadata/acme/", "/saml/metadata/acme")
			s.front.paths["/saml/metadata/"+org+"/"] = page(http.StatusOK, cut)
		}},
		{name: "Sentry's database is down", code: "sentry-metadata/server-error", arrange: func(s *site) {
			s.front.paths["/saml/metadata/"+org+"/"] = status(http.StatusInternalServerError)
		}},
	}
}

func idpFaults() []illness {
	path := "/application/saml/sentry/metadata/"
	return []illness{
		{name: "authentik is not there", code: "idp-reach/refused", arrange: func(s *site) {
			s.doctor.Subject.MetadataURL = "http://127.0.0.1:1" + path
			s.doctor.Unavailable = map[doctor.Probe]string{}
		}},
		{name: "the metadata redirects", code: "idp-redirect/followed", arrange: func(s *site) { s.back.paths[path] = elsewhere("/api/v3/providers/saml/1/metadata/?download") }},
		{name: "no such application", code: "idp-answer/not-found", arrange: func(s *site) { s.back.paths[path] = status(http.StatusNotFound) }},
		{name: "a web page", code: "idp-answer/unreadable", arrange: func(s *site) { s.back.paths[path] = page(http.StatusOK, "<html></html>") }},
		{name: "an error", code: "idp-answer/unreadable", arrange: func(s *site) { s.back.paths[path] = status(http.StatusInternalServerError) }},
		{name: "another issuer than is set", code: "idp-issuer/differs", arrange: func(s *site) { s.doctor.Subject.Issuer = "https://id.example.com/issuer" }},
		{name: "the issuer of another host", code: "idp-issuer/host", warns: true, arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.Replace(xml, `entityID="`+s.authentikURL, `entityID="https://authentik.internal.example`, 1)
			})
			unsigned(s)
		}},
		{name: "http behind a proxy", code: "idp-issuer/scheme", warns: true, arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.Replace(xml, `entityID="http:`, `entityID="https:`, 1)
			})
			unsigned(s)
		}},
		{name: "no certificate", code: "idp-metadata/no-certificate", arrange: func(s *site) { s.cut("KeyDescriptor") }},
		{name: "a host without a dot", code: "idp-metadata/invalid-url", arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.ReplaceAll(xml, `Location="`+s.authentikURL, `Location="http://authentik:9000`)
			})
			unsigned(s)
		}},
		{name: "an expired signing certificate", code: "idp-metadata/expired", warns: true, arrange: func(s *site) {
			now := s.doctor.Now
			s.doctor.Now = func() time.Time { return now().AddDate(20, 0, 0) }
			s.front.ahead, s.back.ahead = time.Until(s.doctor.Now()), time.Until(s.doctor.Now())
		}},
		{name: "no redirect binding", code: "idp-metadata/no-redirect-sso", arrange: func(s *site) {
			s.metadata(func(xml string) string { return strings.ReplaceAll(xml, "bindings:HTTP-Redirect", "bindings:SOAP") })
			unsigned(s)
		}},
		{name: "signed requests wanted", code: "idp-metadata/wants-signed-requests", warns: true, arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.Replace(xml, "IDPSSODescriptor ", `IDPSSODescriptor WantAuthnRequestsSigned="true" `, 1)
			})
			unsigned(s)
		}},
		{name: "a host of another alphabet", code: "idp-metadata/refused-url", arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.ReplaceAll(xml, `Location="`+s.authentikURL, `Location="http://bücher.example`)
			})
			unsigned(s)
		}},
		{name: "a private address", code: "idp-for-sentry/private-address", warns: true, arrange: func(s *site) {
			s.named("https://authentik.example.com")
			s.doctor.LookUp = func(context.Context, string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("10.1.2.3")} }
		}},
		{name: "authentik's clock is ahead", code: "clocks/idp", arrange: func(s *site) { s.back.ahead = 8 * time.Minute }},
		{name: "Sentry's clock is behind", code: "clocks/sentry", arrange: func(s *site) { s.front.ahead = -8 * time.Minute }},
		{name: "clocks that are ages apart, one each way", code: "clocks/apart", arrange: func(s *site) {
			s.front.ahead, s.back.ahead = time.Until(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), time.Until(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
		}},
		{name: "clocks differ a little", code: "clocks/idp", warns: true, arrange: func(s *site) { s.back.ahead = 2 * time.Minute }},
		{name: "the clock here is off", code: "clocks/here", warns: true, arrange: func(s *site) { s.back.ahead, s.front.ahead = time.Hour, time.Hour }},
	}
}

func tokenFaults() []illness {
	scimUsers := api("scim/v2/Users")
	provider := func(change map[string]any) func(*site) {
		return func(s *site) {
			all := map[string]any{"id": "1", "provider_name": "saml2", "default_role": "member", "require_link": true, "scim_enabled": true}
			maps.Copy(all, change)
			s.answer(api("auth-provider/"), all)
		}
	}
	flagged := func(flag string) func(*site) {
		return func(s *site) {
			s.members(linkedOwner("a@acme.test"), linkedOwner("b@acme.test"), map[string]any{"email": "c@acme.test", "orgRole": "member", "flags": map[string]bool{flag: true, "sso:linked": true}})
		}
	}
	return []illness{
		{name: "an unknown SCIM token", code: "scim-token/unknown", arrange: func(s *site) { s.front.paths[scimUsers] = page(http.StatusUnauthorized, `{"detail":"Invalid token"}`) }},
		{name: "SCIM is off or another organization's", code: "scim-token/forbidden", arrange: func(s *site) {
			s.front.paths[scimUsers] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		}},
		{name: "a scope is missing", code: "scim-token/scope", arrange: func(s *site) {
			s.front.paths[scimUsers] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="member:read"`)
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"detail":"You do not have permission to perform this action."}`))
			}
		}},
		{name: "another SCIM address", code: "scim-address/differs", arrange: func(s *site) {
			s.doctor.Subject.SCIMURL = s.sentryURL + "/api/0/organizations/other/scim/v2"
			provision, err := newSCIM(s, s.doctor.Subject.SCIMURL)
			s.check(err)
			s.doctor.SCIM = provision
		}},
		{name: "no auth provider", code: "auth-provider/none", arrange: func(s *site) {
			s.front.paths[api("auth-provider/")] = status(http.StatusNoContent)
			s.front.paths[scimUsers] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		}},
		{name: "SCIM is off", code: "auth-provider/scim-off", arrange: func(s *site) {
			provider(map[string]any{"scim_enabled": false})(s)
			s.front.paths[scimUsers] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		}},
		{name: "Google instead of SAML", code: "auth-provider/other", arrange: provider(map[string]any{"provider_name": "google"})},
		{name: "an unknown API token", code: "sentry-token/unknown", arrange: func(s *site) {
			for _, path := range []string{"auth-provider/", "audit-logs/", "members/"} {
				s.front.paths[api(path)] = page(http.StatusUnauthorized, `{"detail":"Invalid token"}`)
			}
		}},
		{name: "an API token without org:read", code: "sentry-token/scope", arrange: func(s *site) {
			for _, path := range []string{"auth-provider/", "audit-logs/"} {
				s.front.paths[api(path)] = page(http.StatusForbidden, `{"detail":"no"}`)
			}
		}},
		{name: "somebody switched SSO off", code: "auth-provider/none", arrange: func(s *site) {
			s.front.paths[api("auth-provider/")] = status(http.StatusNoContent)
			s.answer(api("audit-logs/"), map[string]any{"rows": []any{map[string]any{"event": "sso.disable", "dateCreated": "2026-11-01T00:00:00Z"}}})
		}},
		{name: "somebody changed SSO", code: "audit-log/sso-edited", warns: true, arrange: func(s *site) {
			s.answer(api("audit-logs/"), map[string]any{"rows": []any{map[string]any{"event": "sso.edit", "dateCreated": time.Now().Add(-time.Hour)}}})
		}},
		{name: "SSO is optional", code: "auth-provider/optional", warns: true, arrange: provider(map[string]any{"require_link": false})},
		{name: "no SAML in the plan", code: "sso-feature/off", arrange: func(s *site) {
			s.front.paths[api("auth-provider/")] = status(http.StatusNoContent)
			s.answer(api(""), map[string]any{"features": []string{"team-roles"}})
		}},
		{name: "no SAML in the plan any more", code: "sso-feature/off", warns: true, arrange: func(s *site) {
			s.answer(api(""), map[string]any{"features": []string{"team-roles"}})
		}},
		{name: "an invitation by hand", code: "members/by-hand", warns: true, arrange: func(s *site) {
			s.members(linkedOwner("a@acme.test"), linkedOwner("b@acme.test"), map[string]any{"email": "c@acme.test", "orgRole": "member", "pending": true})
		}},
		{name: "rows without an address", code: "scim-rows/placeholder", warns: true, arrange: func(s *site) {
			s.front.paths[scimUsers] = page(http.StatusOK, `{"totalResults": 2, "startIndex": 1, "itemsPerPage": 2, "Resources": [{"id": "1", "userName": "a@acme.test"}, {"id": "7", "userName": ""}]}`)
		}},
		{name: "somebody deleted the token", code: "audit-log/token-removed", warns: true, arrange: func(s *site) {
			s.answer(api("audit-logs/"), map[string]any{"rows": []any{map[string]any{"event": "sentry-app.remove", "dateCreated": "2026-11-01T00:00:00Z"}}})
		}},
		{name: "an expired invitation", code: "members/expired", warns: true, arrange: func(s *site) {
			s.members(linkedOwner("a@acme.test"), linkedOwner("b@acme.test"), map[string]any{"email": "c@acme.test", "orgRole": "member", "pending": true, "expired": true})
		}},
		{name: "no seat", code: "members/no-seat", warns: true, arrange: flagged("member-limit:restricted")},
		{name: "an identity that is not valid", code: "members/sso-invalid", warns: true, arrange: flagged("sso:invalid")},
		{name: "one owner", code: "owners/few", warns: true, arrange: func(s *site) { s.members(linkedOwner("a@acme.test")) }},
		{name: "SSO is required of all", code: "owners/locked-out", warns: true, arrange: func(s *site) {
			provider(map[string]any{"require_link": true})(s)
			s.front.paths["/api/client-config/"] = page(http.StatusOK, `{"version": {"current": "26.10.0.dev0"}, "urlPrefix": "`+s.sentryURL+`", "isSelfHosted": false}`)
		}},
		{name: "users that authentik hides", code: "directory/hidden", arrange: func(s *site) {
			s.doctor.Drift = func(context.Context) (string, error) {
				return "", fault.Hint(fault.New(fault.Refused, "authentik's groups count 3 users that its list lacks"), "use a superuser's token")
			}
		}},
		{name: "a push is due", code: "directory/drift", warns: true, arrange: func(s *site) {
			s.doctor.Drift = func(context.Context) (string, error) { return "1 person to invite", nil }
		}},
	}
}

func authentikFaults() []illness {
	set := func(name string, value any) func(*site) {
		return func(s *site) { s.provider(authentik.Fields{name: value}) }
	}
	return []illness{
		{name: "an unknown token of authentik", code: "authentik-token/refused", arrange: func(s *site) {
			s.back.all = page(http.StatusForbidden, `{"detail":"Token invalid/expired"}`)
			path := "/application/saml/sentry/metadata/"
			s.back.paths[path] = s.back.product.ServeHTTP
		}},
		{name: "an old authentik", code: "authentik-release/unknown", arrange: func(s *site) {
			s.back.paths["/api/v3/admin/version/"] = page(http.StatusOK, `{"version_current": "2024.2.1"}`)
		}},
		{name: "a new authentik", code: "authentik-release/newer", warns: true, arrange: func(s *site) {
			s.back.paths["/api/v3/admin/version/"] = page(http.StatusOK, `{"version_current": "2031.2.1"}`)
		}},
		{name: "no application", code: "authentik-application/missing", arrange: func(s *site) {
			s.check(s.admin.Applications().Delete(s.t.Context(), "sentry"))
		}},
		{name: "an application without a provider", code: "authentik-application/no-provider", arrange: func(s *site) {
			_, err := s.admin.Applications().Patch(s.t.Context(), "sentry", authentik.Fields{"provider": nil})
			s.check(err)
		}},
		{name: "another ACS", code: "authentik-provider/acs-url", arrange: set("acs_url", "https://sentry.example.com/saml/acs/acme/")},
		{name: "an audience without the slash", code: "authentik-provider/audience", arrange: func(s *site) {
			s.provider(authentik.Fields{"audience": strings.TrimSuffix(s.settings.URLs.Audience, "/")})
		}},
		{name: "the binding is redirect", code: "authentik-provider/sp-binding", arrange: set("sp_binding", "redirect")},
		{name: "nothing is signed", code: "authentik-provider/sign-assertion", arrange: set("sign_assertion", false)},
		{name: "SHA-1", code: "authentik-provider/sha1", warns: true, arrange: set("digest_algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")},
		{name: "short assertions", code: "authentik-provider/validity", arrange: set("assertion_valid_not_on_or_after", "minutes=0; Seconds=30")},
		{name: "authentik's API is down", code: "authentik-token/no-answer", arrange: func(s *site) {
			path := "/application/saml/sentry/metadata/"
			s.back.paths[path], s.back.all = s.back.product.ServeHTTP, status(http.StatusBadGateway)
		}},
		{name: "authentik is down", code: "idp-identity/down", arrange: func(s *site) { s.back.all = status(http.StatusServiceUnavailable) }},
		{name: "another site", code: "idp-identity/other-site", arrange: func(s *site) { s.back.all = page(http.StatusOK, "<html>hello</html>") }},
		{name: "a token without permissions", code: "authentik-token/permission", arrange: func(s *site) {
			s.back.paths["/api/v3/policies/bindings/"] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		}},
		{name: "no mappings", code: "authentik-provider/property-mappings", arrange: set("property_mappings", []string{})},
		{name: "Sentry reads another attribute than is sent", code: "authentik-attributes/identifier", arrange: func(s *site) {
			s.doctor.Mapping = &samlresponse.Mapping{Name: "saml.attributes", Mapping: sentry.Mapping{Identifier: "Email Address", Email: sentry.GuideMapping().Mapping.Email}}
		}},
		{name: "everybody may log in", code: "authentik-bindings/no-bindings", warns: true, arrange: func(s *site) {
			s.unbind()
			s.doctor.Integration.Settings.BindGroups = nil
		}},
		{name: "a binding is missing", code: "authentik-bindings/missing", arrange: func(s *site) { s.unbind() }},
	}
}

func TestAResponseTellsWhatNoServerDoes(t *testing.T) {
	t.Parallel()
	for file, code := range map[string]string{
		"accepted.b64":            "",
		"destination-slash.xml":   "response/destination",
		"audience.xml":            "response/audience",
		"issuer.xml":              "response/issuer",
		"attribute-statement.xml": "response/attribute-statement",
		"no-uid.xml":              "response/identity",
		"encrypted.xml":           "response/encryption",
		"unsigned.xml":            "response/signature-present",
		"other-key.xml":           "response/signature",
		"status.xml":              "response/status",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.posted(file)
			s.doctor.Only = []string{"response"}
			report := s.examine()
			if code == "" {
				if report.Verdict != doctor.OK || report.Counts.OK != 1 {
					t.Errorf("found %s", report.Headline)
				}
				return
			}
			illness{code: code}.hold(t, report)
		})
	}
}

func TestAFaultOfTheProviderExplainsARefusedResponse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.posted("audience.xml")
	s.provider(authentik.Fields{"audience": "https://sentry.example.com/saml/metadata/other/"})
	s.doctor.Only = []string{"response", "authentik-provider"}
	illness{code: "authentik-provider/audience"}.hold(t, s.examine())
}
