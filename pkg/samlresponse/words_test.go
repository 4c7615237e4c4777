package samlresponse_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// oktaEntity is an identity provider that is not authentik.
const oktaEntity = "http://www.okta.com/exkfixture0000000001"

// uidAttribute is the identifier of authentik's guide.
const uidAttribute = `<saml:Attribute Name="http://schemas.goauthentik.io/2021/02/saml/uid"><saml:AttributeValue>42</saml:AttributeValue></saml:Attribute>`

// okta is base as Okta sends it to Sentry's Okta provider.
func okta() string {
	attribute := func(name, value string) string {
		return `<saml:Attribute Name="` + name + `"><saml:AttributeValue>` + value + `</saml:AttributeValue></saml:Attribute>`
	}
	before, rest, _ := strings.Cut(base, "<saml:AttributeStatement>")
	_, after, _ := strings.Cut(rest, "</saml:AttributeStatement>")
	return strings.ReplaceAll(before, idpEntity, oktaEntity) + "<saml:AttributeStatement>" + attribute("identifier", "00u1") + attribute("email", "ada@acme.test") +
		attribute("firstName", "Ada") + attribute("lastName", "Example") + "</saml:AttributeStatement>" + after
}

// causes are responses that a person would describe in a few words, before they
// are signed.
func causes() map[string]string {
	swapped := func(old, replacement string) string { return strings.Replace(base, old, replacement, 1) }
	const success = `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>`
	policy := `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"/></samlp:StatusCode>`
	return map[string]string{
		"okta":               okta(),
		"no-uid":             strings.Replace(base, uidAttribute, "", 1),
		"empty-mail":         swapped(`<saml:AttributeValue>ada@acme.test</saml:AttributeValue>`, `<saml:AttributeValue> </saml:AttributeValue>`),
		"issuer-slash":       strings.ReplaceAll(base, idpEntity+"<", strings.TrimSuffix(idpEntity, "/")+"<"),
		"issuer-space":       strings.ReplaceAll(base, idpEntity+"<", idpEntity+" <"),
		"issuer-line":        strings.ReplaceAll(base, idpEntity+"<", "\n      "+idpEntity+"\n    <"),
		"issuer-port":        strings.ReplaceAll(base, "https://authentik.example.com/", "http://authentik.example.com:9000/"),
		"destination-port":   swapped(`Destination="https://sentry.example.com/`, `Destination="https://sentry.example.com:8443/`),
		"destination-slash":  swapped(`Destination="`+acs, `Destination="`+strings.TrimSuffix(acs, "/")),
		"audience-case":      swapped(audience+"<", "https://sentry.example.com/saml/metadata/Acme/<"),
		"audience-space":     swapped(audience+"<", audience+" <"),
		"recipient-template": swapped(`Recipient="`+acs, `Recipient="{recipient}`),
		"audience-template":  swapped(audience+"<", "https://sentry.company/saml/metadata/acme/<"),
		"name-id-policy":     wholeAssertion.ReplaceAllString(swapped(success, policy), ""),
	}
}

// wordStories are the responses of causes, signed, and one that was indented
// afterwards.
func wordStories(tb testing.TB) map[string]string {
	tb.Helper()
	idp := rsa256(pairOf(tb, "idp"))
	files := map[string]string{"indented.xml": indent(tb, idp.signAll(tb, base, "a"))}
	for name, xml := range causes() {
		if !strings.Contains(xml, "<saml:Assertion") {
			files[name+".xml"] = xml
			continue
		}
		files[name+".xml"] = idp.signAll(tb, xml, "a")
	}
	return files
}

