package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

// sampleUser is who the expressions of the tests are about.
func sampleUser() directory.Person {
	return directory.Person{
		Username: "ada", Name: "Ada van der Example", Email: "ADA@Acme.test", Active: true, Type: "internal",
		Groups: []string{"eng", "leads", "sentry-admin"},
		Attributes: map[string]any{
			"department": "eng", "level": 3, "share": 0.5, "remote": true, "none": nil, "odd key": "x",
			"place": map[string]any{"city": "Here"}, "mails": []any{"a@acme.test", "b@acme.test"},
		},
	}
}

// compile makes rules of the default expressions and a change.
func compile(t *testing.T, change func(*mapping.Expressions)) *mapping.Rules {
	t.Helper()
	e := mapping.Default()
	change(&e)
	rules, err := mapping.Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func applied(t *testing.T, rules *mapping.Rules, people ...directory.Person) *mapping.Applied {
	t.Helper()
	a, err := rules.Apply(&directory.Directory{People: people}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTextsThatExpressionsMake(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`user.email`:                                                              "ADA@Acme.test",
		`lower(user.email)`:                                                       "ada@acme.test",
		`user.email | lower()`:                                                    "ada@acme.test",
		`upper(user.username)`:                                                    "ADA",
		`trim("  a ")`:                                                            "a",
		`user.username + "@" + "acme.test"`:                                       "ada@acme.test",
		`split(user.email, "@")[1]`:                                               "Acme.test",
		`join(split(user.name, " "), "-")`:                                        "Ada-van-der-Example",
		`join(user.groups, ",")`:                                                  "eng,leads,sentry-admin",
		`join(attribute("mails", []), " ")`:                                       "a@acme.test b@acme.test",
		`join(map(user.groups, upper(#)), "")`:                                    "ENGLEADSSENTRY-ADMIN",
		`join(["a", user.username], "/")`:                                         "a/ada",
		`replace(user.name, " ", ".")`:                                            "Ada.van.der.Example",
		`memberOf("eng") ? "yes" : "no"`:                                          "yes",
		`memberOf("en") ? "yes" : "no"`:                                           "no",
		`"leads" in user.groups ? "yes" : "no"`:                                   "yes",
		`"x" not in user.groups ? "yes" : "no"`:                                   "yes",
		`if user.active { "on" } else { "off" }`:                                  "on",
		`user.attributes.department`:                                              "eng",
		`user.attributes["odd key"]`:                                              "x",
		`user.attributes.place.city`:                                              "Here",
		`user.attributes.nowhere?.city ?? "none"`:                                 "none",
		`attribute("place.city")`:                                                 "Here",
		`attribute("place.city", "x")`:                                            "Here",
		`attribute("place.street", "x")`:                                          "x",
		`attribute("place.city.house", "x")`:                                      "x",
		`attribute("none", "x")`:                                                  "x",
		`attribute("department", "") + user.type`:                                 "enginternal",
		`user.attributes.department + user.attributes.place.city`:                 "engHere",
		`attribute("level", 0) + 1 > 3 ? "high" : "low"`:                          "high",
		`attribute("share", 0.0) * 2 == 1.0 ? "half" : ""`:                        "half",
		`attribute("remote", false) ? "remote" : "here"`:                          "remote",
		`replace(find(user.groups, # startsWith "sentry-") ?? "", "sentry-", "")`: "admin",
		`first(filter(user.groups, # endsWith "s"))`:                              "leads",
		`last(user.groups)`:                                                       "sentry-admin",
		`any(user.groups, # contains "lead") && none(user.groups, # == "x") ? "y" : "n"`:       "y",
		`all(user.groups, len(#) > 2) && count(user.groups, # startsWith "e") == 1 ? "y" : ""`: "y",
		`user.name[0:3]`:         "Ada",
		"user.username // why\n": "ada",
	} {
		rules := compile(t, func(e *mapping.Expressions) { e.Email = expression })
		if got := applied(t, rules, sampleUser()).Everybody[0].Email; got != want {
			t.Errorf("%s makes %q, want %q", expression, got, want)
		}
	}
}

func TestMistakesAreFoundBeforeARun(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"":                                    "is empty, want an expression",
		" \n":                                 "is empty, want an expression",
		"user.emial":                          "user has no emial, did you mean email?",
		`user["emial"]`:                       "user has no emial, did you mean email?",
		"lower(user.email":                    "unexpected token EOF",
		"lowr(user.email)":                    "unknown function lowr, did you mean lower?",
		"user()":                              "unknown function user, did you mean upper?",
		"usr.email":                           "unknown name usr, did you mean user?",
		"group.name":                          "unknown name group, want user",
		"$env.user.email":                     "unknown name $env",
		"user.email.lower()":                  "only functions can be called",
		"lower(1)":                            "cannot use int as argument (type string) to call lower",
		"lower()":                             "not enough arguments to call lower",
		"lower":                               "makes something else, want a text",
		"user.active":                         "makes true or false, want a text",
		"user":                                "user stands alone, want one of its fields such as user.username",
		`user[user.name]`:                     "user stands alone, want one of its fields such as user.username",
		`[user][0].email`:                     "user stands alone, want one of its fields such as user.username",
		`find(user.groups, # in user.groups)`: "looks through user.groups for each entry of a list, want memberOf(…)",
		`attribute("level", 1)`:               "makes a whole number, want a text",
		"user.name + 1":                       "invalid operation: + (mismatched types string and int)",
		"user.name.first":                     "type string has no field first",
		`user.name matches "a"`:               "matches is not supported, want contains, startsWith or endsWith",
		"1..3":                                "ranges are not supported",
		"let a = user.name; a":                "has variables or several statements, want one expression",
		"user.name; user.name":                "has variables or several statements, want one expression",
		`{"a": "b"}.a`:                        "has a mapping or bytes",
		`b"a"`:                                "has a mapping or bytes",
		"now().String()":                      "unknown function now",
		`get(user, "email")`:                  "unknown function get",
		`repeat("a", 1000000)`:                "unknown function repeat",
		`sort(user.groups)[0]`:                "unknown function sort",
		`string(user)`:                        "unknown function string",
		`fromJSON(user.name)`:                 "unknown function fromJSON",
		`reduce(user.groups, #)`:              "unknown function reduce",
		`map(user.groups, any(user.groups, # == "a"))[0]`: "has a condition on a list inside of another one",
		"'" + strings.Repeat("a", 5000) + "'":             "has 5002 bytes, want 4096 at most",
		strings.Repeat("!", 300) + "true":                 "has more than 256 parts",
		"\x1b[31m":                                        "unrecognized character",
	} {
		err := mapping.Check(mapping.SettingEmail, expression)
		if _, ok := errors.AsType[*mapping.SyntaxError](err); !ok || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.80q: %v\nwant %s", expression, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%.80q: the error steers the terminal", expression)
		}
	}
}

