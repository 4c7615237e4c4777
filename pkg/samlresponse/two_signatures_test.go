package samlresponse_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// TestOneOfTwoSignatures changes a part that only one of two signatures covers,
// and one that both do.
func TestOneOfTwoSignatures(t *testing.T) {
	t.Parallel()
	signed := rsa256(pairOf(t, "idp")).signAll(t, base, "ar")
	const advice = "one of the two signatures holds and the other does not"
	for name, tt := range map[string]struct {
		old, with string
		one       bool
	}{
		"outside the Assertion": {`Version="2.0" ID="_response" IssueInstant="2026-09-01T12:00:00Z"`, `Version="2.0" ID="_response" IssueInstant="2026-09-01T12:00:01Z"`, true},
		"inside the Assertion":  {"Ada Example", "Eve Example", false},
	} {
		xml := strings.Replace(signed, tt.old, tt.with, 1)
		v := judged(t, xml, func(*samlresponse.Settings) {})
		if fix := fixOf(v); xml == signed || v.Accepted || !strings.HasPrefix(fix, "signature: ") || strings.Contains(fix, advice) != tt.one {
			t.Errorf("%s: accepted %v, fix %q", name, v.Accepted, fix)
		}
	}
}
