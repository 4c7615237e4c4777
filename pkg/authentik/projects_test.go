package authentik_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// TestProjectsComeFromAnAttributeOfTheGroup that the settings name; what is no list of
// texts is refused, for it would look like no projects.
func TestProjectsComeFromAnAttributeOfTheGroup(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attributes object
		asked      string
		want       []string
		error      string
	}{
		"a list":          {object{"sentry": object{"projects": []string{"web-api", "web-*"}}}, "sentry.projects", []string{"web-api", "web-*"}, ""},
		"one text":        {object{"sentry": object{"projects": "web-api"}}, "sentry.projects", []string{"web-api"}, ""},
		"an empty list":   {object{"sentry": object{"projects": []string{}}}, "sentry.projects", []string{}, ""},
		"another":         {object{"apps": []string{"x"}, "sentry": object{"projects": "web-api"}}, "apps", []string{"x"}, ""},
		"no attributes":   {nil, "sentry.projects", nil, ""},
		"not asked":       {object{"sentry": object{"projects": "web-api"}}, "", nil, ""},
		"a number":        {object{"sentry": object{"projects": 7}}, "sentry.projects", nil, `the attribute "sentry.projects" of the group "web" in authentik must be a list of texts`},
		"a list of lists": {object{"sentry": object{"projects": []any{[]string{"x"}}}}, "sentry.projects", nil, "must be a list of texts"},
		"an empty text":   {object{"sentry": object{"projects": []string{""}}}, "sentry.projects", nil, "must be a list of texts"},
	} {
		web := object{"pk": "g-web", "name": "web", "parents": []string{}, "users": []int{1}, "attributes": tt.attributes}
		ada := object{"pk": 1, "username": "ada", "email": "ada@acme.test", "is_active": true, "groups": []string{"g-web"}}
		f := &fake{version: "2026.8.0", cap: 100, users: []object{ada}, groups: []object{web}, superuser: true}
		people, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll, Projects: tt.asked})
		if tt.error != "" {
			if fault.CodeOf(err) != fault.Failed || !strings.Contains(err.Error(), tt.error) || len(fault.Hints(err)) == 0 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, people.Directory.Groups[0].Projects); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
