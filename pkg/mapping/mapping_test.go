package mapping_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want mapping.Name
	}{
		{"Ada Example", mapping.Name{Formatted: "Ada Example", GivenName: "Ada", FamilyName: "Example"}},
		{"Bo van der Sample", mapping.Name{Formatted: "Bo van der Sample", GivenName: "Bo", FamilyName: "van der Sample"}},
		{"Cleo", mapping.Name{Formatted: "Cleo ", GivenName: "Cleo", FamilyName: " "}},
		{"", mapping.Name{Formatted: " ", GivenName: "", FamilyName: " "}},
		{"Ada  Example", mapping.Name{Formatted: "Ada  Example", GivenName: "Ada", FamilyName: " Example"}},
		{" Ada Example", mapping.Name{Formatted: " Ada Example", GivenName: "", FamilyName: "Ada Example"}},
		{"Ada ", mapping.Name{Formatted: "Ada ", GivenName: "Ada", FamilyName: ""}},
		{" ", mapping.Name{Formatted: " "}},
		{"Ada\tExample", mapping.Name{Formatted: "Ada\tExample ", GivenName: "Ada\tExample", FamilyName: " "}},
		{"Ada\u00a0Example", mapping.Name{Formatted: "Ada\u00a0Example ", GivenName: "Ada\u00a0Example", FamilyName: " "}},
		{"Ève Échantillon", mapping.Name{Formatted: "Ève Échantillon", GivenName: "Ève", FamilyName: "Échantillon"}},
		{"見本", mapping.Name{Formatted: "見本 ", GivenName: "見本", FamilyName: " "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			user, reason := mapping.Person(directory.Person{Username: "x", Name: tt.name, Email: "x@acme.test"})
			if reason != "" {
				t.Fatalf("skipped: %s", reason)
			}
			if diff := cmp.Diff(tt.want, user.Name); diff != "" {
				t.Errorf("name (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	const (
		filter = "the e-mail has a comma, quote, backslash or space, which Sentry's SCIM filter cannot carry"
		local  = "the e-mail has characters before the @ that Sentry does not take"
		domain = "the e-mail has no domain that Sentry takes"
		none   = "the e-mail is no address"
	)
	long := strings.Repeat("a", 65)
	tests := []struct{ email, reason string }{
		{"ada@acme.test", ""},
		{"Ada@Acme.TEST", ""},
		{"ada.o'example+sentry_{1}@mail.acme.test", ""},
		{"ada@localhost", ""},
		{"ada@[127.0.0.1]", ""},
		{"ada@[::1]", ""},
		{"ada@bücher.acme.test", ""},
		{"ada@例え.テスト", ""},
		{"ada@xn--bcher-kva.acme.test", ""},
		{"ada@a-1.acme.test", ""},
		{long + "@acme.test", ""},
		{long + "a@acme.test", "the e-mail has 76 characters, Sentry takes 75"},
		{"a@" + strings.Repeat("é", 68) + ".test", domain},
		{"a@" + strings.Repeat("é", 63) + ".test", ""},
		{"a@" + strings.Repeat("é", 69) + ".test", "the e-mail has 76 characters, Sentry takes 75"},
		{"", "has no e-mail"},
		{"ada", none},
		{"@acme.test", none},
		{"@", none},
		{"ada@bo@acme.test", none},
		{"ada@", domain},
		{"ada@acme", domain},
		{"ada@.acme.test", domain},
		{"ada@acme..test", domain},
		{"ada@acme.test.", domain},
		{"ada@-acme.test", domain},
		{"ada@acme-.test", domain},
		{"ada@acme.t", domain},
		{"ada@ac_me.test", domain},
		{"ada@acme.test\n", domain},
		{"ada@acme\u3000.test", domain},
		{"ada@acme.test\x00", domain},
		{"ève@acme.test", local},
		{".ada@acme.test", local},
		{"ada.@acme.test", local},
		{"ada..e@acme.test", local},
		{"ada(x)@acme.test", local},
		{"ada;bo@acme.test", local},
		{"ada\t@acme.test", local},
		{"ada,bo@acme.test", filter},
		{`"ada"@acme.test`, filter},
		{`"ada@home"@acme.test`, filter},
		{`ada\@acme.test`, filter},
		{"ada bo@acme.test", filter},
		{" ada@acme.test", filter},
		{"Ada Example <ada@acme.test>", filter},
	}
	for _, tt := range tests {
		t.Run(tt.email, func(t *testing.T) {
			t.Parallel()
			user, reason := mapping.Person(directory.Person{Username: "x", Email: tt.email})
			if reason != tt.reason {
				t.Errorf("reason %q, want %q", reason, tt.reason)
			}
			if (user.UserName == tt.email) != (reason == "") && tt.email != "" {
				t.Errorf("userName %q", user.UserName)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   directory.Person
		want string
	}{
		{
			directory.Person{Username: "ada", Name: "Ada Example", Email: "Ada@acme.test", Active: true, Type: "internal", Groups: []string{"a"}},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Ada@acme.test",` +
				`"name":{"formatted":"Ada Example","givenName":"Ada","familyName":"Example"},` +
				`"emails":[{"value":"Ada@acme.test","type":"work","primary":true}],"active":true}`,
		},
		{
			directory.Person{Username: "cleo", Email: "cleo@acme.test"},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"cleo@acme.test",` +
				`"name":{"formatted":" ","givenName":"","familyName":" "},` +
				`"emails":[{"value":"cleo@acme.test","type":"work","primary":true}],"active":false}`,
		},
	}
	for _, tt := range tests {
		user, reason := mapping.Person(tt.in)
		got, err := json.Marshal(user)
		if err != nil || reason != "" {
			t.Fatal(err, reason)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in.Username, diff)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	d := &directory.Directory{
		People: []directory.Person{
			{Username: "a1", Name: "Zoe", Email: "Zoe@acme.test", Active: true},
			{Username: "a2", Name: "Zoe", Email: "zoe@ACME.test", Active: true},
			{Username: "b", Name: "Bo", Email: "bo@acme.test"},
			{Username: "c", Name: "Cleo"},
			{Username: "d", Name: "Dino", Email: "dino"},
		},
		Groups: []directory.Group{
			{Name: "all", Members: []string{"a1", "a2", "b", "c", "d"}},
			{Name: "left out", Members: []string{"c", "d"}},
			{Name: "nobody", Members: []string{}},
		},
	}
	got := mapping.All(d)
	var users []string
	for _, user := range got.Users {
		users = append(users, user.UserName)
	}
	if diff := cmp.Diff([]string{"bo@acme.test", "Zoe@acme.test"}, users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	groups := []mapping.Group{
		{DisplayName: "all", Members: []string{"bo@acme.test", "zoe@acme.test"}},
		{DisplayName: "left out", Members: []string{}},
		{DisplayName: "nobody", Members: []string{}},
	}
	if diff := cmp.Diff(groups, got.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	skipped := []directory.Skipped{{Who: "c", Reason: "has no e-mail"}, {Who: "d", Reason: "the e-mail is no address"}}
	if diff := cmp.Diff(skipped, got.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(mapping.Mapped{}, mapping.All(&directory.Directory{})); diff != "" {
		t.Errorf("nobody (-want +got):\n%s", diff)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	if got := mapping.Key("Ada@Bücher.ACME.test"); got != "ada@bücher.acme.test" {
		t.Errorf("key %q", got)
	}
}

func FuzzPerson(f *testing.F) {
	f.Add("Ada Example", "ada@acme.test")
	f.Add("", "\"@[")
	f.Add(" \t", "ève@bücher.acme.test")
	f.Fuzz(func(t *testing.T, name, email string) {
		user, reason := mapping.Person(directory.Person{Name: name, Email: email})
		whole := user.Name.GivenName + " " + user.Name.FamilyName
		switch {
		case reason != "":
			if user.UserName != "" {
				t.Errorf("%q is skipped and mapped", email)
			}
		case user.UserName != email || strings.ContainsAny(email, "\"\\, \n\x00") || strings.Count(email, "@") != 1:
			t.Errorf("%q is mapped to %q", email, user.UserName)
		case strings.Contains(name, " ") && (whole != name || user.Name.Formatted != name):
			t.Errorf("%q is split into %+v", name, user.Name)
		}
	})
}
