package authentik_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

const (
	pairs     = "/api/v3/crypto/certificatekeypairs/"
	providers = "/api/v3/providers/saml/"
	more      = "http://www.w3.org/2001/04/xmldsig-more#"
)

// load asks without a token.
func load(t *testing.T, a http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	a.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return answer
}

// samlProvider makes a provider that signs, and returns its address.
func samlProvider(t *testing.T, a *authentik.Authentik, key string, more map[string]any) string {
	t.Helper()
	flow := a.Snapshot().Objects["flows/instances"][0]["pk"]
	status, pair := ask(t, a, "POST", pairs+"generate/", body(t, map[string]any{"common_name": key, "validity_days": 30, "alg": key}))
	if status != 200 {
		t.Fatal(status, pair)
	}
	fields := map[string]any{
		"name": "Sentry", "authorization_flow": flow, "invalidation_flow": flow, "acs_url": "https://sentry.example/", "signing_kp": pair["pk"], "sign_assertion": true,
	}
	maps.Copy(fields, more)
	status, made := ask(t, a, "POST", providers, body(t, fields))
	if status != 201 {
		t.Fatal(status, made)
	}
	return fmt.Sprintf("%s%v/", providers, made["pk"])
}

func give(t *testing.T, a *authentik.Authentik, provider string) {
	t.Helper()
	_, made := ask(t, a, "GET", provider, "")
	if status, got := ask(t, a, "PATCH", "/api/v3/core/applications/sentry/", body(t, map[string]any{"provider": made["pk"]})); status != 200 {
		t.Fatal(status, got)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	const base = "https://authentik.example/application/saml/sentry/"
	tests := map[authentik.Release]struct {
		missing     int
		issuer, sso string
	}{
		authentik.Release202510: {200, "authentik", base + "sso/binding/redirect/"},
		authentik.Release202602: {200, "authentik", base + "sso/binding/redirect/"},
		authentik.Release202605: {404, base + "metadata/", base},
		authentik.Release202608: {404, base + "metadata/", base},
	}
	for release, tt := range tests {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			a := serve(t, release, fresh())
			provider := samlProvider(t, a, "rsa", nil)
			if got := load(t, a, provider+"metadata/"); got.Code != tt.missing {
				t.Errorf("without an application: %d %s", got.Code, got.Body)
			}
			if got := load(t, a, "/application/saml/sentry/metadata/"); got.Code != 404 {
				t.Errorf("of an application without a provider: %d", got.Code)
			}
			give(t, a, provider)
			file := load(t, a, "/application/saml/sentry/metadata/")
			if file.Code != 200 || file.Header().Get("Content-Disposition") != "attachment; filename=Sentry_authentik_meta.xml" {
				t.Fatalf("%d %v", file.Code, file.Header())
			}
			root := verified(t, a, file.Body.Bytes())
			sso := root.FindElement("./IDPSSODescriptor/SingleSignOnService")
			if root.SelectAttrValue("entityID", "") != tt.issuer || sso.SelectAttrValue("Location", "") != tt.sso {
				t.Errorf("%s", file.Body)
			}
			if got := load(t, a, provider+"metadata/?download"); !bytes.Equal(got.Body.Bytes(), file.Body.Bytes()) {
				t.Errorf("the API has other metadata: %s", got.Body)
			}
			_, told := ask(t, a, "GET", provider+"metadata/?force_binding=urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "")
			if text, _ := told["metadata"].(string); strings.Contains(text, "HTTP-Redirect") || !strings.Contains(text, "HTTP-POST") {
				t.Errorf("one binding: %v", told)
			}
		})
	}
}

// verified checks the signature with a library of others, and returns what is
// signed.
func verified(t *testing.T, a *authentik.Authentik, text []byte) *etree.Element {
	t.Helper()
	_, list := ask(t, a, "GET", pairs+"?name=rsa", "")
	_, told := ask(t, a, "GET", fmt.Sprintf("%s%v/view_certificate/", pairs, first(t, list)["pk"]), "")
	block, _ := pem.Decode([]byte(fmt.Sprint(told["data"])))
	trusted, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(text); err != nil {
		t.Fatal(err)
	}
	root, err := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{trusted}}).Validate(document.Root())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return root
}

func TestMetadataByKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key    string
		more   map[string]any
		status int
	}{
		"an EC key and rsa-sha256":    {"ecdsa", nil, 500},
		"an RSA key and ecdsa-sha256": {"rsa", map[string]any{"signature_algorithm": more + "ecdsa-sha256"}, 500},
		"an EC key and ecdsa-sha256":  {"ecdsa", map[string]any{"signature_algorithm": more + "ecdsa-sha256"}, 200},
		"rsa-sha512 and SHA-384":      {"rsa", map[string]any{"signature_algorithm": more + "rsa-sha512", "digest_algorithm": more + "sha384"}, 200},
		"no key":                      {"rsa", map[string]any{"signing_kp": nil}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, authentik.ReleaseLatest, fresh())
			provider := samlProvider(t, a, tt.key, tt.more)
			give(t, a, provider)
			got := load(t, a, provider+"metadata/?download")
			if signed := strings.Contains(got.Body.String(), "SignatureValue"); got.Code != tt.status || signed != (tt.status == 200 && name != "no key") {
				t.Errorf("%d %s", got.Code, got.Body)
			}
		})
	}
}