func indent(tb testing.TB, xml string) string {
	tb.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(xml); err != nil {
		tb.Fatal(err)
	}
	doc.Indent(2)
	out, err := doc.WriteToString()
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func judged(tb testing.TB, xml string, change func(*samlresponse.Settings)) *samlresponse.Verdict {
	tb.Helper()
	r, err := samlresponse.Decode([]byte(xml))
	if err != nil {
		tb.Fatal(err)
	}
	settings := settingsFor(tb, pairOf(tb, "idp"))
	change(&settings)
	return samlresponse.Judge(r, settings)
}

func fixOf(v *samlresponse.Verdict) string {
	for _, c := range v.Checks {
		if c.Fix != "" {
			return c.Code + ": " + c.Fix
		}
	}
	return ""
}

func TestTheCauseIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	files := wordStories(t)
	for name, want := range map[string][]string{
		"no-uid":             {"identity: ", "identifier (http://schemas.goauthentik.io/2021/02/saml/uid) is missing or empty", "pass it with --map"},
		"empty-mail":         {"identity: ", "the attribute for email ("},
		"issuer-slash":       {"issuer: ", "the slash at the end is missing"},
		"issuer-space":       {"issuer: ", "; white space stands around it"},
		"issuer-line":        {"issuer: ", "a line break stands around it, as after the document was re-formatted"},
		"issuer-port":        {"issuer: ", "the scheme is http but must be https; the port is 9000 but must be left out"},
		"destination-port":   {"destination: ", "the port is 8443 but must be left out", "system.url-prefix is the wrong one instead"},
		"destination-slash":  {"destination: ", "the slash at the end is missing"},
		"audience-case":      {"audience: ", "upper and lower case differ"},
		"audience-space":     {"audience: ", "white space stands around it"},
		"recipient-template": {"subject-confirmation: ", "the placeholder {recipient} was left in"},
		"audience-template":  {"audience: ", "the placeholder sentry.company was left in"},
		"name-id-policy":     {"status: ", "asks for a NameID of the format urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"},
		"indented":           {"signature: ", "the document was indented (re-formatted) after it was signed"},
	} {
		v := judged(t, files[name+".xml"], func(*samlresponse.Settings) {})
		for _, words := range want {
			if !strings.Contains(fixOf(v), words) {
				t.Errorf("%s: %q has no %q", name, fixOf(v), words)
			}
		}
		if v.Accepted || v.Unknown {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestNoAssertionIsNotTampering(t *testing.T) {
	t.Parallel()
	fix := fixOf(judged(t, stories(t)["no-assertion.xml"], func(*samlresponse.Settings) {}))
	if strings.Contains(fix, "tampering") || !strings.Contains(fix, "holds no assertion") {
		t.Errorf("fix %q", fix)
	}
}

func TestChangedAndIndentedIsChanged(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"tampered": strings.ReplaceAll(wordStories(t)["indented.xml"], "ada@", "eve@"),
		"flat":     stories(t)["tampered.xml"],
	} {
		if fix := fixOf(judged(t, xml, func(*samlresponse.Settings) {})); strings.Contains(fix, "indented") || !strings.Contains(fix, "changed after it was signed") {
			t.Errorf("%s: %q", name, fix)
		}
	}
}

func settingsOfOkta(s *samlresponse.Settings) {
	s.Provider.EntityID, s.Provider.SSOURL = oktaEntity, "https://acme.okta.com/app/acme_sentry_1/exkfixture0000000001/sso/saml"
}

// TestWithoutAMappingNobodyIsIn has an identity provider that is not authentik.
func TestWithoutAMappingNobodyIsIn(t *testing.T) {
	t.Parallel()
	v := judged(t, wordStories(t)["okta.xml"], settingsOfOkta)
	if v.Accepted || !v.Unknown || v.Reason != "" || v.Mapping != nil || v.Identity != (samlresponse.Identity{}) || len(v.Next) > 0 {
		t.Errorf("verdict %+v", v)
	}
	works := map[string]bool{}
	for _, m := range v.Mappings {
		works[m.Key] = m.Works
	}
	want := map[string]bool{"authentik": false, "okta": true, "onelogin": false, "auth0": false, "rippling": false, "jumpcloud": false, "active-directory": false}
	if diff := cmp.Diff(want, works); diff != "" {
		t.Errorf("what works (-want +got):\n%s", diff)
	}
	if last := v.Checks[len(v.Checks)-1]; last.Verdict != samlresponse.Unknown || last.Code != "identity" {
		t.Errorf("the last check is %+v", last)
	}
	var document map[string]any
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	if accepted, there := document["accepted"]; err != nil || accepted != nil || !there || !strings.HasPrefix(string(text), `{"accepted":null,"reason":""`) {
		t.Errorf("error %v, document %s", err, text)
	}
}

func TestAMappingDecides(t *testing.T) {
	t.Parallel()
	for _, p := range sentry.Presets() {
		v := judged(t, wordStories(t)["okta.xml"], func(s *samlresponse.Settings) {
			settingsOfOkta(s)
			s.Mapping = &samlresponse.Mapping{Name: p.Name, Mapping: p.Mapping}
		})
		if v.Accepted != (p.Key == "okta") || v.Unknown || v.Mapping.Name != p.Name {
			t.Errorf("%s: %+v", p.Key, v)
		}
	}
}

func TestAuthentikIsKnownByItsNames(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		entity, sso string
		guide       bool
	}{
		"2026.5":       {idpEntity, "https://other.example/", true},
		"old endpoint": {"https://acme.test/pinned", "https://authentik.example.com/sub/application/saml/sentry/sso/binding/redirect/", true},
		"old issuer":   {"authentik", "https://acme.test/sso", true},
		"another":      {"https://keycloak.example.com/realms/acme", "https://keycloak.example.com/realms/acme/protocol/saml", false},
		"look-alike":   {"authentik2", "https://acme.test/application/saml/", false},
	} {
		idp := rsa256(pairOf(t, "idp"))
		v := judged(t, idp.signAll(t, strings.ReplaceAll(base, idpEntity, tt.entity), "a"), func(s *samlresponse.Settings) {
			s.Provider.EntityID, s.Provider.SSOURL = tt.entity, tt.sso
		})
		if v.Accepted != tt.guide || v.Unknown == tt.guide || len(v.Assumptions) > 0 != tt.guide {
			t.Errorf("%s: accepted %v, unknown %v, assumed %v: %s", name, v.Accepted, v.Unknown, v.Assumptions, v.Reason)
		}
	}
}

// TestTheDefaultAddressIsSaidToBeOne has nobody give Sentry's address.
func TestTheDefaultAddressIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	saas, _, err := sentry.ParseBase(sentry.SaaS)
	if err != nil {
		t.Fatal(err)
	}
	idp := rsa256(pairOf(t, "idp"))
	there := strings.NewReplacer(`Destination="https://sentry.example.com`, `Destination="https://sentry.io`)
	both := strings.NewReplacer(`Destination="https://sentry.example.com`, `Destination="https://sentry.io`, audience, "https://sentry.io/saml/metadata/acme/")
	all := strings.NewReplacer("https://sentry.example.com", "https://sentry.io")
	for name, tt := range map[string]struct{ xml, check string }{
		"destination": {base, "destination"},
		"audience":    {there.Replace(base), "audience"},
		"recipient":   {both.Replace(base), "subject-confirmation"},
		"name ID":     {strings.Replace(all.Replace(base), "<saml:NameID ", `<saml:NameID SPNameQualifier="https://sentry.example.com" `, 1), "name-id"},
	} {
		for _, assumed := range []bool{true, false} {
			v := judged(t, idp.signAll(t, tt.xml, "a"), func(s *samlresponse.Settings) { s.SP, s.DefaultSP = sentry.URLsOf(saas, "acme"), assumed })
			const words = ": if Sentry is not at https://sentry.io, which is only the default, pass --sentry-url"
			if fix := fixOf(v); strings.HasPrefix(fix, tt.check+words) != assumed || !strings.HasPrefix(fix, tt.check+": ") {
				t.Errorf("%s, assumed %v: %s", name, assumed, fix)
			}
			if said := strings.Join(v.Assumptions, "\n"); strings.Contains(said, "only the default of --sentry-url") != assumed {
				t.Errorf("%s: assumptions %q", name, said)
			}
		}
	}
	v := judged(t, idp.signAll(t, all.Replace(base), "a"), func(s *samlresponse.Settings) { s.SP, s.DefaultSP = sentry.URLsOf(saas, "acme"), true })
	if !v.Accepted || !strings.Contains(v.Assumptions[0], "https://sentry.io") {
		t.Errorf("accepted %v, assumptions %q", v.Accepted, v.Assumptions)
	}
}

