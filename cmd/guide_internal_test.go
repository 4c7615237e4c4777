package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// commandsOf are the commands of this program in a guide, as words.
func commandsOf(t *testing.T, g *guide.Guide) [][]string {
	t.Helper()
	var all [][]string
	for _, s := range g.Steps {
		for _, a := range s.Actions {
			for _, command := range a.Commands {
				if _, words, is := strings.Cut(command, "sentryidp "); is {
					all = append(all, strings.Fields(words))
				}
			}
		}
	}
	if len(all) < 10 {
		t.Errorf("the guide has only the commands %v", all)
	}
	return all
}

// TestEveryCommandOfTheGuideCanBeRun finds names and flags that this program does
// not have.
func TestEveryCommandOfTheGuideCanBeRun(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://sentry.io", "https://sentry.example.com"} {
		base, _, err := sentry.ParseBase(address)
		if err != nil {
			t.Fatal(err)
		}
		a, _, _ := testApp()
		settings := guide.Settings{Sentry: base, Org: "acme", AuthentikURL: "https://authentik.example.com", Application: "sentry", BindGroups: []string{"staff"}}
		for _, words := range commandsOf(t, guide.New(settings)) {
			cmd, rest, err := newRoot(a).Find(words)
			if err != nil || !cmd.Runnable() {
				t.Errorf("%v is no command: %v", words, err)
				continue
			}
			if err := cmd.ParseFlags(rest); err != nil {
				t.Errorf("%v: %v", words, err)
			}
			if err := cmd.Args(cmd, cmd.Flags().Args()); err != nil {
				t.Errorf("%v: %v", words, err)
			}
		}
	}
}

// TestTheGuideNamesSettingsThatExist looks up what it says to set.
func TestTheGuideNamesSettingsThatExist(t *testing.T) {
	t.Parallel()
	var variables []string
	for _, s := range config.Settings() {
		variables = append(variables, s.Env(), s.Env()+"_FILE")
	}
	seen := 0
	for _, s := range guide.New(guide.Settings{}).Steps {
		for _, a := range s.Actions {
			for _, v := range a.Values {
				switch {
				case v.Label == "Setting" && config.SettingOf(v.Value).Path == "", v.Label == "Variable" && !slices.Contains(variables, v.Value):
					t.Errorf("%s is not known", v.Value)
				case v.Label == "Setting", v.Label == "Variable":
					seen++
				}
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d are named", seen)
	}
}