// TestTheIssuerFollowsTheHost, where no address is set and none is pinned.
func TestTheIssuerFollowsTheHost(t *testing.T) {
	t.Parallel()
	a, err := authentik.New(fresh(), authentik.Config{Token: "right", Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	provider := samlProvider(t, a, "ecdsa", map[string]any{"signing_kp": nil})
	give(t, a, provider)
	for _, host := range []string{"one.test", "two.test:9000"} {
		if got := load(t, a, "http://"+host+"/application/saml/sentry/metadata/"); !strings.Contains(got.Body.String(), `entityID="http://`+host+`/application/saml/sentry/metadata/"`) {
			t.Errorf("%s: %s", host, got.Body)
		}
	}
	ask(t, a, "PATCH", provider, `{"issuer_override":"https://pinned.test/"}`)
	if got := load(t, a, "http://one.test/application/saml/sentry/metadata/"); !strings.Contains(got.Body.String(), `entityID="https://pinned.test/"`) {
		t.Errorf("%s", got.Body)
	}
}

func TestPreviewUser(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	_, list := ask(t, a, "GET", "/api/v3/propertymappings/provider/saml/", "")
	results, _ := list["results"].([]any)
	keys := map[string]any{}
	for _, r := range results {
		m, _ := r.(map[string]any)
		name := fmt.Sprint(m["managed"])
		keys[name[strings.LastIndex(name, "/")+1:]] = m["pk"]
	}
	provider := samlProvider(t, a, "rsa", map[string]any{
		"name_id_mapping": keys["uid"], "property_mappings": []any{keys["uid"], keys["email"], keys["name"], keys["groups"]},
	})
	_, got := ask(t, a, "GET", provider+"preview_user/?for_user=2", "")
	want := `{"preview":{"attributes":[
		{"Name":"http://schemas.goauthentik.io/2021/02/saml/uid","Value":["2"]},
		{"Name":"http://schemas.xmlsoap.org/claims/Group","Value":["staff"]},
		{"Name":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress","Value":["ada@acme.test"]},
		{"Name":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name","Value":["Ada Example"]}],"nameID":"2"}}`
	var decoded map[string]any
	if err := json.Unmarshal([]byte(want), &decoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decoded, got); diff != "" {
		t.Error(diff)
	}
	if status, _ := ask(t, a, "GET", provider+"preview_user/?for_user=99", ""); status != 400 {
		t.Errorf("nobody: %d", status)
	}
}

func TestProvidersByRelease(t *testing.T) {
	t.Parallel()
	tests := []struct {
		release authentik.Release
		path    string
		fields  string
		status  int
		want    map[string]any
	}{
		{authentik.Release202510, "providers/scim/", `{"name":"x","url":"https://x.test/","compatibility_mode":"webex"}`, 400, nil},
		{authentik.Release202605, "providers/scim/", `{"name":"x","url":"https://x.test/","compatibility_mode":"webex","token":"t"}`, 201, map[string]any{"token": nil, "compatibility_mode": "webex", "discovery_enabled": nil}},
		{authentik.Release202512, "providers/scim/", `{"name":"x","url":"https://x.test/","token":"t"}`, 201, map[string]any{"token": "t"}},
		{authentik.Release202605, "providers/scim/", `{"name":"x","url":"https://x.test/","compatibility_mode":"gitlab"}`, 400, nil},
		{authentik.Release202608, "providers/scim/", `{"name":"x","url":"https://x.test/","compatibility_mode":"gitlab"}`, 201, map[string]any{"discovery_enabled": true, "sync_page_size": 100.0}},
		{authentik.Release202510, "providers/scim/", `{"name":"x","url":"https://x.test/","group_filters":["nope"]}`, 201, map[string]any{"group_filters": nil, "filter_group": nil}},
		{authentik.Release202602, "providers/scim/", `{"name":"x","url":"https://x.test/","filter_group":"nope"}`, 201, map[string]any{"group_filters": []any{}, "filter_group": nil}},
		{authentik.Release202608, "providers/scim/", `{"name":"x","url":"x"}`, 400, nil},
		{authentik.Release202608, "providers/saml/", `{"name":"x","acs_url":"https://x.test/","authorization_flow":"FLOW"}`, 400, nil},
		{authentik.Release202608, "providers/saml/", `{"name":"x","acs_url":"https://x.test/","authorization_flow":"FLOW","invalidation_flow":"FLOW","logout_method":"backchannel"}`, 201, map[string]any{"logout_method": "frontchannel_iframe", "sp_binding": "redirect", "property_mappings": []any{}}},
		{authentik.Release202608, "providers/saml/", `{"name":"x","acs_url":"https://x.test/","authorization_flow":"FLOW","invalidation_flow":"FLOW","logout_method":"backchannel","sls_binding":"post"}`, 201, map[string]any{"logout_method": "backchannel"}},
	}
	for _, tt := range tests {
		a := serve(t, tt.release, fresh())
		flow := fmt.Sprint(a.Snapshot().Objects["flows/instances"][0]["pk"])
		status, got := ask(t, a, "POST", "/api/v3/"+tt.path, strings.ReplaceAll(tt.fields, "FLOW", flow))
		if status != tt.status {
			t.Errorf("%s %s: %d %v", tt.release, tt.fields, status, got)
		}
		for name, want := range tt.want {
			if diff := cmp.Diff(want, got[name]); diff != "" {
				t.Errorf("%s %s: %s: %s", tt.release, tt.fields, name, diff)
			}
		}
	}
}
