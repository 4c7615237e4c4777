package metadata_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

const (
	open  = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="idp">`
	shut  = `</EntityDescriptor>`
	role  = `<IDPSSODescriptor protocolSupportEnumeration="p">`
	end   = `</IDPSSODescriptor>`
	sso   = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://a.example/sso"/>`
	post  = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://a.example/post"/>`
	slo   = `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://a.example/slo"/>`
	two   = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://b.example/sso"/>`
	other = `<EntityDescriptor entityID="other">` + role + sso + end + shut
)

func cert(use, text string) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	return "<KeyDescriptor" + use + "><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + text +
		"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
}

func entity(content string) string { return open + role + content + end + shut }

type parseTest struct {
	xml   string
	want  kept
	codes []string // findings that are among those of Judge
}

func parseTests() map[string]parseTest {
	full := kept{EntityID: "idp", SSOURL: "https://a.example/sso", SLOURL: "https://a.example/slo", X509Cert: "AAAA"}
	noLogout := full
	noLogout.SLOURL = ""
	return map[string]parseTest{
		"all":              {entity(cert("signing", " AA\n\tAA ") + slo + post + sso), full, nil},
		"key without use":  {entity(cert("", "AAAA") + slo + sso), full, nil},
		"odd use":          {entity(cert("other", "AAAA") + slo + sso), full, nil},
		"same for both":    {entity(cert("signing", "AAAA") + cert("encryption", "AAAA") + slo + sso), full, nil},
		"signing second":   {entity(cert("encryption", "BBBB") + cert("signing", "AAAA") + slo + sso), full, nil},
		"first SSO wins":   {entity(cert("", "AAAA") + slo + sso + two), full, nil},
		"comments":         {entity(cert("", "AA<!-- x -->AA") + slo + sso), full, nil},
		"CDATA":            {entity(cert("", "<![CDATA[AAAA]]>") + slo + sso), full, nil},
		"a broken line":    {entity(cert("", "AAAA") + slo + strings.Replace(sso, "/sso", "\n/sso", 1)), kept{"idp", "https://a.example /sso", full.SLOURL, "AAAA"}, nil},
		"nested elements":  {entity(cert("", "AAAA<x/>BBBB") + slo + sso), full, nil},
		"a declaration":    {`<?xml version="1.0" encoding="UTF-8"?>` + entity(cert("", "AAAA")+slo+sso), full, nil},
		"byte order mark":  {"\uFEFF" + entity(cert("", "AAAA")+slo+sso), full, nil},
		"Latin-1":          {`<?xml version="1.0" encoding="ISO-8859-1"?>` + entity("<!-- \xe9 -->"+cert("", "AAAA")+slo+sso), full, nil},
		"two certificates": {entity(cert("signing", "AAAA") + cert("signing", "BBBB") + slo + sso), full, []string{"several-certificates"}},
		"one to encrypt":   {entity(cert("encryption", "AAAA") + slo + sso), full, []string{"encryption-certificate"}},
		"wants signatures": {
			open + strings.Replace(role, ">", ` WantAuthnRequestsSigned="true">`, 1) + cert("", "AAAA") + slo + sso + end + shut,
			full,
			[]string{"wants-signed-requests"},
		},
		"two roles":   {open + role + cert("", "AAAA") + slo + sso + end + role + two + end + shut, full, []string{"several-roles"}},
		"post logout": {entity(cert("", "AAAA") + strings.Replace(slo, "Redirect", "POST", 1) + sso), noLogout, []string{"no-redirect-slo"}},
		"two to encrypt": {
			entity(cert("encryption", "AAAA") + cert("encryption", "BBBB") + sso),
			kept{EntityID: "idp", SSOURL: full.SSOURL},
			[]string{"encryption-only"},
		},
		"only post": {
			entity(cert("", "AAAA") + post),
			kept{EntityID: "idp", X509Cert: "AAAA"},
			[]string{"no-redirect-sso"},
		},
		"no entity ID": {
			strings.Replace(entity(cert("", "AAAA")+sso), ` entityID="idp"`, "", 1),
			kept{SSOURL: full.SSOURL, X509Cert: "AAAA"},
			[]string{"no-entity-id"},
		},
		"other namespaces": {`<x xmlns="urn:x"><EntityDescriptor entityID="idp"/></x>`, kept{}, []string{"no-entity"}},
		"a service first": {
			`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><EntityDescriptor entityID="sp"/>` + other + `</EntitiesDescriptor>`,
			kept{},
			[]string{"not-an-idp"},
		},
		"a federation": {
			`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + entity(cert("", "AAAA")+slo+sso) + other + `</EntitiesDescriptor>`,
			full,
			nil,
		},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tt := range parseTests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metadata.Parse([]byte(tt.xml))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, keptOf(got)); diff != "" {
				t.Errorf("stored differs (-want +got):\n%s", diff)
			}
			codes := codesOf(metadata.Judge([]byte(tt.xml), metadata.Source{Now: now()}))
			for _, want := range tt.codes {
				if !slices.Contains(codes, want) {
					t.Errorf("findings %q, want one of %q", codes, want)
				}
			}
		})
	}
}

func codesOf(j *metadata.Judgement) []string {
	codes := []string{}
	for _, f := range j.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

func refused() map[string]string {
	return map[string]string{
		"nothing":           "",
		"no XML":            "application/saml/sentry",
		"HTML":              "<!DOCTYPE html><html><br></html>",
		"a DOCTYPE":         `<!DOCTYPE x [<!ENTITY a "b">]>` + entity(sso),
		"an entity":         entity(cert("", "&a;") + sso),
		"cut off":           entity(sso)[:200],
		"two roots":         entity(sso) + entity(sso),
		"text after it":     entity(sso) + "x",
		"a twin attribute":  `<EntityDescriptor entityID="a" entityID="b"/>`,
		"empty certificate": entity(cert("", "") + sso),
		"odd prefix":        entity(sso + "<x:y/>"),
		"odd attribute":     entity(sso + `<y x:z=""/>`),
		"deep":              strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300),
		"unknown encoding":  `<?xml version="1.0" encoding="x-none"?>` + entity(sso),
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := refused()
	tests["large"] = entity(sso) + strings.Repeat(" ", 1<<20)
	for name, xml := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metadata.Parse([]byte(xml))
			if fault.CodeOf(err) != fault.Failed || len(fault.Hints(err)) == 0 {
				t.Errorf("got %+v, error %v; want an error with a hint", got, err)
			}
		})
	}
}

func TestParseAgreesWithPythonSaml(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	var want []*kept
	add := func(name, xml string, stored *kept) {
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, []byte(xml), 0o600); err != nil {
			t.Fatal(err)
		}
		files, want = append(files, file), append(want, stored)
	}
	for name, tt := range parseTests() {
		add(name, tt.xml, &tt.want)
	}
	for name, xml := range refused() {
		add(name, xml, nil)
	}
	for i, v := range sentrysView(t, files) {
		if diff := cmp.Diff(want[i], v.Stored); diff != "" {
			t.Errorf("%s: python3-saml differs (-ours +theirs):\n%s", filepath.Base(files[i]), diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range parseTests() {
		f.Add([]byte(tt.xml))
	}
	for _, xml := range refused() {
		f.Add([]byte(xml))
	}
	f.Fuzz(func(t *testing.T, xml []byte) {
		stored, err := metadata.Parse(xml)
		if err != nil {
			if diff := cmp.Diff(metadata.Stored{}, stored); diff != "" {
				t.Errorf("an error came with a result:\n%s", diff)
			}
			return
		}
		if strings.ContainsAny(stored.X509Cert, " \t\r\n") {
			t.Errorf("the certificate has spaces: %q", stored.X509Cert)
		}
	})
}
