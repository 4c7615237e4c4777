package samlresponse_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

var update = flag.Bool("update", false, "write testdata/response anew")

// shared holds the responses that the scripts of the commands read.
const shared = "../../testdata/response"

// pairOf reads a key and its certificate.
func pairOf(tb testing.TB, name string) *keypair.Pair {
	tb.Helper()
	block := func(file string) []byte {
		data, err := os.ReadFile(filepath.Join(shared, file))
		if err != nil {
			tb.Fatal(err)
		}
		found, _ := pem.Decode(data)
		if found == nil {
			tb.Fatalf("%s holds no PEM", file)
		}
		return found.Bytes
	}
	cert, err := x509.ParseCertificate(block(name + ".crt"))
	if err != nil {
		tb.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(block(name + ".key"))
	if err != nil {
		tb.Fatal(err)
	}
	signing, ok := key.(crypto.Signer)
	if !ok {
		tb.Fatalf("%s.key does not sign", name)
	}
	return &keypair.Pair{Key: signing, Certificate: cert}
}

// stories are the responses that Sentry refuses, and a good one, by file name.
func stories(tb testing.TB) map[string]string {
	tb.Helper()
	idp, other := rsa256(pairOf(tb, "idp")), rsa256(pairOf(tb, "other"))
	files := map[string]string{
		"accepted.xml":        idp.signAll(tb, base, "a"),
		"both.xml":            idp.signAll(tb, base, "ar"),
		"unsigned.xml":        base,
		"other-key.xml":       other.signAll(tb, base, "a"),
		"tampered.xml":        strings.ReplaceAll(idp.signAll(tb, base, "a"), "ada@", "eve@"),
		"signed-elements.xml": strings.ReplaceAll(idp.signAll(tb, base, "a"), `ID="_assertion"`, `ID="_evil"`),
		"wrapped.xml":         wrapping()[0].change(idp.signAll(tb, base, "a")),
	}
	for file, change := range storyMutations() {
		files[file+".xml"] = idp.signAll(tb, change.change(base), "a")
	}
	maps.Copy(files, wordStories(tb))
	return files
}

// storyMutations picks mutations by the file that they are told in.
func storyMutations() map[string]mutation {
	byName := map[string]mutation{}
	for _, m := range append(append(messageMutations(), assertionMutations()...), attributeMutations()...) {
		byName[m.name] = m
	}
	picked := map[string]mutation{}
	for file, name := range map[string]string{
		"version": "version 1.1", "no-id": "no ID", "status": "status responder with code", "conditions": "no conditions",
		"authn-statement": "no AuthnStatement", "attribute-statement": "no AttributeStatement", "encrypted-attribute": "encrypted attribute",
		"destination": "destination http", "audience": "audience without slash", "issuer": "wrong issuer", "session": "session ended",
		"recipient": "recipient of another", "schema": "unknown element",
		"duplicate-name": "attribute twice", "name-qualifier": "SPNameQualifier of another", "no-mail": "no mail", "comment": "comment in NameID",
	} {
		m, ok := byName[name]
		if !ok {
			panic(name)
		}
		picked[file] = m
	}
	picked["encrypted"] = mutation{"encrypted", func(s string) string {
		return wholeAssertion.ReplaceAllString(s, `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`)
	}}
	picked["no-assertion"] = mutation{"no assertion", func(s string) string { return wholeAssertion.ReplaceAllString(s, "") }}
	return picked
}

// forms writes one response in the forms in which people have it.
func forms(tb testing.TB, xml string) map[string]string {
	tb.Helper()
	text := base64.StdEncoding.EncodeToString([]byte(xml))
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write([]byte(xml)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	small := base64.StdEncoding.EncodeToString(deflated.Bytes())
	form := "SAMLResponse=" + url.QueryEscape(text) + "&RelayState=" + url.QueryEscape(audience)
	quoted, err := json.Marshal(form)
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]string{
		"accepted.b64":      wrapLines(text),
		"accepted.escaped":  url.QueryEscape(text) + "\n",
		"accepted.deflated": small + "\n",
		"accepted.form":     form,
		"redirect.txt":      "GET " + acs + "?SAMLResponse=" + url.QueryEscape(small) + " HTTP/1.1\n",
		"accepted.curl":     "curl '" + acs + "' \\\n  -X POST \\\n  -H 'content-type: application/x-www-form-urlencoded' \\\n  --data-raw '" + form + "' \\\n  --compressed\n",
		"accepted.fetch":    `fetch("` + acs + `", {"headers": {"content-type": "application/x-www-form-urlencoded"}, "body": ` + string(quoted) + `, "method": "POST"});` + "\n",
		"accepted.html": "<!DOCTYPE html>\n<html><body onload=\"document.forms[0].submit()\"><form method=\"post\" action=\"" + acs + "\">\n" +
			`<input type="hidden" name="RelayState" value="x"/><input type="hidden" name="SAMLResponse" value="` + strings.ReplaceAll(text, "+", "&#43;") + "\"/>\n</form></body></html>\n",
		"accepted.har": harOf(tb, form, text),
	}
}

func wrapLines(text string) string {
	var lines strings.Builder
	for len(text) > 76 {
		lines.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return lines.String() + text + "\r\n"
}

// harOf is a visit with two responses, of which the first is no good.
func harOf(tb testing.TB, form, text string) string {
	tb.Helper()
	entry := func(url, postData string) string {
		return fmt.Sprintf(`{"request": {"method": "POST", "url": %q, "postData": %s}, "response": {"status": 302, "content": {"size": 0}}}`, url, postData)
	}
	har := fmt.Sprintf(`{"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [%s, %s]}}`,
		entry(acs, `{"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "SAMLResponse", "value": "PHg+PC94Pg=="}]}`),
		entry(acs, fmt.Sprintf(`{"mimeType": "application/x-www-form-urlencoded", "text": %q, "params": [{"name": "SAMLResponse", "value": %q}]}`, form, text)))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(har), "", "  "); err != nil {
		tb.Fatal(err)
	}
	return pretty.String() + "\n"
}

func TestTheResponsesOfTheScriptsAreTheseOnes(t *testing.T) {
	t.Parallel()
	files := stories(t)
	maps.Copy(files, forms(t, files["accepted.xml"]))
	for name, want := range files {
		file := filepath.Join(shared, name)
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryFormOfAResponseIsReadAlike(t *testing.T) {
	t.Parallel()
	xml := stories(t)["accepted.xml"]
	settings := settingsFor(t, pairOf(t, "idp"))
	for name, text := range forms(t, xml) {
		r, err := samlresponse.Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(xml, string(r.XML)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
		if v := samlresponse.Judge(r, settings); v.Accepted == (name == "redirect.txt" || name == "accepted.deflated") {
			t.Errorf("%s: accepted %v: %s", name, v.Accepted, v.Reason)
		}
	}
}

func TestXmlsec1VerifiesWhatTheTestsSign(t *testing.T) {
	t.Parallel()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		peers.Missing(t, "xmlsec1")
	}
	for name, holds := range map[string]bool{"accepted.xml": true, "no-mail.xml": true, "comment.xml": true, "tampered.xml": false, "other-key.xml": false} {
		out, err := exec.CommandContext(t.Context(), xmlsec, "--verify", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
			"--pubkey-cert-pem", filepath.Join(shared, "idp.crt"), filepath.Join(shared, name)).CombinedOutput()
		if (err == nil) != holds {
			t.Errorf("%s: xmlsec1 says %v, want %v:\n%s", name, err == nil, holds, out)
		}
	}
}
