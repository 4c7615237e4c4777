package samlresponse

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Identity is who logs in. The e-mail keeps its case.
type Identity struct {
	Identifier string `json:"identifier"`
	Email      string `json:"email"`
	Name       string `json:"name"` // first and last name, at most 200 characters
}

func firstValue(attributes map[string][]string, name string) string {
	if values := attributes[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// errRepeated has python3-saml's words.
var errRepeated = errors.New("Found an Attribute element with duplicated ") //nolint:staticcheck // the library's words

// attributes returns the values by attribute, trimmed and without the empty
// ones, and whether a key was there twice (response.py, _get_attributes). In
// that case the values are those of both.
func (r *Response) attributes(key string) (values map[string][]string, err error) {
	values = map[string][]string{}
	for _, attribute := range r.in("saml:AttributeStatement", "saml:Attribute") {
		name := attribute.attr(key)
		if name == "" {
			continue
		}
		if _, repeated := values[name]; repeated {
			err = fmt.Errorf("%w%s", errRepeated, key)
		}
		values[name] = append(values[name], attributeValues(attribute)...)
		if values[name] == nil {
			values[name] = []string{}
		}
	}
	return values, err
}

func attributeValues(attribute *node) []string {
	var values []string
	for _, value := range attribute.child(nsAssertion, "AttributeValue") {
		if text := strings.TrimSpace(value.text()); text != "" {
			values = append(values, text)
		}
		for _, nameID := range value.child(nsAssertion, "NameID") {
			values = append(values, nameID.text())
		}
	}
	return values
}

// attributeNames fails outside of what Sentry guards, which is why Sentry
// answers HTTP 500 (auth.py, store_valid_response).
func (j *judgement) attributeNames() finding {
	f := finding{wanted: "each Name and FriendlyName once"}
	for _, key := range []string{"Name", "FriendlyName"} {
		values, err := j.attributes(key)
		if key == "Name" {
			f.saw = fmt.Sprintf("%d attributes", len(values))
		}
		if err != nil {
			f.saw = "the " + key + " " + join(j.repeated(key)) + " more than once"
			f.reason, f.serverError = err.Error(), true
			f.fix = "let the identity provider send each attribute once, with several values (Keycloak: switch on Single Role Attribute in the " +
				"role_list mapper, or take that client scope away)"
			return f
		}
	}
	return f
}

func (j *judgement) repeated(key string) []string {
	count := map[string]int{}
	var repeated []string
	for _, attribute := range j.in("saml:AttributeStatement", "saml:Attribute") {
		name := attribute.attr(key)
		if count[name]++; name != "" && count[name] == 2 {
			repeated = append(repeated, name)
		}
	}
	return repeated
}

// nameID may be missing; a wrong SPNameQualifier and encryption end in HTTP 500
// (response.py, get_nameid_data).
func (j *judgement) nameID() finding {
	f := finding{wanted: "no NameID, or one for Sentry"}
	subject := j.in("saml:Subject")
	if len(path(subject, "saml:EncryptedID", "xenc:EncryptedData")) > 0 {
		f.saw, f.serverError = "an EncryptedID", true
		f.reason = "No private key available to decrypt the NameID, check settings"
		f.fix = "switch the encryption of the NameID off at the identity provider: Sentry has no key to decrypt with"
		return f
	}
	nameID := first(path(subject, "saml:NameID"))
	if nameID == nil {
		return f
	}
	f.saw = nameID.text()
	if qualifier := nameID.attr("SPNameQualifier"); qualifier != "" && qualifier != j.SP.Audience {
		f.saw, f.wanted, f.serverError = "SPNameQualifier "+qualifier, "SPNameQualifier "+j.SP.Audience, true
		f.reason = "The SPNameQualifier value mistmatch the SP entityID value."
		f.fix = j.ofDefault("let the identity provider set no SPNameQualifier, or " + j.SP.Audience)
	}
	return f
}

// identity is Sentry's mapping (provider.py, build_identity). Only the first
// value of an attribute counts.
func (j *judgement) identity() finding {
	mapping := j.mapping()
	if mapping == nil {
		return j.undecided()
	}
	if mapping.assumed {
		j.assume("Sentry was given the mapping of " + mapping.Name + ", as the identity provider is authentik")
	}
	found := j.outcome(*mapping)
	j.verdict.Mapping, j.verdict.Identity = mapping, found.Identity
	f := finding{
		saw:    "identifier " + orNothing(found.Identity.Identifier) + ", email " + orNothing(found.Identity.Email),
		wanted: "the mapping of " + mapping.Name + ": identifier " + mapping.Identifier + ", email " + mapping.Email,
	}
	if name := found.structured; name != "" {
		f.reason, f.serverError = "the attribute "+name+" holds a NameID element instead of text", true
		f.fix = "let the identity provider send " + name + " as text"
		return f
	}
	if !found.Works {
		f.reason = "Failed to map SAML attributes. Assertion returned the following attribute keys: " + keys(j.verdict.Attributes)
		f.fix = "the attribute for " + strings.Join(found.Missing, " and that for ") + " is missing or empty: let the identity provider send it, " +
			"or name one of those that arrived in Sentry (Settings, Auth)"
		if mapping.assumed {
			f.fix += "; if Sentry was given another mapping, pass it with --map or set saml.attributes"
		}
	}
	return f
}

// structured returns the first of the named attributes whose first value is
// an element and no text.
func (j *judgement) structured(names ...string) string {
	for _, attribute := range j.in("saml:AttributeStatement", "saml:Attribute") {
		for _, value := range attribute.child(nsAssertion, "AttributeValue") {
			if strings.TrimSpace(value.text()) != "" {
				break
			}
			if len(value.child(nsAssertion, "NameID")) > 0 && slices.Contains(names, attribute.attr("Name")) {
				return attribute.attr("Name")
			}
		}
	}
	return ""
}

func fullName(first, last string) string {
	name := []rune(strings.TrimSpace(first + " " + last))
	return string(name[:min(len(name), 200)])
}

// keys are attribute names as Python prints them.
func keys(attributes map[string][]string) string {
	var names []string
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = repr(name)
	}
	return join(names)
}

// repr is Python's repr of a text.
func repr(text string) string {
	quote := `'`
	if strings.Contains(text, `'`) && !strings.Contains(text, `"`) {
		quote = `"`
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case string(r) == quote || r == '\\':
			out.WriteString(`\` + string(r))
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			out.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return quote + out.String() + quote
}

// next is what Sentry does with an identity (auth/helper.py).
func next(identity Identity, sp sentry.URLs) []string {
	return []string{
		"Sentry knows the identifier " + identity.Identifier + " in " + sp.Org + ": the person is in; a membership that was removed is made anew with the default role.",
		"Sentry does not know it, and nobody has the e-mail " + identity.Email + ": it offers to create an account. An invitation that waits for this " +
			"e-mail, as SCIM makes it, is accepted with its role and teams; without one the member gets the default role.",
		"Sentry does not know it, and an account has the e-mail " + identity.Email + ": with a password, the person is asked to log in and link the two; " +
			"without one, Sentry sends a mail with a link to confirm, for which it has to be able to send mail.",
	}
}
