package sandbox

import (
	"net/http"
)

const (
	aboutUser  = "SCIM User maps to Sentry Organization Member"
	aboutGroup = "SCIM Group maps to Sentry Team"

	readOnly  = "readOnly"
	readWrite = "readWrite"
)

// oldSchemaIndex is the list of schemas before there was discovery: it reads
// paging parameters and a filter, and uses neither.
func (s *Sentry) oldSchemaIndex() endpoint {
	list := func(c *call) (reply, error) {
		q, err := s.dialect.parseQuery(c.query)
		if err != nil {
			return reply{}, err
		}
		all := schemas(func(path string) string { return "/v2/" + path })
		for _, one := range all {
			delete(one, "schemas")
		}
		return listOf(all, len(all), q.start), nil
	}
	return endpoint{methods: []method{{http.MethodGet, list}}, scopes: memberScopes}
}

// schemas are the two that core/endpoints/scim/schemas.py describes. The
// descriptions of attributes are left out, the rest is as there.
func schemas(at func(path string) string) []discovered {
	one := func(id, name, description string, attributes ...discovered) discovered {
		return discovered{
			"schemas": []string{urnSchema}, "id": id, "name": name, "description": description, "attributes": attributes,
			"meta": meta{ResourceType: "Schema", Location: at("Schemas/" + id)},
		}
	}
	userName := text("userName", "immutable", "server")
	userName["required"] = true
	kind := text("type", readOnly, "none")
	kind["canonicalValues"] = []string{"work", "home", "other"}
	reference := text("$ref", readOnly, "none")
	reference["type"] = "reference"
	reference["referenceTypes"] = []string{"User"}
	return []discovered{
		one(urnUser, "User", aboutUser,
			userName,
			complexAttribute("emails", readOnly, true, text("value", readOnly, "none"), text("display", readOnly, "none"), kind, boolean("primary", readOnly)),
			boolean("active", readWrite),
			complexAttribute("name", readOnly, false, text("familyName", readOnly, "none"), text("givenName", readOnly, "none")),
		),
		one(urnGroup, "Group", aboutGroup,
			text("displayName", readWrite, "server"),
			complexAttribute("members", readWrite, true, text("value", "immutable", "none"), reference),
		),
	}
}

func attribute(name, kind, mutability string) discovered {
	return discovered{"name": name, "type": kind, "multiValued": false, "required": false, "mutability": mutability, "returned": "default"}
}

func text(name, mutability, uniqueness string) discovered {
	a := attribute(name, "string", mutability)
	a["caseExact"], a["uniqueness"] = false, uniqueness
	return a
}

func boolean(name, mutability string) discovered { return attribute(name, "boolean", mutability) }

func complexAttribute(name, mutability string, multiValued bool, parts ...discovered) discovered {
	a := attribute(name, "complex", mutability)
	a["multiValued"], a["subAttributes"] = multiValued, parts
	return a
}
