package version_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/ui"
	"github.com/sentryidp/sentryidp/pkg/version"
)

func TestTheReleaseOfTheLinkerWins(t *testing.T) {
	t.Parallel()
	info := version.Read("1.2.3")
	if info.Version != "1.2.3" || info.Go == "" || !strings.Contains(info.Platform, "/") {
		t.Errorf("got %+v", info)
	}
	var text strings.Builder
	if err := info.RenderText(&text, ui.Plain()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), "sentryidp 1.2.3\n") {
		t.Errorf("text is %q", text.String())
	}
}

func TestABuildWithoutAReleaseSaysSo(t *testing.T) {
	t.Parallel()
	if info := version.Read(""); info.Version == "" {
		t.Error("the version is empty")
	}
}
