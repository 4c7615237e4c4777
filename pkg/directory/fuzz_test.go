package directory_test

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

func FuzzParseYAML(f *testing.F) {
	fuzz(f, directory.YAML, "users: [&a {username: ada}, *a]", "users:\n- <<: {a: b}", "users: [{username: !!binary AA==}]", "a\n---\nb", "{", "? [a]\n: b", "users: [{username: 2020-01-01, active: .inf}]",
		"users: [{username: a, id: b}, {username: b}, {email: c, id: '', emails: [C, d, D, ''], active: }]")
}

func FuzzParseJSON(f *testing.F) {
	fuzz(f, directory.JSON, `{"users": [null]}`, `{"users": null, "groups": [{"name": "a", "members": ["a", 1, null]}]}`, `{"users": [{"username": "\ud800"}]}{`, "[[[[", `{"users":[{"username":1e999}]`,
		`{"users": [{"id": "a", "email": "x@acme.test", "emails": ["X@acme.test", "y", null], "active": null}, {"username": "a"}]}`)
}

func FuzzParseJSONLines(f *testing.F) {
	fuzz(f, directory.JSONLines, "{}\nnull\n[]\n{\"username\":1}", `{"name": "a", "members": []}`, "{\"a\":{\"a\":{}}}\r\n\r{}",
		"{\"id\": \"a\", \"email\": \"x\", \"emails\": [\"X\", \"y\", \"Y\"]}\n{\"username\": \"a\"}\n{\"id\": 1}")
}

func FuzzParseCSV(f *testing.F) {
	fuzz(f, directory.CSV, "username\n\"", "username,active\nada,yes,\n\r\r\n", "\"username\",groups\n\"a\"\"b\",;a;;b", "email\r\n a@acme.test \r\n",
		"id,username,email,emails,active\n1,,x,X;y;;Y,\n,1,,;,false\n", "id,username\n1,\"a\nb", "id,emails\n1")
}

// fuzz parses anything. What is read has to hold the promises of Directory.
func fuzz(f *testing.F, format directory.Format, seeds ...string) {
	f.Helper()
	sample, err := os.ReadFile(samplePath(string(format)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := directory.Parse(data, "people", format)
		if err == nil {
			checkPromises(t, d)
		} else if d != nil {
			t.Errorf("a directory beside the error %v", err)
		}
	})
}

func checkPromises(t *testing.T, d *directory.Directory) {
	t.Helper()
	type membership struct{ group, username string }
	said := map[membership]bool{}
	ids := map[string]bool{}
	for i, p := range d.People {
		if p.Username == "" || p.Type == "" || i > 0 && d.People[i-1].Username >= p.Username || !slices.IsSorted(p.Groups) {
			t.Errorf("person %d: %+v", i, p)
		}
		if ids[p.ID] && p.ID != "" || p.ActiveBlank && !p.Active || !cmp.Equal(p.Emails, directory.FurtherEmails(p.Email, p.Emails)) || slices.Contains(p.Emails, "") {
			t.Errorf("person %d: %+v", i, p)
		}
		ids[p.ID] = true
		for _, group := range p.Groups {
			said[membership{group, p.Username}] = true
		}
	}
	for i, g := range d.Groups {
		if g.Name == "" || i > 0 && d.Groups[i-1].Name >= g.Name || !slices.IsSorted(g.Members) {
			t.Errorf("group %d: %+v", i, g)
		}
		for _, username := range g.Members {
			if !said[membership{g.Name, username}] {
				t.Errorf("only the group %q says that %q is in it", g.Name, username)
			}
			delete(said, membership{g.Name, username})
		}
	}
	if len(said) > 0 {
		t.Errorf("only people say these memberships: %v", said)
	}
}
