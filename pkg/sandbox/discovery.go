package sandbox

import (
	"net/http"
	"net/url"
)

const (
	urnSchema       = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	urnResourceType = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	urnConfig       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

	kindResourceTypes = "ResourceTypes"
)

// discovery is an endpoint of core/endpoints/scim/service_provider_config.py,
// resource_types.py or schemas.py. It refuses filters, ignores paging, and
// keeps SCIM's envelope for other methods too.
func (s *Sentry) discovery(kind, name string) endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, func(c *call) (reply, error) { return s.discover(c, kind, name) }}},
		scopes:  discoveryScopes, scimNotAllowed: true,
	}
}

func (s *Sentry) discover(c *call, kind, name string) (reply, error) {
	if c.query.Has("filter") {
		return reply{}, s.dialect.scim(http.StatusForbidden, "Filtering is not supported on this endpoint.")
	}
	at := func(path string) string {
		return s.absolute(c.r, "/api/0/organizations/"+url.PathEscape(s.org.Org)+"/scim/v2/"+path)
	}
	switch kind {
	case kindConfig:
		return ok(serviceProviderConfig(at(kindConfig)))
	case kindResourceTypes:
		return s.pick(resourceTypes(at), name, "Resource type not found.")
	default:
		return s.pick(schemas(at), name, "Schema not found.")
	}
}

// discovered is an object with an id, whose order of keys is of no account.
type discovered = map[string]any

// pick answers with the object of that id, or with all where no id is given.
func (s *Sentry) pick(all []discovered, id, missing string) (reply, error) {
	if id == "" {
		return listOf(all, len(all), 1), nil
	}
	for _, one := range all {
		if one["id"] == id {
			return ok(one)
		}
	}
	return reply{}, s.dialect.scim(http.StatusNotFound, missing)
}

func serviceProviderConfig(location string) discovered {
	unsupported := map[string]bool{"supported": false}
	return discovered{
		"schemas":          []string{urnConfig},
		"documentationUri": "https://docs.sentry.io/organization/authentication/sso/",
		"patch":            map[string]bool{"supported": true},
		"bulk":             map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":           map[string]any{"supported": true, "maxResults": defaultCount},
		"changePassword":   unsupported,
		"sort":             unsupported,
		"etag":             unsupported,
		"authenticationSchemes": []discovered{{
			"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true,
			"description": "The SCIM token of the organization, as an OAuth bearer token.",
			"specUri":     "https://www.rfc-editor.org/info/rfc6750",
		}},
		"meta": meta{ResourceType: kindConfig, Location: location},
	}
}

func resourceTypes(at func(path string) string) []discovered {
	one := func(name, endpoint, schema, description string) discovered {
		return discovered{
			"schemas": []string{urnResourceType}, "id": name, "name": name, "description": description,
			"endpoint": endpoint, "schema": schema,
			"meta": meta{ResourceType: "ResourceType", Location: at(kindResourceTypes + "/" + name)},
		}
	}
	return []discovered{
		one("User", "/Users", urnUser, aboutUser),
		one("Group", "/Groups", urnGroup, aboutGroup),
	}
}
