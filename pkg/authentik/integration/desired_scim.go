package integration

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

const discovery = "discovery_enabled"

// signature marks our expression, so that one that somebody edited is put back
// and one that somebody wrote is not replaced unasked.
const signature = "# Written by sentryidp."

// Expression is the SCIM mapping of the integration guide: the e-mail is the user
// name, who has none is left out, and a name without a space has a space for a
// family name, as Sentry wants both. authentik trims it.
func Expression() string {
	return strings.TrimSpace(signature + ` "sentryidp authentik apply" puts it back.
email = request.user.email
if not email:
    raise SkipObject
formatted = request.user.name
given, space, family = formatted.partition(" ")
if not space:
    family, formatted = " ", formatted + " "
return {
    "userName": email,
    "name": {"formatted": formatted, "givenName": given, "familyName": family},
    "active": request.user.is_active,
    "emails": [{"value": email, "type": "work", "primary": True}],
}`)
}

func scimMapping() Object {
	return Object{
		ID: idMapping, Kind: SCIMMapping, Part: SCIM, Name: MappingName,
		Match:  []Field{set("name", MappingName)},
		Fields: []Field{set("expression", Expression())},
	}
}

func scimProvider(s Settings, c authentik.Capabilities) Object {
	fields := []Field{
		set("url", strings.TrimRight(s.SCIMURL, "/")),
		set("token", Secret{Env: "SENTRY_SCIM_TOKEN", Variable: "sentry_scim_token", Setting: "sentry.scim.token", Value: s.SCIMToken}),
		set("compatibility_mode", "default"),
		set("dry_run", false),
		set("exclude_users_service_account", true),
		set("property_mappings", List{Ref(idMapping)}),
		set("property_mappings_group", List{Lookup{SCIMMapping, "managed", managedSCIM + "group"}}),
	}
	if c.DiscoveryEnabled {
		// Discovery adopts members out of scope, and the clean-up then deletes them.
		fields = append(fields, set(discovery, false))
	}
	return Object{
		ID: idSCIM, Kind: SCIMProvider, Part: SCIM, Name: s.SCIMProvider,
		Match: []Field{set("name", s.SCIMProvider)}, Fields: append(fields, groupFilter(s, c)...),
	}
}

// groupFilter says which groups are sent. Before 2026.2 there is room for one,
// which says whose members are sent too.
func groupFilter(s Settings, c authentik.Capabilities) []Field {
	groups := make(List, 0, len(s.Teams))
	for _, name := range s.Teams {
		groups = append(groups, Lookup{Group, "name", name})
	}
	switch {
	case c.GroupFilters:
		return []Field{set("group_filters", groups)}
	case len(groups) == 1:
		return []Field{set("filter_group", groups[0])}
	}
	return nil
}

// backchannel lets the SCIM provider work for the application. Other providers
// that do so stay.
func backchannel(s Settings) Object {
	return Object{
		ID: idBackchannel, Kind: Backchannel, Part: SCIM, Name: s.Application,
		Match:  []Field{set("slug", s.Application)},
		Fields: []Field{set("backchannel_providers", Includes{Ref(idSCIM)})},
	}
}
