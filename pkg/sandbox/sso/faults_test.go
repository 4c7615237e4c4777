package sso_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// words is what Sentry says to each fault. A message begins with
// "Authentication error: "; what stands alone is in the log of an HTTP 500.
func words(s *site) map[string]string {
	const failed = "Authentication error: SAML SSO failed, "
	acs := s.sentry + "/saml/acs/acme/"
	https := "https" + strings.TrimPrefix(acs, "http")
	return map[string]string{
		"encrypted":   "No private key available to decrypt the assertion, check settings",
		"status":      failed + "The status code of the Response was not Success, was RequestDenied -> Request denied by policy",
		"early":       failed + "Could not validate timestamp: not yet valid. Check system clock.",
		"expired":     failed + "Could not validate timestamp: expired. Check system clock.",
		"attributes":  failed + "There is no AttributeStatement on the Response",
		"destination": failed + "The response was received at " + acs + " instead of " + https,
		"audience":    failed + s.sentry + "/saml/metadata/acme/ is not a valid audience for this Response",
		"issuer":      failed + "Invalid issuer in the Assertion/Response (expected " + s.idp + "/application/saml/sentry/metadata/, got authentik)",
		"recipient":   failed + "A valid SubjectConfirmation was not found on this Response",
		"unsigned":    failed + "No Signature found. SAML Response rejected",
		"certificate": failed + "Signature validation failed. SAML Response rejected",
		"both":        failed + "Signature validation failed. SAML Response rejected",
		"duplicate":   "Found an Attribute element with duplicated Name",
		"email": "Authentication error: Failed to map SAML attributes. Assertion returned the following attribute keys: " +
			"'http://schemas.goauthentik.io/2021/02/saml/uid', 'http://schemas.goauthentik.io/2021/02/saml/username', " +
			"'http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname', 'http://schemas.xmlsoap.org/claims/Group', " +
			"'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'",
	}
}

func TestEachFaultHasItsWords(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	for fault, wanted := range words(s) {
		v.spoil(s, fault)
		v.login(s, "bo")
		if diff := cmp.Diff(wanted, v.text("message")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", fault, diff)
		}
		if v.text("cause") == "" || v.text("fix") == "" {
			t.Errorf("%s is not explained", fault)
		}
		if serverError := !strings.HasPrefix(wanted, "Authentication error: "); serverError != (v.status == http.StatusInternalServerError) {
			t.Errorf("%s: status %d", fault, v.status)
		}
	}
	v.spoil(s)
	v.login(s, "bo")
	v.press("confirm")
	if got := v.text("email"); got != "bo@acme.test" {
		t.Errorf("with every fault off: %s", got)
	}
}

func TestFirstFaultHidesTheOthers(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.spoil(s, "certificate", "audience", "no such fault")
	v.login(s, "bo")
	if got, wanted := v.text("message"), words(s)["audience"]; got != wanted {
		t.Errorf("got %s, want %s", got, wanted)
	}
	v.open(s.sentry + "/rehearsal/faults/")
	if got := strings.Count(v.body, " checked>"); got != 2 {
		t.Errorf("the page shows %d faults switched on, want 2", got)
	}
}

func TestEveryFaultIsTested(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	v.open(s.sentry + "/rehearsal/faults/")
	known := words(s)
	if got := strings.Count(v.body, `name="fault"`); got != len(known) {
		t.Errorf("the page has %d faults, the test %d", got, len(known))
	}
}
