package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
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

// TestTheReadmeHasTenLinesForCI of a workflow, whose actions exist.
func TestTheReadmeHasTenLinesForCI(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n### In CI\n")
	_, block, _ := strings.Cut(section, "```yaml\n")
	block, _, found := strings.Cut(block, "```\n")
	if lines := strings.Count(block, "\n"); !found || lines != 10 {
		t.Fatalf("%d lines, want 10:\n%s", lines, block)
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []struct{ Uses string } }
	}
	if err := yaml.Unmarshal([]byte(block), &workflow); err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, step := range workflow.Jobs["push"].Steps {
		folder, is := strings.CutPrefix(step.Uses, "sentryidp/sentryidp/")
		folder, _, _ = strings.Cut(folder, "@")
		if !is {
			continue
		}
		ours++
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(folder), "action.yml")); err != nil {
			t.Error(err)
		}
	}
	if ours != 2 {
		t.Errorf("%d actions of ours, want 2", ours)
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

// TestActionsOfOthersArePinned by a commit, with its tag as the comment: a tag can
// be moved.
func TestActionsOfOthersArePinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	uses := regexp.MustCompile(`(?m)^[ -]+uses: (.*)$`)
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"setup", "push", "check"} {
		files = append(files, filepath.Join("..", ".github", "actions", name, "action.yml"))
	}
	found := 0
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range uses.FindAllStringSubmatch(string(data), -1) {
			if found++; !pinned.MatchString(match[1]) {
				t.Errorf("%s: not pinned: %s", path, match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d uses of actions were found", found)
	}
}
