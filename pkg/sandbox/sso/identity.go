package sso

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// maxName is how much Sentry keeps of a name.
const maxName = 200

// judge is what Sentry makes of a response: the checks, the attributes, and the
// identity that its attribute mapping finds in them.
func (c *checker) judge(message []byte) verdict {
	var v verdict
	err := c.read(message)
	if err == nil {
		err = c.check()
	}
	if err == nil {
		v.Attributes, err = c.arrived()
	}
	if err == nil {
		v.Identity, err = identityOf(v.Attributes)
	}
	if failed, ok := errors.AsType[*refusal](err); ok {
		v.Reason, v.ServerError, v.Cause, v.Fix = failed.text, failed.serverError, failed.cause, failed.fix
		if failed.checked {
			v.Reason = failedLogin + failed.text
		}
	}
	return v
}

// failedLogin is what Sentry puts before python3-saml's reason.
const failedLogin = "SAML SSO failed, "

// arrived are the attributes by name, sorted. What it refuses, python3-saml
// refuses outside of its checks, so that Sentry answers HTTP 500.
func (c *checker) arrived() ([]attribute, error) {
	nameID := child(child(c.assertion, nsAssertion, "Subject"), nsAssertion, "NameID")
	if nameID != nil {
		if q := nameID.SelectAttrValue("SPNameQualifier", ""); q != "" && q != c.spEntity {
			return nil, broken("The SPNameQualifier value mistmatch the SP entityID value.",
				"The NameID names another service provider.", "Let the identity provider leave SPNameQualifier out.")
		}
	}
	var all []attribute
	for _, statement := range children(c.assertion, nsAssertion, "AttributeStatement") {
		for _, el := range children(statement, nsAssertion, "Attribute") {
			name := el.SelectAttrValue("Name", "")
			if name == "" {
				continue
			}
			if slices.ContainsFunc(all, func(a attribute) bool { return a.Name == name }) {
				return nil, broken("Found an Attribute element with duplicated Name", "Two attributes are called "+name+".",
					"Remove one of the two property mappings.")
			}
			all = append(all, attribute{name, values(el)})
		}
	}
	slices.SortFunc(all, func(a, b attribute) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func values(el *etree.Element) []string {
	var found []string
	for _, value := range children(el, nsAssertion, "AttributeValue") {
		if value := strings.TrimSpace(text(value)); value != "" {
			found = append(found, value)
		}
	}
	return found
}

// identityOf maps attributes as Sentry does with the mapping that authentik's
// integration guide gives.
func identityOf(attributes []attribute) (identity, error) {
	first := func(name string) string {
		for _, a := range attributes {
			if a.Name == name && len(a.Values) > 0 {
				return a.Values[0]
			}
		}
		return ""
	}
	id := identity{ID: first(attrUID), Email: first(attrEmail), Name: first(attrName)}
	if id.ID != "" && id.Email != "" {
		if runes := []rune(id.Name); len(runes) > maxName {
			id.Name = string(runes[:maxName])
		}
		return id, nil
	}
	names := make([]string, 0, len(attributes))
	for _, a := range attributes {
		names = append(names, "'"+a.Name+"'")
	}
	missing := cmp.Or(missingName(id.ID, attrUID), missingName(id.Email, attrEmail))
	return identity{}, &refusal{
		text:  "Failed to map SAML attributes. Assertion returned the following attribute keys: " + strings.Join(names, ", "),
		cause: "Sentry's attribute mapping wants " + missing + ", which did not arrive or is empty.",
		fix:   "Select that property mapping at authentik's provider, and see that the person has an e-mail address.",
	}
}

func missingName(value, name string) string {
	if value == "" {
		return name
	}
	return ""
}
