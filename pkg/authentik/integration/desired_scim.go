package integration

import "strings"

const (
	discovery  = "discovery_enabled"
	expression = "expression"
)

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

func (w wanted) scimMapping() Object {
	return Object{
		ID: idMapping, Kind: SCIMMapping, Part: SCIM, Name: w.SCIMMapping, Named: w.given.SCIMMapping != "",
		Match:  []Field{set("name", w.SCIMMapping)},
		Fields: []Field{set(expression, Expression())},
	}
}

func (w wanted) scimProvider() Object {
	s, base := w.Settings, strings.TrimRight(w.SCIMURL, "/")
	fields := []Field{
		{Name: "url", Value: base, Fits: []string{base + "/"}}, // Sentry shows it with the slash, and authentik strips it
		set("token", Secret{Env: "SENTRY_SCIM_TOKEN", Variable: "sentry_scim_token", Setting: "sentry.scim.token", Value: s.SCIMToken}),
		choice("compatibility_mode", "default", false),
		choice("dry_run", false, false),
		choice("exclude_users_service_account", true, false),
		set("property_mappings", Own{Ref(idMapping)}),
		{Name: "property_mappings_group", Value: List{Lookup{SCIMMapping, "managed", managedSCIM + "group"}}, Kept: IfSet},
	}
	if w.capabilities.DiscoveryEnabled {
		// Discovery adopts members out of scope, and the clean-up then deletes them.
		fields = append(fields, choice(discovery, false, false))
	}
	return Object{
		ID: idSCIM, Kind: SCIMProvider, Part: SCIM, Name: s.SCIMProvider, Named: w.given.SCIMProvider != "",
		Match: []Field{set("name", s.SCIMProvider)}, Fields: append(fields, w.groupFilter()...),
	}
}

// groupFilter says which groups are sent. Before 2026.2 there is room for one,
// which says whose members are sent too.
func (w wanted) groupFilter() []Field {
	groups := make(List, 0, len(w.Teams))
	for _, name := range w.Teams {
		groups = append(groups, Lookup{Group, "name", name})
	}
	named := len(w.given.Teams) > 0
	switch {
	case w.capabilities.GroupFilters:
		return []Field{choice("group_filters", groups, named)}
	case len(groups) == 1:
		return []Field{choice("filter_group", groups[0], named)}
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
