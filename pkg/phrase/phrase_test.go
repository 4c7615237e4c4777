package phrase_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/phrase"
)

func TestARepeatedFlagIsWhatAShellTakes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"eng, data":        "--group eng --group data",
		"Site B,O'Neill,,": `--group 'Site B' --group 'O'\''Neill'`,
		"a\x1b[2J,b*":      `--group "a\x1b[2J" --group 'b*'`,
		"é":                "--group é",
		"":                 "",
	} {
		if got := phrase.Repeated("--group", value); got != want {
			t.Errorf("%q: %s, expected %s", value, got, want)
		}
	}
}
