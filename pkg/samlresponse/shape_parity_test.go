package samlresponse_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// products are responses as products lay them out, one a file of
// testdata/shapes, by name. Their signatures have no values yet.
func products(tb testing.TB, pair *keypair.Pair) map[string]string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "shapes", "*.xml"))
	if err != nil || len(files) < 10 {
		tb.Fatalf("found %d shapes, error %v", len(files), err)
	}
	found := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		certificate := base64.StdEncoding.EncodeToString(pair.Certificate.Raw)
		found[strings.TrimSuffix(filepath.Base(file), ".xml")] = strings.ReplaceAll(string(text), "CERTIFICATE", certificate)
	}
	return found
}

var issuerText = regexp.MustCompile(`Issuer[^>]*>([^<]*)<`)

// TestTheVerdictOnRealShapes compares the verdicts on the responses of products,
// as they are, changed before they are signed, and after.
func TestTheVerdictOnRealShapes(t *testing.T) {
	t.Parallel()
	libraries := peers.PythonSAML(t)
	k := newKeys(t)
	shapes := products(t, k.idp)
	var templates []template
	for name, text := range shapes {
		templates = append(templates, template{name: name, pair: k.idp, xml: text})
		templates = append(templates, changedShapes(name, text, k.idp)...)
	}
	cases := signedByLibxmlsec(t, libraries[0], templates)
	for i, c := range cases {
		name, _, _ := strings.Cut(c.name, ",")
		cases[i].settings.Provider.EntityID = issuerText.FindStringSubmatch(shapes[name])[1]
		if _, plain := shapes[c.name]; plain {
			if verdict := ours(cases[i]); !verdict.Accepted || len(verdict.Attributes) < 3 {
				t.Errorf("%s: %+v", c.name, verdict)
			}
		}
	}
	for _, library := range libraries {
		t.Run(library.Name, func(t *testing.T) {
			t.Parallel()
			if accepted, _ := compare(t, library, differences(), cases); len(cases) < 900 || accepted < 100 {
				t.Errorf("%d responses, %d of them accepted", len(cases), accepted)
			}
		})
	}
}

// changedShapes changes a response by chance, the same way at every run: half of
// them before they are signed.
func changedShapes(name, text string, pair *keypair.Pair) []template {
	seed := uint64(0)
	for _, c := range name {
		seed = 31*seed + uint64(c)
	}
	chance := rand.New(rand.NewPCG(20260901, seed))
	var all []template
	for i := range 120 {
		one := template{name: fmt.Sprintf("%s, %d", name, i), pair: pair, xml: text}
		if i%2 == 0 {
			one.xml = disturb(chance, text)
		} else {
			place := rand.New(rand.NewPCG(uint64(i), seed))
			one.then = func(signed string) string { return disturb(place, signed) }
		}
		all = append(all, one)
	}
	return all
}