func TestSettingsSeeAndMakeDifferentThings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting    mapping.Setting
		expression string
		good       bool
	}{
		{mapping.SettingEmails, "user.emails", true},
		{mapping.SettingEmails, `attribute("emails", [])`, true},
		{mapping.SettingEmails, `attribute("emails")`, true}, // known when it runs
		{mapping.SettingEmails, `[]`, true},
		{mapping.SettingEmails, "user.email", false},
		{mapping.SettingEmails, `join(user.emails, ";")`, false},
		{mapping.SettingEmails, `attribute("emails", "")`, false},
		{mapping.SettingEmail, "user.emails", false},
		{mapping.SettingTeam, "user.emails", false},
		{mapping.SettingActive, "user.active", true},
		{mapping.SettingActive, "user.email", false},
		{mapping.SettingActive, "attribute(\"a\")", true}, // known when it runs
		{mapping.SettingInclude, "true", true},
		{mapping.SettingInclude, `"true"`, false},
		{mapping.SettingEmail, `lower(attribute("sentry_email", user.email))`, true},
		{mapping.SettingActive, `user.active and not memberOf("on-leave")`, true},
		{mapping.SettingInclude, `any(user.groups, # startsWith "sentry-")`, true},
		{mapping.SettingRole, `memberOf("leads") ? "manager" : attribute("sentry.role", "")`, true},
		{mapping.SettingTeam, `replace(group.name, "sentry-", "")`, true},
		{mapping.SettingRole, `""`, true},
		{mapping.SettingRole, "true", false},
		{mapping.SettingTeam, "group.name", true},
		{mapping.SettingTeam, "upper(group.name)", true},
		{mapping.SettingTeam, "user.name", false},
		{mapping.SettingTeam, `memberOf("a") ? "a" : "b"`, false},
		{mapping.SettingTeam, `attribute("a", "")`, false},
		{mapping.SettingTeam, "group.members", false},
	} {
		if err := mapping.Check(test.setting, test.expression); (err == nil) != test.good {
			t.Errorf("%s: %s: %v", test.setting, test.expression, err)
		}
	}
}

// TestTheMarkStandsBelowThePlace holds the excerpts of long and of many lines.
func TestTheMarkStandsBelowThePlace(t *testing.T) {
	t.Parallel()
	long := `lower("` + strings.Repeat("a", 100) + `") + bar + "` + strings.Repeat("b", 100) + `"`
	for expression, want := range map[string]string{
		"user.x":              "user has no x, want one of username, email, emails, name, active, type, groups, attributes (column 6)\n  | user.x\n  |      ^",
		"user.name +\n\t2":    "invalid operation: + (mismatched types string and int) (column 11)\n  | user.name +\n  |           ^",
		"user.name +\n\tbar2": "unknown name bar2, want user (line 2, column 2)\n  |  bar2\n  |  ^",
		long: "unknown name bar, want user (column 113)\n" +
			"  | " + strings.Repeat("a", 25) + `") + bar + "` + strings.Repeat("b", 23) + "\n  | " + strings.Repeat(" ", 30) + "^",
	} {
		err := mapping.Check(mapping.SettingEmail, expression)
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
}

func TestCompileTellsAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := mapping.Compile(mapping.Expressions{Email: "user.x", Active: "1", Include: "true", Role: "user.y", Team: ""})
	var settings []string
	for line := range strings.Lines(err.Error()) {
		if setting, _, found := strings.Cut(line, ": "); found && strings.HasPrefix(setting, "scim.") {
			settings = append(settings, setting)
		}
	}
	if diff := cmp.Diff([]string{"scim.mapping.email", "scim.mapping.emails", "scim.mapping.active", "scim.mapping.role", "scim.mapping.team"}, settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s\n%v", diff, err)
	}
}
