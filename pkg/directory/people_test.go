package directory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

func samplePath(extension string) string {
	return filepath.Join("..", "..", "testdata", "directory", "people."+extension)
}

// samples is what each of the files in testdata/directory says.
func samples() *directory.Directory {
	return &directory.Directory{
		People: []directory.Person{
			{ID: "007", Username: "007", Name: `"Gus", the Tester`, Email: "gus@acme.test", Active: true, Type: "external", Groups: []string{"on call"}},
			{ID: "ada", Username: "ada", Name: "Ada Example", Email: "ada@acme.test", Active: true, Type: "internal", Groups: []string{"developers", "managers"}, Emails: []string{"A.Example@acme.test", "ada@home.test"}},
			{ID: "backup", Username: "backup", Name: "Backup Job", Email: "backup@acme.test", Active: true, Type: "service_account"},
			{ID: "bo", Username: "bo", Name: "Bo van der Sample", Email: "bo@acme.test", Active: true, Type: "internal", Groups: []string{"developers", "managers"}},
			{ID: "c-3", Username: "cleo", Name: "Cleo", Email: "Cleo@acme.test", Active: true, Type: "internal", Groups: []string{"developers", "on call"}},
			{ID: "dino", Username: "dino", Name: "Dino Sample", Email: "dino@acme.test", Type: "internal", Groups: []string{"developers"}},
			{ID: "fay", Username: "fay", Name: "Fay Example", Active: true, Type: "internal"},
			{Username: "ève@bücher.acme.test", Name: "Ève Échantillon", Email: "ève@bücher.acme.test", Active: true, Type: "internal", Groups: []string{"on call"}},
		},
		Groups: []directory.Group{
			{Name: "developers", Members: []string{"ada", "bo", "cleo", "dino"}},
			{Name: "managers", Members: []string{"ada", "bo"}},
			{Name: "on call", Members: []string{"007", "cleo", "ève@bücher.acme.test"}},
		},
	}
}

// readFile reads a file of testdata.
func readFile(t *testing.T, path string) (*directory.Directory, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return directory.Parse(data, path, directory.FormatOf(path, data))
}

func TestFilesSayTheSame(t *testing.T) {
	t.Parallel()
	for _, extension := range []string{"yaml", "json", "jsonl", "csv"} {
		t.Run(extension, func(t *testing.T) {
			t.Parallel()
			want := samples()
			want.Source = samplePath(extension)
			got, err := readFile(t, want.Source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, butBlank()); diff != "" {
				t.Errorf("directory (-want +got):\n%s", diff)
			}
		})
	}
}

// butBlank compares people but for blank cells, which only a table has.
func butBlank() cmp.Option { return cmpopts.IgnoreFields(directory.Person{}, "ActiveBlank") }

// Standard input has no extension: the content decides, however its bytes are
// dressed.
func TestStandardInput(t *testing.T) {
	t.Parallel()
	dresses := map[string]func([]byte) []byte{
		"plain":         func(data []byte) []byte { return data },
		"BOM":           func(data []byte) []byte { return append([]byte("\ufeff"), data...) },
		"CRLF":          func(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")) },
		"no end":        bytes.TrimSpace,
		"blanks around": func(data []byte) []byte { return append([]byte("\n\n"), append(data, "\n\n"...)...) },
	}
	for _, extension := range []string{"yaml", "json", "jsonl", "csv"} {
		for name, dress := range dresses {
			t.Run(extension+" "+name, func(t *testing.T) {
				t.Parallel()
				data, err := os.ReadFile(samplePath(extension))
				if err != nil {
					t.Fatal(err)
				}
				data = dress(data)
				got, err := directory.Parse(data, "standard input", directory.FormatOf("-", data))
				if err != nil {
					t.Fatal(err)
				}
				want := samples()
				want.Source = "standard input"
				if diff := cmp.Diff(want, got, butBlank()); diff != "" {
					t.Errorf("directory (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	ada := []directory.Person{{Username: "ada@acme.test", Email: "ada@acme.test", Active: true, Type: "internal"}}
	tests := []struct{ name, in string }{
		{"JSON in one line", `{"users": [{"email": "ada@acme.test"}]}`},
		{"JSON, groups first, in one line", `{"groups": [], "users": [{"email": "ada@acme.test"}]}`},
		{"JSON in two lines", "{\"users\": [\n{\"email\": \"ada@acme.test\"}]}"},
		{"JSON Lines of one user", `{ "email": "ada@acme.test", "groups": [] }`},
		{"CSV of one column", "email\nada@acme.test\n"},
		{"CSV of two columns", "name,email\n,ada@acme.test\n"},
		{"YAML", "users: [{email: ada@acme.test}]"},
		{"YAML after a comment", "# people, and groups\nusers:\n- email: ada@acme.test\n"},
		{"YAML after a document start", "---\nusers:\n- email: ada@acme.test\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"-", "people.txt"} {
				got, err := directory.Parse([]byte(tt.in), path, directory.FormatOf(path, []byte(tt.in)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(ada, got.People); diff != "" {
					t.Errorf("people of %s (-want +got):\n%s", path, diff)
				}
			}
		})
	}
}

func TestExtensionDecides(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(samplePath("jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for extension, read := range map[string]bool{"ndjson": true, "JSONL": true, "json": false, "csv": false, "yml": false} {
		path := "people." + extension
		if _, err := directory.Parse(data, path, directory.FormatOf(path, data)); (err == nil) != read {
			t.Errorf("JSON Lines as .%s: %v", extension, err)
		}
	}
}
