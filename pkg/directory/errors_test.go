package directory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

type refusal struct {
	name, in string
	want     []string
}

// refuse parses what has to be refused, and compares the problems.
func refuse(t *testing.T, format directory.Format, tests []refusal) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := directory.Parse([]byte(tt.in), "people", format)
			if err == nil {
				t.Fatalf("was read: %+v", d)
			}
			if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if fault.CodeOf(err) != fault.Failed || len(fault.Hints(err)) != 1 {
				t.Errorf("code %d, hints %q", fault.CodeOf(err), fault.Hints(err))
			}
		})
	}
}

func one(problem string) []string { return []string{problem} }

// numbered are n addresses, separated by commas.
func numbered(n int) string {
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, "a%d@acme.test,", i)
	}
	return list.String()
}

const nothing = "people:1: is empty, want users and groups (users: [] says that there are none)"

// The rules of users and groups are the same in all formats; YAML shows them.
func TestRefusedUsersAndGroups(t *testing.T) {
	t.Parallel()
	refuse(t, directory.YAML, []refusal{
		{"unknown key of a user", "users:\n- username: ada\n  mail: x", one(`people:2: a user has the unknown key "mail", want username, id, name, email, emails, active, type, groups, attributes`)},
		{"unknown key of a group", "groups:\n- {name: a, users: [x]}", one(`people:2: a group has the unknown key "users", want name, members, projects`)},
		{"nobody in particular", "users:\n- {name: Ada}\n- {username: ' '}", []string{"people:2: a user has neither username nor email", "people:3: a user has neither username nor email"}},
		{"group without name", "groups:\n- {members: []}", one("people:2: a group has no name")},
		{"username is a number", "users:\n- username: 0042\n  name: [x]\n  email: true", []string{
			"people:2: username is the number 0042, want a text (put it in quotes)",
			"people:2: name is a list, want a text (put it in quotes)",
			"people:2: email is true, want a text (put it in quotes)",
			"people:2: a user has neither username nor email",
		}},
		{"active is a text", "users:\n- {username: ada, active: yes}\n- {username: bo, active: 1}", []string{
			`people:2: active is the text "yes", want true or false`,
			"people:3: active is the number 1, want true or false",
		}},
		{"groups is a text", "users:\n- {username: ada, groups: a}", one(`people:2: groups is the text "a", expected a list of texts`)},
		{"entries of a list", "users:\n- {username: ada, groups: [1, ~, '', ' ', 2020-01-01]}", []string{
			"people:2: groups has the number 1, want a text (put it in quotes)",
			"people:2: groups has an empty entry", "people:2: groups has an empty entry", "people:2: groups has an empty entry",
		}},
		{"username twice", "users:\n- {username: ada}\n- {email: b@acme.test}\n- {username: ada }", one(`people:4: the username "ada" is there already, in line 2`)},
		{"e-mail twice", "users:\n- {email: a@acme.test}\n- {email: a@acme.test}", one(`people:3: the username "a@acme.test" is there already, in line 2`)},
		{"group twice", "groups:\n- {name: a}\n- {name: ' a'}", one(`people:3: the group "a" is there already, in line 2`)},
		{"unknown member", "groups:\n- {name: a, members: [ada, bo]}\nusers:\n- {username: ada, email: bo}", one(`people:2: the group "a" has the member "bo", who is no user (members are usernames)`)},
		{"id twice", "users:\n- {username: ada, id: a1}\n- {username: bo}\n- {email: c@acme.test, id: ' a1'}", one(`people:4: the id "a1" is there already, in line 2 (the default id is the username)`)},
		{"id of another's username", "users:\n- {username: ada}\n- {username: bo, id: ada}", one(`people:3: the id "ada" is there already, in line 2 (the default id is the username)`)},
		{"id is a number", "users:\n- {username: ada, id: 42}", one("people:2: id is the number 42, want a text (put it in quotes)")},
		{"emails is a text", "users:\n- {username: ada, emails: a@acme.test}", one(`people:2: emails is the text "a@acme.test", expected a list of texts`)},
		{"entries of emails", "users:\n- {username: ada, emails: [1, '']}", []string{"people:2: emails has the number 1, want a text (put it in quotes)", "people:2: emails has an empty entry"}},
		{"too many emails", "users:\n- {username: ada, emails: [" + numbered(101) + "]}", one("people:2: emails has 101 addresses, the maximum is 100")},
		{"control characters", "users:\n- {username: \"a\\u0000\", name: \"a\\tb\", groups: [\"a\\u0085\"]}", []string{
			`people:2: username has a control character: "a\x00"`,
			`people:2: name has a control character: "a\tb"`,
			`people:2: groups has a control character: "a\u0085"`,
		}},
		{"a long value", "users:\n- {username: ada, active: " + strings.Repeat("x", 500) + "}", one(`people:2: active is the text "` + strings.Repeat("x", 80) + `", want true or false`)},
	})
}

