package filekind_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
)

const (
	entity   = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>`
	response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"/>`
	page     = "<!DOCTYPE html>\n<html lang=en><title>Sign in</title><form></form></html>"
)

// samples are documents of each kind, as people have them.
func samples(t *testing.T) map[string]struct {
	data string
	want filekind.Kind
} {
	t.Helper()
	read := func(path string) string {
		data, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	b64 := base64.StdEncoding.EncodeToString
	certificate := read("../metadata/testdata/rsa.crt")
	bare := strings.Join(strings.Split(strings.TrimSpace(certificate), "\n")[1:strings.Count(certificate, "\n")-1], "\n")
	der, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(bare, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xFF, 0xFE}
	for _, c := range []byte("<?xml version=\"1.0\" encoding=\"utf-16\"?>" + entity) {
		utf16 = append(utf16, c, 0)
	}
	return map[string]struct {
		data string
		want filekind.Kind
	}{
		"nothing":                {"", filekind.Empty},
		"blanks":                 {" \r\n\ufeff"[:3], filekind.Empty},
		"metadata":               {entity, filekind.Metadata},
		"metadata of a product":  {read("../../testdata/metadata/keycloak.xml"), filekind.Metadata},
		"a federation":           {read("../../testdata/metadata/federation-signed.xml"), filekind.Metadata},
		"metadata in UTF-16":     {string(utf16), filekind.Metadata},
		"metadata in Latin-1":    {read("../../testdata/metadata/latin-1.xml"), filekind.Metadata},
		"metadata, BOM":          {"\ufeff<?xml version='1.0'?><!-- a --><EntitiesDescriptor>", filekind.Metadata},
		"metadata, a DOCTYPE":    {read("../../testdata/metadata/doctype.xml"), filekind.Metadata},
		"metadata, cut":          {entity[:30], filekind.Metadata},
		"a response":             {response, filekind.Response},
		"a response, no xmlns":   {"<samlp:Response ID='_1'>", filekind.Response},
		"a response in base64":   {b64([]byte(response)), filekind.Response},
		"a form body":            {"RelayState=x&SAMLResponse=PHNhbWw", filekind.Response},
		"a copied request":       {`curl 'https://sentry.acme.test/saml/acs/acme/' --data-raw 'SAMLResponse=PHNh'`, filekind.Response},
		"a page that posts one":  {`<html><form><input type="hidden" name="SAMLResponse" value="PHNh"/></form></html>`, filekind.Response},
		"a request":              {`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>`, filekind.SAMLMessage},
		"an assertion":           {`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>`, filekind.SAMLMessage},
		"a page":                 {page, filekind.WebPage},
		"an old page":            {"<HTML><HEAD>", filekind.WebPage},
		"XHTML":                  {read("../../testdata/metadata/page.xhtml"), filekind.WebPage},
		"a feed":                 {"<?xml version='1.0'?><rss/>", filekind.XML},
		"OpenID":                 {read("../../testdata/metadata/openid.json"), filekind.OpenID},
		"traffic":                {`{"log": {"version": "1.2", "entries": [`, filekind.Traffic},
		"a certificate":          {certificate, filekind.Certificate},
		"a certificate, text":    {"Certificate:\n    Data:\n" + certificate, filekind.Certificate},
		"a certificate, DER":     {string(der), filekind.Certificate},
		"a certificate, bare":    {bare, filekind.Certificate},
		"a key":                  {read("../metadata/testdata/rsa.key"), filekind.PrivateKey},
		"a bundle":               {read("../metadata/testdata/rsa.key") + certificate, filekind.Certificate},
		"a certificate request":  {"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n", filekind.PEM},
		"PKCS#12":                {read("../keypair/testdata/pair.p12"), filekind.KeyStore},
		"people, YAML":           {read("../../testdata/directory/people.yaml"), filekind.Directory},
		"people, JSON":           {read("../../testdata/directory/people.json"), filekind.Directory},
		"people, JSON Lines":     {read("../../testdata/directory/people.jsonl"), filekind.Directory},
		"groups, JSON Lines":     {`{"name": "data", "members": []}` + "\n", filekind.Directory},
		"people, CSV":            {read("../../testdata/directory/people.csv"), filekind.Table},
		"one column":             {"email\nada@acme.test\n", filekind.Table},
		"a snapshot":             {`{"format": 1, "taken_at": "2026-09-01T00:00:00Z", "sentry_url": "https://x", "members": []}`, filekind.Snapshot},
		"a state":                {`{"org": "acme", "org_id": "1", "members": []}`, filekind.SentryState},
		"a report":               {"a plugin says hello\nSENTRYIDP {\"action\": \"status\"}\n", filekind.ScriptReport},
		"a review":               {`{"sentryidp_access_review": 1, "organization": "acme", "sentry_url": "https://sentry.io", "members": []}`, filekind.Review},
		"a report, its JSON":     {`{"action": "status", "sentryidp_report": 1}`, filekind.ScriptReport},
		"a state of authentik":   {`{"objects": {"core/users": []}}`, filekind.AuthentikState},
		"settings, YAML":         {"# mine\nsentry:\n  org: acme\n", filekind.Settings},
		"settings, CRLF":         {"sentry:\r\n  org: acme\r\n", filekind.Settings},
		"settings with a key":    {"sentry:\n  scim:\n    token: |\n      -----BEGIN PRIVATE KEY-----\n", filekind.Settings},
		"settings, TOML":         {"state_dir = '/x'\n[sentry]\norg = 'acme'\n", filekind.Settings},
		"settings, TOML tables":  {"[scim]\ngroups = ['a']\n[scim.mapping]\nemail = 'x'\n", filekind.Settings},
		"settings, mixed up":     {"sentry:\n  org: acme\ngroups: [a]\n", filekind.Settings},
		"settings, dotted TOML":  {"sentry.org = 'acme'\n", filekind.Settings},
		"settings, JSON":         {`{"sentry": {"org": "acme"}}`, filekind.Settings},
		"a JSON list":            {"[1, 2]", filekind.JSON},
		"a JSON object":          {`{"results": []}`, filekind.JSON},
		"an empty object":        {"{}", filekind.JSON},
		"a YAML flow":            {"{users: [{email: ada@acme.test}]}", filekind.Text},
		"a YAML list":            {"- a\n- b\n", filekind.YAML},
		"other YAML":             {"apiVersion: v1\nkind: Secret\n", filekind.YAML},
		"other TOML":             {"[package]\nname = 'x'\n", filekind.TOML},
		"base64 of other things": {b64([]byte(strings.Repeat("deflated", 20))), filekind.Base64},
		"a word":                 {"hello", filekind.Text},
		"a zero":                 {"0", filekind.Text},
		"a spreadsheet":          {"PK\x03\x04\x14\x00", filekind.Archive},
		"gzip":                   {"\x1f\x8b\x08", filekind.Compressed},
		"PDF":                    {"%PDF-1.7\n", filekind.PDF},
		"PNG":                    {"\x89PNG\r\n\x1a\n", filekind.Image},
		"zeros":                  {"\x00\x00\x00", filekind.Binary},
		"Latin-1":                {"name: J\xfcrgen\n", filekind.YAML},
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for name, tt := range samples(t) {
		if got := filekind.Of([]byte(tt.data)); got != tt.want {
			t.Errorf("%s is %s, want %s", name, got, tt.want)
		}
	}
}

// TestEveryReaderTakesItsOwnAndNamesTheOthers holds every sample against every
// reader: it is taken, or refused with what it is and what to try.
func TestEveryReaderTakesItsOwnAndNamesTheOthers(t *testing.T) {
	t.Parallel()
	takes := map[filekind.Kind][]filekind.Kind{
		filekind.Metadata:       {filekind.XML},
		filekind.Response:       {filekind.Traffic, filekind.SAMLMessage, filekind.XML, filekind.Base64, filekind.Text},
		filekind.Keys:           {filekind.Certificate, filekind.PrivateKey, filekind.KeyStore, filekind.PEM},
		filekind.Certificate:    {filekind.KeyStore, filekind.PEM},
		filekind.Directory:      {filekind.JSON, filekind.YAML, filekind.Table, filekind.Text},
		filekind.Settings:       {filekind.Empty, filekind.JSON, filekind.YAML, filekind.TOML, filekind.Text},
		filekind.Snapshot:       {filekind.JSON},
		filekind.SentryState:    {filekind.JSON},
		filekind.AuthentikState: {filekind.JSON},
		filekind.ScriptReport:   {filekind.JSON, filekind.YAML, filekind.Text},
		filekind.Review: {
			filekind.JSON, filekind.Snapshot, filekind.SentryState, filekind.YAML, filekind.TOML, filekind.XML, filekind.Text, filekind.Binary,
		},
		filekind.Signature: {filekind.Base64, filekind.Certificate, filekind.XML, filekind.Text},
	}
	for want, others := range takes {
		for name, sample := range samples(t) {
			err := filekind.Check(want, "the file", []byte(sample.data))
			if sample.want == want || slices.Contains(others, sample.want) {
				if err != nil {
					t.Errorf("%s as %s: %v", name, want, err)
				}
				continue
			}
			words := "the file: expected " + string(want) + " but this is " + string(sample.want)
			if sample.want == filekind.Empty {
				words = "the file: expected " + string(want) + " but it is empty"
			}
			hints := fault.Hints(err)
			if err == nil || err.Error() != words || fault.CodeOf(err) != fault.Usage || len(hints) != 1 || !strings.HasPrefix(hints[0], "try ") {
				t.Errorf("%s as %s: %v (code %d, hints %q), want %q", name, want, err, fault.CodeOf(err), hints, words)
			}
		}
	}
}

func TestTheHintIsACommandThatCanBeCopied(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, data, want string }{
		{"login.har", `{"log": {}}`, "try 'sentryidp saml response inspect login.har'"},
		{"-", entity, "try 'sentryidp saml metadata lint -'"},
		{"my people.csv", "username,email\n", `try 'sentryidp scim map --file "my people.csv"'`},
		{"x", `{"format": 1, "members": []}`, "try 'sentryidp scim restore x --dry-run'"},
	} {
		err := filekind.Check(filekind.Certificate, tt.name, []byte(tt.data))
		if hints := fault.Hints(err); len(hints) != 1 || hints[0] != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, hints, tt.want)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, seed := range []string{entity, response, page, `{"log": [`, "[x]\ny=1", "0\x82\x00", "\xff\xfe<", "---", `<input name=SAMLResponse `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind := filekind.Of(data)
		if kind == "" || kind == filekind.Keys {
			t.Errorf("%q is of the kind %q", data, kind)
		}
		if err := filekind.Check(filekind.Metadata, "x", data); (err == nil) != (kind == filekind.Metadata || kind == filekind.XML) {
			t.Errorf("%s: %v", kind, err)
		}
	})
}
