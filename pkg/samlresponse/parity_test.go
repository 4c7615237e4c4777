package samlresponse_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// outcome is a verdict as both sides give it.
type outcome struct {
	Accepted    bool                `json:"accepted"`
	Reason      string              `json:"reason"`
	ServerError bool                `json:"server_error"`
	Attributes  map[string][]string `json:"attributes"`
	NameID      string              `json:"name_id"`
}

// peerCase is a line for testdata/judge_responses.py.
type peerCase struct {
	Response string            `json:"response"`
	At       int64             `json:"at"`
	Provider map[string]string `json:"idp"`
	SP       map[string]string `json:"sp"`
}

func peerCaseOf(c parityCase) peerCase {
	return peerCase{
		Response: base64.StdEncoding.EncodeToString([]byte(c.xml)),
		At:       c.settings.At.Unix(),
		Provider: map[string]string{
			"entity_id": c.settings.Provider.EntityID, "sso_url": c.settings.Provider.SSOURL, "slo_url": c.settings.Provider.SLOURL, "x509cert": c.settings.Provider.X509Cert,
		},
		SP: map[string]string{"audience": c.settings.SP.Audience, "acs_url": c.settings.SP.ACSURL, "sls_url": c.settings.SP.SLSURL},
	}
}

// sentrysVerdicts asks python3-saml, in one process.
func sentrysVerdicts(t *testing.T, interpreter string, cases []parityCase) []outcome {
	t.Helper()
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, c := range cases {
		if err := encoder.Encode(peerCaseOf(c)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "judge_responses.py"))
	var complaints bytes.Buffer // of libxml2, about documents that are to be refused
	cmd.Stdin, cmd.Stderr = &in, &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("judge_responses.py: %v\n%s", err, &complaints)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	verdicts := make([]outcome, len(cases))
	for i := range verdicts {
		if err := decoder.Decode(&verdicts[i]); err != nil {
			t.Fatalf("%s: %v", cases[i].name, err)
		}
	}
	return verdicts
}

// ours is our verdict, without Sentry's own mapping, which the library does not
// know.
func ours(c parityCase) outcome {
	r, err := samlresponse.Decode([]byte(base64.StdEncoding.EncodeToString([]byte(c.xml))))
	if err != nil {
		return outcome{Reason: err.Error(), ServerError: true}
	}
	v := samlresponse.Judge(r, c.settings)
	o := outcome{Accepted: v.Accepted, Reason: v.Reason, ServerError: v.ServerError, Attributes: v.Attributes, NameID: v.NameID}
	if last := v.Checks[len(v.Checks)-1]; last.Verdict != samlresponse.NotReached {
		o.Accepted, o.Reason, o.ServerError = true, "", false
	}
	if !o.Accepted {
		o.Attributes, o.NameID = nil, ""
	}
	return o
}

// explained returns the index of the known difference that two verdicts are an
// example of, or -1.
func explained(known []difference, library peers.Library, name string, ours, theirs outcome) int {
	return slices.IndexFunc(known, func(d difference) bool {
		return ours.Accepted == d.accepts && (!d.accepts || !library.Pinned) && d.of(library) && strings.Contains(name, d.name) &&
			regexp.MustCompile(d.ours).MatchString(ours.Reason) && regexp.MustCompile(d.theirs).MatchString(theirs.Reason)
	})
}

func TestTheVerdictIsThatOfSentrysLibrary(t *testing.T) {
	t.Parallel()
	cases := parityCases(t)
	for _, library := range peers.PythonSAML(t) {
		t.Run(library.Name, func(t *testing.T) {
			t.Parallel()
			accepted, examples := compare(t, library, differences(), cases)
			for i, d := range differences() {
				if examples[i] == 0 && d.of(library) && d.only == "" { // chance meets the others
					t.Errorf("the difference is no more: %s", d.cause)
				}
			}
			if len(cases) < 1000 || accepted < 200 {
				t.Errorf("too few cases: %d, %d of them accepted", len(cases), accepted)
			}
		})
	}
}

// compare holds our verdicts against those of a library. It returns how many
// responses that accepts, and how many examples there were of each difference.
func compare(t *testing.T, library peers.Library, known []difference, cases []parityCase) (accepted int, examples []int) {
	t.Helper()
	examples = make([]int, len(known))
	for i, want := range sentrysVerdicts(t, library.Interpreter, cases) {
		c, got := cases[i], ours(cases[i])
		if want.Accepted {
			accepted++
		}
		twoIssuers := strings.HasPrefix(got.Reason, "Invalid issuer") && strings.HasPrefix(want.Reason, "Invalid issuer") // it names either
		diff := cmp.Diff(want, got)
		if diff == "" || twoIssuers {
			continue
		}
		if d := explained(known, library, c.name, got, want); d >= 0 {
			examples[d]++
			continue
		}
		if got.Accepted && !want.Accepted {
			t.Errorf("%s: accepted, and the library refuses it: %s\n%s", c.name, want.Reason, c.xml)
			continue
		}
		t.Errorf("%s differs (-library +ours):\n%s\n%s", c.name, diff, c.xml)
	}
	t.Logf("%d responses, of which %s accepts %d; known differences: %v", len(cases), library.Name, accepted, examples)
	return accepted, examples
}
