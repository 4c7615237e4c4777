package version_test

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/ui"
	"github.com/sentryidp/sentryidp/pkg/version"
)

func TestTheReleaseOfTheLinkerWins(t *testing.T) {
	t.Parallel()
	info := version.Read("1.2.3", "")
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
	if info := version.Read("", ""); info.Version == "" {
		t.Error("the version is empty")
	}
}

func TestTheBuilderIsTheOneOfTheLinkerOrSource(t *testing.T) {
	t.Parallel()
	for builder, want := range map[string]string{"": "source", "https://ci.example/release": "https://ci.example/release"} {
		info := version.Read("1.2.3", builder)
		var text strings.Builder
		if err := info.RenderText(&text, ui.Plain()); err != nil {
			t.Fatal(err)
		}
		if info.Builder != want || !strings.Contains(text.String(), want+"\n") {
			t.Errorf("builder %q: got %q in\n%s", builder, info.Builder, text.String())
		}
	}
}

func TestABuildTellsItsCommitAndModules(t *testing.T) {
	t.Parallel()
	build := &debug.BuildInfo{
		Main: debug.Module{Path: "example.test/main", Version: "v0.9.0"},
		Deps: []*debug.Module{
			{Path: "example.test/a", Version: "v1.0.0", Sum: "h1:a"},
			{Path: "example.test/b", Version: "v1.0.0", Sum: "h1:b", Replace: &debug.Module{Path: "example.test/fork", Version: "v2.0.0", Sum: "h1:fork"}},
		},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	got := version.Of(build, "", "")
	got.Go, got.Platform = "", ""
	want := version.Info{
		Version: "v0.9.0", Commit: "0123abcd", Date: "2026-01-02T03:04:05Z", Modified: true, Builder: "source",
		Modules: []version.Module{{Path: "example.test/a", Version: "v1.0.0", Sum: "h1:a"}, {Path: "example.test/fork", Version: "v2.0.0", Sum: "h1:fork"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
