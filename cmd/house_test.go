package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestTheMapOfTheHouseHasEveryRoom keeps the map complete.
func TestTheMapOfTheHouseHasEveryRoom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.github/CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range imports() {
		if name != "" && !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("CONTRIBUTING.md does not name %s", name)
		}
	}
}

// TestIssueFormsAskForTheDoctor: what a set-up is, without its secrets.
func TestIssueFormsAskForTheDoctor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bug.yml", "feature.yml"} {
		data, err := os.ReadFile(filepath.Join("..", ".github", "ISSUE_TEMPLATE", name))
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Name, Description string
			Body              []struct {
				Type, ID   string
				Attributes struct{ Label string }
			}
		}
		if err := yaml.Unmarshal(data, &form); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		asks := false
		for _, field := range form.Body {
			asks = asks || field.ID == "doctor" && field.Attributes.Label == "sentryidp doctor -o json"
		}
		if form.Name == "" || form.Description == "" || !asks {
			t.Errorf("%s has no name, no description, or does not ask for it:\n%+v", name, form)
		}
	}
}
