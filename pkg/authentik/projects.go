package authentik

import (
	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// addProjects gives groups the projects that an attribute of theirs lists, a list of
// texts or one text. Anything else fails: projects that are not understood would
// look like none.
func (t *tree) addProjects(d *directory.Directory, attribute string) error {
	for i, g := range d.Groups {
		value := directory.Attribute(t.attributes[g.Name], attribute)
		if value == nil || attribute == "" {
			continue
		}
		projects, ok := textsOf(value)
		if !ok {
			err := fault.New(fault.Failed, "the attribute %q of the group %q in authentik must be a list of texts", attribute, answer.Printable(g.Name))
			return fault.Hint(err, `it looks like ["web-frontend", "web-*"]; scim.project_attribute names another attribute`)
		}
		d.Groups[i].Projects = projects
	}
	return nil
}

// textsOf is a list of texts, or one text; false for anything else and for empty
// texts.
func textsOf(value any) ([]string, bool) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	texts := make([]string, 0, len(list))
	for _, entry := range list {
		text, isText := entry.(string)
		if !isText || text == "" {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}
