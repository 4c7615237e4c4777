package directory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// TestAGroupCanNameProjects in every format that has groups, and keeps them when
// people are left out.
func TestAGroupCanNameProjects(t *testing.T) {
	t.Parallel()
	for format, text := range map[directory.Format]string{
		directory.YAML:      "users: [{username: ada}]\ngroups: [{name: web, members: [ada], projects: [web-api, 'web-*']}]",
		directory.JSON:      `{"users": [{"username": "ada"}], "groups": [{"name": "web", "members": ["ada"], "projects": ["web-api", "web-*"]}]}`,
		directory.JSONLines: `{"username": "ada", "groups": ["web"]}` + "\n" + `{"name": "web", "projects": ["web-api", "web-*"]}`,
	} {
		d, err := directory.Parse([]byte(text), "people", format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		rest, _ := d.Except(func(directory.Person) string { return "gone" })
		for _, got := range []*directory.Directory{d, rest} {
			if diff := cmp.Diff([]string{"web-api", "web-*"}, got.Groups[0].Projects); diff != "" {
				t.Errorf("%s: %s", format, diff)
			}
		}
	}
}

func TestAttributeFollowsAPath(t *testing.T) {
	t.Parallel()
	attributes := map[string]any{"sentry": map[string]any{"projects": "web"}, "flat": 1}
	for path, want := range map[string]any{"sentry.projects": "web", "flat": 1, "flat.more": nil, "none": nil, "": nil} {
		if diff := cmp.Diff(want, directory.Attribute(attributes, path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}
