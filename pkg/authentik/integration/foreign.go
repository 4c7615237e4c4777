package integration

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// foreign says why an object that exists and would be changed looks like somebody
// else's, or "" for our own. What a person may have changed on our own is put
// back unasked, so each kind goes by what would have to be wrong at once.
func (e *engine) foreign(o Object, found *actual) string {
	switch o.Kind {
	case KeyPair:
		if !equalFold(canonical(found.fields["fingerprint_sha256"]), o.field("certificate_data").Want) {
			return "it is another certificate: what it signs will be signed with the new one"
		}
	case SCIMMapping:
		if !strings.HasPrefix(found.text("expression"), signature) {
			return "its expression was written by somebody else"
		}
	case SAMLProvider:
		return e.foreignProvider(o, found, "assigned_application_slug", "acs_url", "audience")
	case SCIMProvider:
		return e.foreignProvider(o, found, "assigned_backchannel_application_slug", "url")
	case Application:
		return e.foreignApplication(o, found)
	default: // a binding or backchannel is found by what it joins
	}
	return ""
}

// foreignProvider goes by the application that has the provider, and for one that
// none has by fields that name the organization.
func (e *engine) foreignProvider(o Object, found *actual, assigned string, fields ...string) string {
	application := e.desired.object(idApplication).Name
	if other := found.text(assigned); other != "" && other != "-" {
		if other == application {
			return ""
		}
		return "the application " + ui.Printable(other) + " has it"
	}
	for _, name := range fields {
		if slices.Equal(canonical(found.fields[name]), canonical(o.field(name).Value)) {
			return ""
		}
	}
	return "its " + fields[0] + " is " + ui.Printable(found.text(fields[0]))
}

func (e *engine) foreignApplication(o Object, found *actual) string {
	provider := canonical(found.fields["provider"])
	ours := e.actual[idSAML]
	switch {
	case len(provider) == 0 && slices.Equal(canonical(found.fields["name"]), canonical(o.field("name").Value)):
		return ""
	case len(provider) == 0:
		return "it is called " + ui.Printable(found.text("name")) + " and has no provider"
	case ours != nil && slices.Equal(provider, canonical(ours.pk())):
		return ""
	}
	number := strings.Join(provider, "")
	if name := e.names[number]; name != "" {
		return "it has another provider, " + ui.Printable(name)
	}
	return "it has another provider, number " + number
}