// TestDeflatedTextIsAnInternalError has what python3-saml says of the same bytes
// after base64: it expects XML.
func TestDeflatedTextIsAnInternalError(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(shared, "accepted.deflated"))
	if err != nil {
		t.Fatal(err)
	}
	v := judged(t, string(text), func(*samlresponse.Settings) {})
	if v.Accepted || !v.ServerError || !strings.HasPrefix(v.Reason, "Start tag expected, '<' not found") || !strings.HasPrefix(fixOf(v), "binding: ") {
		t.Errorf("accepted %v, server error %v, reason %q", v.Accepted, v.ServerError, v.Reason)
	}
}

// TestPostedIsNothingButBase64 has the value of the form, in which other forms
// of input are no message.
func TestPostedIsNothingButBase64(t *testing.T) {
	t.Parallel()
	xml := stories(t)["accepted.xml"]
	settings := settingsFor(t, pairOf(t, "idp"))
	value := base64.StdEncoding.EncodeToString([]byte(xml))
	if v := samlresponse.JudgePosted(value, settings); !v.Accepted {
		t.Errorf("refused: %s", v.Reason)
	}
	for _, text := range []string{xml, "SAMLResponse=" + value, "", "*", "{}", strings.Repeat("A", 3<<20)} {
		if v := samlresponse.JudgePosted(text, settings); v.Accepted || !v.ServerError || len(v.Checks) != 24 {
			t.Errorf("%.20q: accepted %v, %q", text, v.Accepted, v.Reason)
		}
	}
}
