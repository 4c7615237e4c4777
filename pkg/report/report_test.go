package report_test

import (
	"io"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type document struct {
	Name  string   `json:"name"`
	Yes   string   `json:"yes"`
	Count int      `json:"count"`
	List  []string `json:"list"`
	Empty []string `json:"empty"`
}

func (d document) RenderText(w io.Writer, s ui.Styles) error {
	_, err := io.WriteString(w, s.Title(d.Name)+"\n")
	return err
}

type shellDocument struct{ document }

func (d shellDocument) Variables() []report.Variable {
	return []report.Variable{{Name: "NAME", Value: d.Name}, {Name: "COUNT", Value: "1"}}
}

func sample(name string) document {
	return document{Name: name, Yes: "true", Count: 1, List: []string{"a", "b: c"}, Empty: []string{}}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := map[report.Format]string{
		report.Text: "<x> & 'y'\n",
		report.JSON: `{
  "name": "<x> & 'y'",
  "yes": "true",
  "count": 1,
  "list": [
    "a",
    "b: c"
  ],
  "empty": []
}
`,
		report.YAML: "name: <x> & 'y'\nyes: \"true\"\ncount: 1\nlist:\n  - a\n  - 'b: c'\nempty: []\n",
		report.Env:  "NAME='<x> & '\\''y'\\'''\nCOUNT=1\n",
	}
	for format, want := range tests {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := report.Write(&out, ui.Plain(), format, shellDocument{sample("<x> & 'y'")}); err != nil {
				t.Fatal(err)
			}
			if out.String() != want {
				t.Errorf("got\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

func TestAShellReadsBackWhatEnvWrites(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no POSIX shell")
	}
	const name = "a'b \"c\" $(touch x) `y` \\ * \n z"
	var out strings.Builder
	if err := report.Write(&out, ui.Plain(), report.Env, shellDocument{sample(name)}); err != nil {
		t.Fatal(err)
	}
	got, err := exec.CommandContext(t.Context(), "sh", "-c", out.String()+`printf %s "$NAME"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != name {
		t.Errorf("the shell read %q, want %q", got, name)
	}
}

func TestWhatCannotBeWrittenIsAUsageError(t *testing.T) {
	t.Parallel()
	for _, format := range []report.Format{report.Env, report.SARIF, "xml"} {
		var out strings.Builder
		err := report.Write(&out, ui.Plain(), format, sample("x"))
		if fault.CodeOf(err) != fault.Usage || out.Len() != 0 {
			t.Errorf("%s: got %v and %q", format, err, out.String())
		}
	}
}

type scannedDocument struct{ document }

func (d scannedDocument) SARIF() any { return map[string]string{"version": d.Name} }

func TestWriteSARIF(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := report.Write(&out, ui.Plain(), report.SARIF, scannedDocument{sample("2.1.0 <x>")}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"version\": \"2.1.0 <x>\"\n}\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type pageDocument struct{ document }

func (pageDocument) HTML() ([]byte, error) { return []byte("<!DOCTYPE html>\n"), nil }

func TestAPageIsForDocumentsThatAreOne(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := report.Write(&out, ui.Plain(), report.HTML, pageDocument{sample("x")}); err != nil || out.String() != "<!DOCTYPE html>\n" {
		t.Errorf("wrote %q, %v", out.String(), err)
	}
	if err := report.Write(&out, ui.Plain(), report.HTML, sample("x")); fault.CodeOf(err) != fault.Usage {
		t.Errorf("another document: %v", err)
	}
}
