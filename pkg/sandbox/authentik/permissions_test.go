package authentik_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// limited is an authentik whose token belongs to a user with permissions on
// single users: ada (2) and kiosk (4) of ada, bo, kiosk and out.
func limited(change func(*authentik.State)) authentik.State {
	s := fresh()
	s.Objects["core/users"][0]["is_superuser"] = false
	s.Visible = map[string][]any{"core/users": {2, 4}}
	if change != nil {
		change(&s)
	}
	return s
}

func keys(t *testing.T, list map[string]any, field string) []string {
	t.Helper()
	found := []string{}
	results, _ := list["results"].([]any)
	for _, result := range results {
		o, _ := result.(map[string]any)
		found = append(found, fmt.Sprint(o[field]))
	}
	return found
}

// TestATokenSeesWhatItHasPermissionsOn holds authentik/rbac/filters.py
// ObjectFilter: fewer rows with 200, and a count of these.
func TestATokenSeesWhatItHasPermissionsOn(t *testing.T) {
	t.Parallel()
	none := func(s *authentik.State) { s.Visible["core/users"] = []any{} }
	for name, test := range map[string]struct {
		change func(*authentik.State)
		path   string
		status int
		users  []string
	}{
		"some users":        {nil, "core/users/", 200, []string{"ada", "kiosk"}},
		"a search":          {nil, "core/users/?search=o", 200, []string{"kiosk"}},
		"nothing found":     {nil, "core/users/?search=bo", 200, []string{}},
		"a visible user":    {nil, "core/users/2/", 200, nil},
		"a hidden user":     {nil, "core/users/3/", 404, nil},
		"a superuser":       {func(s *authentik.State) { s.Objects["core/users"][0]["is_superuser"] = true }, "core/users/", 200, []string{"sentryidp", "ada", "bo", "kiosk", "out"}},
		"no users":          {none, "core/users/", 403, nil},
		"no users, a user":  {none, "core/users/2/", 403, nil},
		"no users, a query": {none, "core/users/?search=ada", 403, nil},
		"an outpost": {func(s *authentik.State) {
			none(s)
			s.Objects["core/users"][0]["type"] = "internal_service_account"
		}, "core/users/", 200, []string{}},
		"the anonymous user": {func(s *authentik.State) {
			s.Visible = nil
			s.Objects["core/users"][2]["username"] = "AnonymousUser"
		}, "core/users/", 200, []string{"sentryidp", "ada", "kiosk", "out"}},
	} {
		status, got := ask(t, serve(t, authentik.ReleaseLatest, limited(test.change)), "GET", "/api/v3/"+test.path, "")
		if status != test.status {
			t.Errorf("%s: status %d, want %d: %v", name, status, test.status, got)
		}
		if test.users == nil {
			continue
		}
		if diff := cmp.Diff(test.users, keys(t, got, "username")); diff != "" {
			t.Errorf("%s: users (-want +got):\n%s", name, diff)
		}
		pagination, _ := got["pagination"].(map[string]any)
		if count := fmt.Sprint(pagination["count"]); count != strconv.Itoa(len(test.users)) {
			t.Errorf("%s: count %s, want %d", name, count, len(test.users))
		}
	}
}

// TestGroupsCountHiddenUsers holds that the members of a group do not depend on
// what the token sees, and that who is hidden cannot be added to one.
func TestGroupsCountHiddenUsers(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, limited(nil))
	_, got := ask(t, a, "GET", "/api/v3/core/groups/?include_users=false", "")
	group := first(t, got)
	if diff := cmp.Diff([]any{2.0, 3.0}, group["users"]); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	for user, want := range map[int]int{4: 204, 5: 404} {
		if status, got := ask(t, a, "POST", fmt.Sprintf("/api/v3/core/groups/%v/add_user/", group["pk"]), fmt.Sprintf(`{"pk": %d}`, user)); status != want {
			t.Errorf("user %d: status %d, want %d: %v", user, status, want, got)
		}
	}
}

func TestGroupsByMember(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	for username, want := range map[string][]string{"ada": {"staff"}, "out": {}} {
		if _, got := ask(t, a, "GET", "/api/v3/core/groups/?members_by_username="+username, ""); !slices.Equal(keys(t, got, "name"), want) {
			t.Errorf("groups of %s: %v, want %q", username, got["results"], want)
		}
	}
	if status, got := ask(t, a, "GET", "/api/v3/core/groups/?members_by_username=nobody", ""); status != 400 || got["members_by_username"] == nil {
		t.Errorf("a member that is no user: %d %v, want 400", status, got)
	}
}
