package samlresponse_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// missing ends a test for want of a peer: a skip, or a failure where the peers
// have to be there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SENTRYIDP_PEERS") == "required" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

// python returns an interpreter that has python3-saml. The one first on PATH
// may not be the system's.
func python(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("peers are not asked with -short")
	}
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), name, "-c", "import onelogin.saml2.settings").Run() == nil {
			return name
		}
	}
	missing(t, "python3-onelogin-saml2")
	return ""
}

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
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("judge_responses.py: %v", err)
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
func explained(known []difference, name string, ours, theirs outcome) int {
	return slices.IndexFunc(known, func(d difference) bool {
		return !ours.Accepted && strings.Contains(name, d.name) &&
			regexp.MustCompile(d.ours).MatchString(ours.Reason) && regexp.MustCompile(d.theirs).MatchString(theirs.Reason)
	})
}

func TestTheVerdictIsThatOfSentrysLibrary(t *testing.T) {
	t.Parallel()
	interpreter := python(t)
	cases := parityCases(t)
	theirs := sentrysVerdicts(t, interpreter, cases)
	known := differences()
	examples := make([]int, len(known))
	accepted := 0
	for i, c := range cases {
		got, want := ours(c), theirs[i]
		if want.Accepted {
			accepted++
		}
		if got.Accepted && !want.Accepted {
			t.Errorf("%s: accepted, and the library refuses it: %s\n%s", c.name, want.Reason, c.xml)
			continue
		}
		diff := cmp.Diff(want, got)
		if diff == "" {
			continue
		}
		if d := explained(known, c.name, got, want); d >= 0 {
			examples[d]++
			continue
		}
		t.Errorf("%s differs (-library +ours):\n%s", c.name, diff)
	}
	for i, d := range known {
		if examples[i] == 0 {
			t.Errorf("the difference is no more: %s", d.cause)
		}
	}
	t.Logf("%d responses, of which the library accepts %d; known differences: %v", len(cases), accepted, examples)
	if len(cases) < 300 || accepted < 100 {
		t.Errorf("too few cases: %d, %d of them accepted", len(cases), accepted)
	}
}
