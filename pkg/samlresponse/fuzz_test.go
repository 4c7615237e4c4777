package samlresponse_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func FuzzDecode(f *testing.F) {
	xml := stories(f)["accepted.xml"]
	f.Add([]byte(xml))
	for _, text := range forms(f, xml) {
		f.Add([]byte(text))
	}
	for _, text := range []string{"", "{", "<", "%", "SAMLResponse=%", "<input name=SAMLResponse value=''>", `{"log":{"entries":[{}]}}`, bomb(f, 100)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		r, err := samlresponse.Decode(input)
		if (r == nil) == (err == nil) {
			t.Fatalf("response %v, error %v", r, err)
		}
		if err != nil {
			return
		}
		again, err := samlresponse.Decode(r.XML)
		if r.Form == "xml" || bytes.Contains(r.XML, []byte("SAMLResponse")) {
			return
		}
		if err != nil || !bytes.Equal(bytes.TrimSpace(again.XML), bytes.TrimSpace(bytes.TrimPrefix(r.XML, []byte("\uFEFF")))) {
			t.Errorf("its XML is read otherwise: %v\n%q", err, r.XML)
		}
	})
}

// FuzzJudge looks for a response that is accepted and says something else than
// what was signed.
func FuzzJudge(f *testing.F) {
	for _, xml := range stories(f) {
		f.Add([]byte(xml))
	}
	good := rsa256(pairOf(f, "idp")).signAll(f, base, "ar")
	for _, m := range tampering() {
		f.Add([]byte(m.change(good)))
	}
	for _, product := range shapes() {
		how := rsa256(pairOf(f, "idp"))
		how.canonical, how.prefixes = product.canonical, product.prefixes
		f.Add([]byte(how.signAll(f, product.write(base), product.places)))
	}
	settings := settingsFor(f, pairOf(f, "idp"))
	f.Fuzz(func(t *testing.T, xml []byte) {
		r, err := samlresponse.Decode(xml)
		if err != nil {
			return
		}
		v := samlresponse.Judge(r, settings)
		if v.Accepted != (v.Reason == "" && !v.Unknown) || v.Accepted && v.ServerError {
			t.Fatalf("accepted %v, reason %q, server error %v", v.Accepted, v.Reason, v.ServerError)
		}
		if v.Accepted && !strings.HasSuffix(v.Identity.Email, "@acme.test") {
			t.Fatalf("%s got in with\n%s", v.Identity.Email, xml)
		}
		var page, document bytes.Buffer
		if err := report.Write(&page, ui.Plain(), report.Text, v); err != nil {
			t.Fatal(err)
		}
		if err := report.Write(&document, ui.Plain(), report.JSON, v); err != nil || !json.Valid(document.Bytes()) {
			t.Fatalf("%v: %s", err, document.Bytes())
		}
		if bytes.ContainsRune(page.Bytes(), 0x1b) {
			t.Fatalf("an escape on the page: %q", page.Bytes())
		}
	})
}