func TestRefusedYAML(t *testing.T) {
	t.Parallel()
	const alias = "anchors, aliases and merges are not read: write the value out"
	refuse(t, directory.YAML, []refusal{
		{"empty", "", one(nothing)},
		{"a comment", "# nobody\n", one(nothing)},
		{"empty mapping", "{}", one(nothing)},
		{"null", "null", one("people:1: want a mapping with users and groups")},
		{"empty list", "\n[]", one("people:2: want a mapping with users and groups")},
		{"a list of users", "- {username: ada}", one("people:1: want a mapping with users and groups")},
		{"unknown section", "users: []\nteams: []", one(`people:2: unknown key "teams", want users, groups`)},
		{"section twice", "users:\n- {username: ada}\nusers: []", one(`people:3: the key "users" is there twice`)},
		{"section is a text", "users: ada\ngroups: {a: [ada]}", []string{"people:1: users is no list", "people:2: groups is no list"}},
		{"entry is a text", "users:\n- ada\n-", []string{"people:2: want a mapping such as {username: ada, email: ada@acme.test}", "people:3: want a mapping such as {username: ada, email: ada@acme.test}"}},
		{"key twice", "users:\n- username: ada\n  active: false\n  active: true", one(`people:4: the key "active" is there twice`)},
		{"value is a mapping", "users:\n- username: {first: ada}", one("people:2: want a text, true, false or a list of texts")},
		{"list of lists", "users:\n- {username: ada, groups: [[a]]}", one("people:2: want a text, true, false or a list of texts")},
		{"two documents", "users: []\n---\nusers: [{username: ada}]", one("people:2: has several YAML documents, want one")},
		{"second document is broken", "users: []\n---\n}", one("people:2: is no YAML, near this line: did not find expected node content")},
		{"broken", "users:\n- {username: ada\n", one("people:1: is no YAML, near this line: did not find expected ',' or '}'")},
		{"tab", "users:\n\t- a", one("people:2: is no YAML, near this line: found character that cannot start any token")},
		{"alias of a user", "users:\n- &a {username: ada}\n- *a", []string{"people:2: " + alias, "people:3: " + alias}},
		{"alias of a value", "users:\n- {username: &a ada}\n- {username: *a}", []string{"people:2: " + alias, "people:3: " + alias}},
		{"alias of a key", "users:\n- {&a username: ada}\n- {*a : bo}", []string{"people:2: " + alias, "people:3: " + alias}},
		{"alias of a section", "users: &a []\ngroups: *a", []string{"people:1: " + alias, "people:2: " + alias}},
		{"alias of a member", "users: [{username: ada, groups: [*a]}]", one("people: is no YAML, unknown anchor 'a' referenced")},
		{"anchor of all", "&a\nusers: []", one("people:1: " + alias)},
		{"merge", "users:\n- {<<: {username: ada}}", one("people:2: " + alias)},
		{"binary", "users:\n- username: !!binary /w==", one(`people:2: the tag "!!binary" is not read: write the value without it`)},
		{"own tag", "users:\n- username: !env USER", one(`people:2: the tag "!env" is not read: write the value without it`)},
		{"escape in a tag", "users: !%1b[2J []", one(`people:1: the tag "!\x1b[2J" is not read: write the value without it`)},
		{"tag of a list", "users: !!set\n- {username: ada}", one(`people:1: the tag "!!set" is not read: write the value without it`)},
		{"tag of a mapping", "users:\n- !user {username: ada}", one(`people:2: the tag "!user" is not read: write the value without it`)},
		{"NUL", "users:\n- username: a\x00", one("people:2: has the control character U+0000")},
		{"not UTF-8", "users:\n# \u00e9\n- username: J\xe9r\xf4me", one("people:3: is not UTF-8")},
		{"UTF-16 without a mark", "u\x00s\x00", one("people:1: has the control character U+0000")},
	})
}

