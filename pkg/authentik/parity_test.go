package authentik_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// guide maps a user as the integration's expression does.
func guide(u object) (result string, successful bool) {
	if u["email"] == "" {
		return "SkipObject", false
	}
	given, family, _ := strings.Cut(fmt.Sprint(u["name"]), " ")
	return fmt.Sprintf(`{"userName": %q, "name": {"formatted": %q, "givenName": %q, "familyName": %q},
		"active": %v, "emails": [{"value": %q, "type": "work", "primary": true}]}`,
		u["email"], u["name"], given, family, u["is_active"], u["email"]), true
}

func TestCheckMapping(t *testing.T) {
	t.Parallel()
	f := company()
	f.users[1]["email"] = ""
	f.mapping = func(u object) (string, bool) {
		switch u["username"] {
		case "cleo":
			return `{"userName": "cleo"}`, true
		case "dino":
			return "NameError: \x1b[1mname 'x' is not defined", false
		}
		return guide(u)
	}
	client := f.serve(t)
	users, err := client.Users().List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := authentik.CheckMapping(t.Context(), client, "00000000-0000-4000-8000-0000000000d1", users, authentik.DefaultMapping)
	if err != nil {
		t.Fatal(err)
	}
	ours := func(name string) string {
		return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%[1]s@acme.test",`+
			`"name":{"formatted":"%[2]s Example","givenName":"%[2]s","familyName":"Example"},`+
			`"emails":[{"value":"%[1]s@acme.test","type":"work","primary":true}],"active":true}`, name, strings.ToUpper(name[:1])+name[1:])
	}
	want := []authentik.Difference{
		{Username: "cleo", Ours: ours("cleo"), Theirs: `{"userName": "cleo"}`},
		{Username: "dino", Ours: ours("dino"), Theirs: "skipped: NameError: \\x1b[1mname 'x' is not defined"},
	}
	if len(got) == 2 && !strings.Contains(got[1].Theirs, "\x1b") {
		want[1].Theirs = got[1].Theirs // however control characters are shown
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestCheckMappingFailsWhole(t *testing.T) {
	t.Parallel()
	f := company()
	f.mapping = guide
	f.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && f.count("POST propertymappings/all/00000000-0000-4000-8000-0000000000d1/test/") > 2 {
			reply(w, http.StatusForbidden, object{"detail": "You do not have permission to perform this action."})
			return true
		}
		return false
	}
	client := f.serve(t, authentik.Readers(1))
	users, err := client.Users().List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := authentik.CheckMapping(t.Context(), client, "00000000-0000-4000-8000-0000000000d1", users, authentik.DefaultMapping)
	if err == nil || differences != nil {
		t.Errorf("differences %v, error %v, want an error alone", differences, err)
	}
}
