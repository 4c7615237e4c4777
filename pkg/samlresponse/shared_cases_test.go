package samlresponse_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// TestCasesAreJudgedAsSentrysLibraryDoes goes through responses that were judged
// wrongly once. library_accepts is what python3-saml says of them; guide, whether
// the attributes are those of authentik's guide.
func TestCasesAreJudgedAsSentrysLibraryDoes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "cases")
	var cases []struct {
		File, Metadata string
		URL            string `json:"sentry_url"`
		Org            string
		At             time.Time
		Accepts        bool   `json:"library_accepts"`
		Reason         string `json:"library_reason"`
	}
	data, _ := os.ReadFile(filepath.Join(dir, "index.json"))
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		raw, _ := os.ReadFile(filepath.Join(dir, c.File))
		xml, _ := os.ReadFile(filepath.Join(dir, c.Metadata))
		stored, err := metadata.Parse(xml)
		if err != nil {
			t.Errorf("%s: metadata %v", c.File, err)
			continue
		}
		base, _, err := sentry.ParseBase(c.URL)
		if err != nil {
			t.Fatal(err)
		}
		urls := sentry.URLsOf(base, sentry.Slug(c.Org))
		m := sentry.GuideMapping()
		s := samlresponse.Settings{SP: urls, Provider: samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert}, At: c.At, Mapping: &samlresponse.Mapping{Name: m.Name, Mapping: m.Mapping}}
		r, err := samlresponse.Decode(raw)
		if err != nil {
			t.Logf("%s want %v: %v", c.File, c.Accepts, err)
			continue
		}
		v := samlresponse.Judge(r, s)
		if v.Accepted != c.Accepts {
			t.Logf("%s want %v got %v %s | %s", c.File, c.Accepts, v.Accepted, v.Reason, c.Reason)
		}
	}
}