func TestRefusedJSON(t *testing.T) {
	t.Parallel()
	refuse(t, directory.JSON, []refusal{
		{"empty", "", one("people:1: is no JSON of users and groups: it ends too early")},
		{"blank", "\n\n", one("people:1: is no JSON of users and groups: it ends too early")},
		{"empty object", "{}", one(nothing)},
		{"null", "null", one("people:1: is no JSON of users and groups: want {, found null")},
		{"empty list", "\n[]", one("people:2: is no JSON of users and groups: want {, found [")},
		{"text", `"ada"`, one(`people:1: is no JSON of users and groups: want {, found the text "ada"`)},
		{"unknown section", "{\"users\": [],\n\"teams\": [{\"a\": [1]}]}", one(`people:2: unknown key "teams", want users, groups`)},
		{"section twice", "{\"users\": [{\"username\": \"ada\"}],\n\"users\": []}", one(`people:2: the key "users" is there twice`)},
		{"section is a mapping", "{\n\"users\": {}}", one("people:2: is no JSON of users and groups: want a list, found {")},
		{"entry is null", "{\"users\": [\nnull]}", one("people:2: is no JSON of users and groups: want {, found null")},
		{"entry is a number", "{\"users\": [\n42]}", one("people:2: is no JSON of users and groups: want {, found the number 42")},
		{"key twice", "{\"users\": [\n{\"username\": \"ada\",\n\"active\": false,\n\"active\": true}]}", one(`people:4: the key "active" is there twice`)},
		{"username is a number", "{\"users\": [{}, {\n\"username\": 1e999}]}", []string{
			"people:1: a user has neither username nor email",
			"people:1: username is the number 1e999, want a text (put it in quotes)",
			"people:1: a user has neither username nor email",
		}},
		{"the line is where an entry begins", "{\"users\": [\n{\n\"username\": \"ada\",\n\"mail\": 1\n}\n]\n}", one(`people:2: a user has the unknown key "mail", want username, id, name, email, emails, active, type, groups, attributes`)},
		{"value is a mapping", `{"users": [{"username": {"first": "ada"}, "email": "a"}]}`, one("people:1: username is a mapping, want a text (put it in quotes)")},
		{"truncated", "{\"users\": [\n{\"username\": \"ada\"},\n{\"userna", one("people:3: is no JSON of users and groups: it ends too early")},
		{"truncated between entries", "{\"users\": [{\"username\": \"ada\"}\n", one("people:1: is no JSON of users and groups: it ends too early")},
		{"garbage behind", "{\"users\": []}\n{}", one("people:2: is no JSON of users and groups: something follows the closing brace")},
		{"broken garbage behind", "{\"users\": []}\n]", one("people:2: is no JSON of users and groups: something follows the closing brace")},
		{"not quoted", "{\"users\": [{username: \"ada\"}]}", one("people:1: is no JSON of users and groups: invalid character 'u'")},
		{"raw NUL", "{\"users\": [\n{\"username\": \"a\x00\"}]}", one("people:2: has the control character U+0000")},
		{"escaped NUL", `{"users": [{"username": "a\u0000"}]}`, one(`people:1: username has a control character: "a\x00"`)},
		{"not UTF-8", "{\"users\":\n\"\xc3\"}", one("people:2: is not UTF-8")},
	})
}

func TestRefusedJSONLines(t *testing.T) {
	t.Parallel()
	refuse(t, directory.JSONLines, []refusal{
		{"empty", "", one(nothing)},
		{"blank", " \n\r\n", one(nothing)},
		{"bad lines", "{\"username\": \"ada\"}\n\nnull\n[]\n{\"username\": \n{\"username\": \"bo\"} {}\n{\"username\": \"bo\"},\nada", []string{
			"people:3: is no JSON object: want {, found null",
			"people:4: is no JSON object: want {, found [",
			"people:5: is no JSON object: it ends too early",
			"people:6: is no JSON object: something follows the closing brace",
			"people:7: is no JSON object: something follows the closing brace",
			"people:8: is no JSON object: invalid character 'a' looking for beginning of value",
		}},
		{"key twice", "{}\r\n{\"username\": \"ada\", \"username\": \"bo\"}", []string{"people:1: a user has neither username nor email", `people:2: the key "username" is there twice`}},
		{"a group that is a user", `{"username": "ada", "members": []}`, one(`people:1: a user has the unknown key "members", want username, id, name, email, emails, active, type, groups, attributes`)},
		{"unknown member", "{\"username\": \"ada\"}\n{\"name\": \"a\", \"members\": [\"bo\"]}", one(`people:2: the group "a" has the member "bo", who is no user (members are usernames)`)},
	})
}

