package authentik

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
)

// previewUser is what a service would be told of somebody
// (authentik/providers/saml/api/providers.py preview_user): the attributes by name,
// and the NameID. A mapping that fails is left out, as in a login.
func (a *Authentik) previewUser(c *call, provider Object) reply {
	user := a.owner()
	if asked := c.URL.Query().Get("for_user"); asked != "" {
		if user = a.find(pathUsers, asked); user == nil {
			return reply{status: http.StatusBadRequest, body: Object{"for_user": []string{"User not found"}}}
		}
	}
	return reply{status: http.StatusOK, body: Object{"preview": Object{"attributes": a.attributes(provider, user), "nameID": a.nameID(provider, user)}}}
}

// attributes are what the provider's mappings make of a user, sorted by name.
func (a *Authentik) attributes(provider, user Object) []Object {
	keys, _ := provider["property_mappings"].([]any)
	attributes := make([]Object, 0, len(keys))
	for _, key := range keys {
		m := a.find(pathSAMLMappings, key)
		value, err := a.evaluate(m, subject{user: user})
		if err != nil || value == nil {
			continue
		}
		told := Object{"Name": m["saml_name"], "Value": texted(value)}
		if friendly, _ := m["friendly_name"].(string); friendly != "" {
			told["FriendlyName"] = friendly
		}
		attributes = append(attributes, told)
	}
	slices.SortFunc(attributes, func(x, y Object) int { return cmp.Compare(fmt.Sprint(x["Name"]), fmt.Sprint(y["Name"])) })
	return attributes
}

// nameID is what the provider's mapping says, and otherwise the user's hash, as
// for a persistent NameID.
func (a *Authentik) nameID(provider, user Object) string {
	if m := a.find(pathSAMLMappings, provider["name_id_mapping"]); m != nil {
		if value, err := a.evaluate(m, subject{user: user}); err == nil {
			return fmt.Sprint(value)
		}
	}
	return uid(user)
}

// texted are the values of an attribute, as XML holds them.
func texted(value any) []string {
	several, ok := value.([]any)
	if !ok {
		several = []any{value}
	}
	texts := make([]string, 0, len(several))
	for _, one := range several {
		texts = append(texts, fmt.Sprint(one))
	}
	return texts
}
