package openapi

import "maps"

// mended are the fields of a component without what the file has wrong. Each
// correction names its source.
func mended(release, component string, properties map[string]any) map[string]any {
	out := maps.Clone(properties)
	for _, m := range wrong() {
		field, has := out[m.field].(map[string]any)
		if m.component != component || !has || release >= m.until && m.until != "" {
			continue
		}
		field = maps.Clone(field)
		maps.Copy(field, m.truth)
		out[m.field] = field
	}
	return out
}

// mistake is a field that the file has wrong.
type mistake struct {
	component, field string
	until            string // the release whose file has it right; empty: none yet
	truth            map[string]any
}

func wrong() []mistake {
	null := map[string]any{"nullable": true}
	return []mistake{
		// null where there is none: an application without a provider, and the two
		// that a binding does not bind (#21421). The files since 2026.2.2 say so.
		{"Application", "provider_obj", "2026.2", null},
		{"PolicyBinding", "policy_obj", "2026.2", null},
		{"PolicyBinding", "group_obj", "2026.2", null},
		{"PolicyBinding", "user_obj", "2026.2", null},
		// A provider that is used as a backchannel has no flows (core/models.py
		// Provider: null=True); the file of 2026.8 says so.
		{"Provider", "authorization_flow", "2026.8", null},
		{"Provider", "invalidation_flow", "2026.8", null},
	}
}
