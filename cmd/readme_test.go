package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// TestTheReadmeHasTheTablesOfTheCode keeps the generated parts of the README;
// -update rewrites them.
func TestTheReadmeHasTheTablesOfTheCode(t *testing.T) {
	t.Parallel()
	const path = "../README.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := replacePart(t, string(data), "settings", config.SettingsTable())
	want = replacePart(t, want, "exit codes", exitCodeTable())
	if want == string(data) {
		return
	}
	if !*update {
		t.Fatal("the tables of README.md are not those of the code: go test ./cmd -run Readme -update")
	}
	if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exitCodeTable() string {
	var table strings.Builder
	table.WriteString("| code | meaning |\n|--:|---|\n")
	for _, m := range fault.Meanings() {
		fmt.Fprintf(&table, "| %d | %s |\n", m.Code, m.Text)
	}
	return table.String() + "\n" + fault.InputRule() + "\n"
}

func replacePart(t *testing.T, text, name, part string) string {
	t.Helper()
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	before, rest, found := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("README.md has no part %q", name)
	}
	return before + begin + "\n" + strings.TrimSpace(part) + "\n\n" + end + after
}

// TestReadmeNamesTheReleaseThatVerdictsFollow holds README, and the releases that
// the tests compare with, to the one place that says which Sentry pins.
func TestReadmeNamesTheReleaseThatVerdictsFollow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "python3-saml "+sentry.PythonSAML+", the release that Sentry pins") {
		t.Errorf("README does not say that verdicts follow python3-saml %s", sentry.PythonSAML)
	}
	list, err := os.ReadFile(filepath.Join("..", "testdata", "peers", "python3-saml-"+sentry.PythonSAML+".txt"))
	if err != nil || !strings.HasPrefix(string(list), "python3-saml=="+sentry.PythonSAML+"\n") {
		t.Errorf("the tests do not compare with it: %q, %v", list, err)
	}
}
