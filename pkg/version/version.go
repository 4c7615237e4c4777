// Package version knows what was built: the release, the commit and the
// toolchain, as the linker and the Go build information tell.
package version

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Info is the document of `sentryidp version`. Commit and Date are empty where
// the build did not record them; Date is RFC 3339.
type Info struct {
	Version  string `json:"version" yaml:"version"`
	Commit   string `json:"commit" yaml:"commit"`
	Date     string `json:"date" yaml:"date"`
	Modified bool   `json:"modified" yaml:"modified"`
	Go       string `json:"go" yaml:"go"`
	Platform string `json:"platform" yaml:"platform"`
}

// Read returns the facts of this build. release is what the linker was told,
// or empty: then the module's version is taken, or "dev".
func Read(release string) Info {
	info := Info{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	build, ok := debug.ReadBuildInfo()
	if ok {
		info.fill(build)
	}
	if info.Version == "" {
		info.Version = "dev"
	}
	return info
}

func (i *Info) fill(build *debug.BuildInfo) {
	if i.Version == "" && build.Main.Version != "(devel)" {
		i.Version = build.Main.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.time":
			i.Date = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
}

// RenderText writes one line for the release and one a fact.
func (i Info) RenderText(w io.Writer, s ui.Styles) error {
	rows := [][2]string{{"commit", i.Commit}, {"built", i.Date}, {"go", i.Go}, {"platform", i.Platform}}
	if i.Modified {
		rows[0][1] += " (modified)"
	}
	if _, err := fmt.Fprintf(w, "%s %s\n", s.Title("sentryidp"), i.Version); err != nil {
		return err
	}
	return s.Pairs(w, rows)
}
