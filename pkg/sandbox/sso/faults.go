package sso

import (
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// fault is something that can be wrong between authentik and Sentry.
type fault struct {
	ID, Title, Effect string
	apply             func(d *draft)
}

// skew is more than the five minutes that python3-saml forgives, added to the
// five that authentik dates its assertions back.
const skew = 15 * time.Minute

// faults are in the order in which Sentry would find them.
func (r *Rehearsal) allFaults() []fault {
	return []fault{
		{
			"encrypted", "The assertion is encrypted", "An encryption certificate is set at authentik's provider. Sentry has no key.",
			func(d *draft) { d.encrypted = true },
		},
		{
			"status", "authentik refuses", "The person has no access to the application.",
			func(d *draft) { d.status = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied" },
		},
		{
			"early", "authentik's clock is ahead", "By fifteen minutes. Sentry forgives five.",
			func(d *draft) { d.now = d.now.Add(skew) },
		},
		{
			"expired", "The response has expired", "authentik's clock is fifteen minutes behind, or the response was kept too long.",
			func(d *draft) { d.now = d.now.Add(-skew) },
		},
		{
			"attributes", "No attributes", "No property mapping is selected at authentik's provider.",
			func(d *draft) { d.attributes = nil },
		},
		{
			"destination", "Wrong destination", "The ACS URL at authentik has https where Sentry's system.url-prefix has http.",
			func(d *draft) { d.destination = otherScheme(d.destination) },
		},
		{
			"audience", "Wrong audience", "The audience at authentik lacks the last slash.",
			func(d *draft) { d.audience = strings.TrimSuffix(d.audience, "/") },
		},
		{
			"issuer", "Wrong issuer", "authentik was updated to 2026.5 and keeps its old issuer.",
			func(d *draft) { d.issuer = "authentik" },
		},
		{
			"recipient", "Wrong recipient", "The subject is confirmed for another address than Sentry's ACS.",
			func(d *draft) { d.recipient = otherScheme(d.recipient) },
		},
		{
			"unsigned", "Nothing is signed", "authentik's provider has no signing certificate.",
			func(d *draft) { d.signAssertion = false },
		},
		{
			"certificate", "Old certificate", "authentik signs with its old certificate. Sentry was given the new one.",
			func(d *draft) { d.signer = r.keys.old },
		},
		{
			"both", "Response and assertion signed", "Both are signed, the assertion last, which breaks the signature around it.",
			func(d *draft) { d.signResponse = true },
		},
		{
			"duplicate", "An attribute twice", "Two property mappings have the same attribute name.",
			func(d *draft) {
				d.attributes = append(d.attributes, Attribute{attrEmail, []string{"second@acme.test"}})
			},
		},
		{
			"email", "No e-mail address", "The property mapping for the e-mail address is not selected.",
			func(d *draft) {
				d.attributes = slices.DeleteFunc(d.attributes, func(a Attribute) bool { return a.Name == attrEmail })
			},
		},
	}
}

// Faults are what can be wrong with authentik's responses, to be switched on by
// name ([Config.Faults]).
func Faults() []faults.Fault {
	var all []faults.Fault
	for _, f := range (&Rehearsal{}).allFaults() {
		all = append(all, faults.Fault{ID: f.ID, Side: faults.Login, Title: f.Title, Effect: f.Effect})
	}
	return all
}

// spoil applies the faults that are switched on.
func (r *Rehearsal) spoil(d *draft) {
	board := r.config.Faults
	switch {
	case board.IsOn("authentik-ahead"):
		d.now = d.now.Add(skew)
	case board.IsOn("authentik-behind"):
		d.now = d.now.Add(-skew)
	}
	for _, f := range r.allFaults() {
		if board.IsOn(f.ID) {
			f.apply(d)
		}
	}
}

// sentryNow is Sentry's clock.
func (r *Rehearsal) sentryNow() time.Time {
	now := r.config.Now()
	switch {
	case r.config.Faults.IsOn("sentry-ahead"):
		return now.Add(skew)
	case r.config.Faults.IsOn("sentry-behind"):
		return now.Add(-skew)
	}
	return now
}

func otherScheme(address string) string {
	if rest, secure := strings.CutPrefix(address, "https"); secure {
		return "http" + rest
	}
	return "https" + strings.TrimPrefix(address, "http")
}
