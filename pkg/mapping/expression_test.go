package mapping_test

import (
	"fmt"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/mapping"
)

func TestX(t *testing.T) {
	for _, e := range []string{"user.email", "lower(user.emial)", "user.Email", "lowr(user.email)", "1 + ", "", " ", "now()", "user.active", "lower(1)", `user.email matches "a"`, "let a = 1; a", "1..2", `any(user.groups, any(user.groups, # == ""))`,
		`join(map(filter(user.groups, # startsWith "x"), upper(#)), ",")`, `join(user.groups, "")`, `attribute("a","")+user.attributes.b`, `user.attributes.a + user.attributes.b`, `user.name + 1`, `$env.user.email`, `group.name`, `"a" | lower()`, `find(user.groups, # startsWith "a") ?? ""`,
		`user.name.foo`, `user.name()`, `user?.email`, `user["email"]`, `lower`, `split(user.name, " ")[0]`, `upper(user.name[0:1])`, `attribute("a", 1)`, `attribute("a", [])[0]`, `attribute("x", true) ? "a" : ""`, `if user.active { "a" } else { "b" }`, `'\x'`, "foo(", "user.email\n  + bar", `user.attributes["a b"]?.c`, `get(user, "email")`, `{"a": 1}.a`, `-"a"`, `memberOf("a") ? "admin" : ""`, `memberOf()`, `len(user.groups) > 3 ? "a" : "b"`, `user.groups[0]`, `#`, `first(user.groups)`} {
		fmt.Printf("--- %s\n%v\n", e, mapping.Check(mapping.SettingEmail, e))
	}
}
