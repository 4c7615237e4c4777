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
	return nil
}
