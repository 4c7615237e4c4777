package samlresponse_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

type sharedCase struct {
	File, Metadata string
	URL            string `json:"sentry_url"`
	Org            string
	At             time.Time
	Accepts        bool   `json:"library_accepts"`
	Reason         string `json:"library_reason"`
	Guide          bool   `json:"attributes_satisfy_guide"`
}

// want is the right outcome. There is no arithmetic for some curves here.
func (c sharedCase) want() string {
	switch {
	case strings.Contains(c.File, "secp256k1"), strings.Contains(c.File, "brainpool"):
		return "unknown"
	case c.Accepts && c.Guide:
		return "accepted"
	}
	return "refused"
}

// TestCasesAreJudgedAsSentrysLibraryDoes goes through responses that were judged
// wrongly once. library_accepts is what python3-saml says of them; guide, whether
// the attributes are those of authentik's guide.
func TestCasesAreJudgedAsSentrysLibraryDoes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "cases")
	var cases []sharedCase
	if err := json.Unmarshal(readFile(t, filepath.Join(dir, "index.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		raw, xml := readFile(t, filepath.Join(dir, c.File)), readFile(t, filepath.Join(dir, c.Metadata))
		stored, err := metadata.Parse(xml)
		if err != nil { // Sentry cannot store it, so that nobody gets in
			if c.Accepts {
				t.Errorf("%s: %v", c.File, err)
			}
			continue
		}
		base, _, err := sentry.ParseBase(c.URL)
		if err != nil {
			t.Fatal(err)
		}
		urls := sentry.URLsOf(base, sentry.Slug(c.Org))
		m := sentry.GuideMapping()
		s := samlresponse.Settings{SP: urls, Provider: samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert}, At: c.At, Mapping: &samlresponse.Mapping{Name: m.Name, Mapping: m.Mapping}}
		got := outcomeOf(raw, s)
		if got != c.want() {
			t.Errorf("%s: %s, expected %s (%s)", c.File, got, c.want(), c.Reason)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// outcomeOf is what becomes of a response: accepted, refused or unknown.
func outcomeOf(raw []byte, s samlresponse.Settings) string {
	r, err := samlresponse.Decode(raw)
	if errors.Is(err, samlresponse.ErrUnreadable) {
		return "refused"
	}
	if err != nil {
		return err.Error()
	}
	switch v := samlresponse.Judge(r, s); {
	case v.Unknown:
		return "unknown"
	case v.Accepted:
		return "accepted"
	}
	return "refused"
}