func TestRefusedCSV(t *testing.T) {
	t.Parallel()
	const (
		columns   = "username, id, name, email, emails, active, type, groups, attributes.NAME"
		openQuote = "the quote that opens here is never closed, or a quote inside it is not doubled"
	)
	refuse(t, directory.CSV, []refusal{
		{"empty", "", one(nothing)},
		{"blank", "\n\r\n", one(nothing)},
		{"unknown columns", "\nusername;name\n", one(`people:2: unknown column "username;name", want ` + columns)},
		{"unknown and repeated columns", "username,mail,Username\nada,x,y\n", []string{`people:1: unknown column "mail", want ` + columns, `people:1: the column "Username" is there twice`}},
		{"no header", "ada,Ada Example\n", []string{`people:1: unknown column "ada", want ` + columns, `people:1: unknown column "Ada Example", want ` + columns}},
		{"lone quote in the header", "username,\"name\nada,x\n", one("people:1: " + openQuote)},
		{"lone quote", "username,name\nada,\"Ada\nbo,Bo\n", one("people:2: " + openQuote)},
		{"bare quote", "username,name\nada,A\"da\n", one("people:2: a field with a quote must be in quotes, and the quote doubled")},
		{"quote that is not doubled", "username,name\nada,\"A\"da\"\n", one("people:2: " + openQuote)},
		{"open quote after a line break", "username,name,type\n\nada,\"A\r\nda\",\"x\ny", one("people:4: " + openQuote)},
		{"open quote in a later row", "username,name\nada,Ada\n\n\"bo,Bo\ncleo,\"Cleo\"\n", one("people:4: " + openQuote)},
		{"the file ends in a record", "username,name,type\nada,Ada,x\nbo,B", one("people:3: expected 3 fields as in the header, found 2")},
		{"more fields than one", "username\nada,\n", one("people:2: expected 1 field as in the header, found 2")},
		{"too few and too many fields", "username,name\nada\nbo,Bo,x\ncleo,Cleo\n", []string{"people:2: expected 2 fields as in the header, found 1", "people:3: expected 2 fields as in the header, found 3"}},
		{"line break in quotes", "username,name\nada,\"A\nda\"\nada,x\n", []string{`people:2: name has a control character: "A\nda"`, `people:4: the username "ada" is there already, in line 2`}},
		{"active", "username,active\r\nada,yes\r\nbo,True\r\n", one(`people:2: active is the text "yes", want true or false`)},
		{"nobody", "username,name\n,Ada\n", one("people:2: a user has neither username nor email")},
		{"NUL", "username\na\x00\n", one("people:2: has the control character U+0000")},
	})
}

func TestProblemsAreCapped(t *testing.T) {
	t.Parallel()
	for problems, more := range map[int]string{20: "", 21: "and 1 more", 5000: "and 4980 more"} {
		_, err := directory.Parse([]byte(strings.Repeat("{}\n", problems)), "people", directory.JSONLines)
		lines := strings.Split(fmt.Sprint(err), "\n")
		rest := strings.Join(lines[20:], "\n")
		if lines[19] != "people:20: a user has neither username nor email" || rest != more {
			t.Errorf("%d problems end with %q and %q", problems, lines[19], rest)
		}
	}
}

// What is small and stands for much has to be refused before it grows.
func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := &strings.Builder{}
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 40 {
		fmt.Fprintf(bomb, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i)
	}
	const deep = 100_000
	tests := []struct {
		name   string
		format directory.Format
		in     string
	}{
		{"aliases", directory.YAML, bomb.String() + "users: [{username: ada, groups: *a40}]\n"},
		{"deep flow YAML", directory.YAML, "users: " + strings.Repeat("[", deep)},
		{"deep block YAML", directory.YAML, "users:\n" + strings.Repeat("- ", deep)},
		{"deep mapping YAML", directory.YAML, strings.Repeat("{a: ", deep)},
		{"deep closed YAML", directory.YAML, "users: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)},
		{"deep JSON value", directory.JSON, `{"users": [{"name": ` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}]}`},
		{"deep JSON section", directory.JSON, `{"users": ` + strings.Repeat(`[`, deep) + strings.Repeat("]", deep) + `}`},
		{"deep unknown JSON", directory.JSON, `{"x": ` + strings.Repeat(`{"x":`, deep)},
		{"deep JSON Lines", directory.JSONLines, `{"name": ` + strings.Repeat("[", deep)},
		{"quotes", directory.CSV, "username\n" + strings.Repeat(`"`, deep+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			if _, err := directory.Parse([]byte(tt.in), "people", tt.format); err == nil || len(err.Error()) > 10_000 {
				t.Errorf("was read, or answered at length")
			}
			if spent := time.Since(begin); spent > 10*time.Second {
				t.Errorf("took %s", spent)
			}
		})
	}
}
