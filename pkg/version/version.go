// Package version knows what was built: the release, the commit and the
// toolchain, as the linker and the Go build information tell.
package version

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Info is the document of `sentryidp version`. Commit and Date are empty where
// the build did not record them; Date is the commit's, RFC 3339. Builder is the
// address of the workflow that built a release, or "source". Modules are what
// was linked, sorted by path; the text does not list them.
type Info struct {
	Version  string   `json:"version" yaml:"version"`
	Commit   string   `json:"commit" yaml:"commit"`
	Date     string   `json:"date" yaml:"date"`
	Modified bool     `json:"modified" yaml:"modified"`
	Builder  string   `json:"builder" yaml:"builder"`
	Go       string   `json:"go" yaml:"go"`
	Platform string   `json:"platform" yaml:"platform"`
	Modules  []Module `json:"modules" yaml:"modules"`
}

// Module is a dependency that was linked, with its checksum as in go.sum. Path,
// Version and Sum are those of the replacement where go.mod replaces it.
type Module struct {
	Path    string `json:"path" yaml:"path"`
	Version string `json:"version" yaml:"version"`
	Sum     string `json:"sum" yaml:"sum"`
}

// Read returns the facts of this build. release and builder are what the linker
// was told, or empty: then the module's version is taken, or "dev", and "source".
func Read(release, builder string) Info {
	build, _ := debug.ReadBuildInfo()
	return Of(build, release, builder)
}

// Of is Read for a given build, nil where nothing is known of it.
func Of(build *debug.BuildInfo, release, builder string) Info {
	info := Info{
		Version: release, Builder: cmp.Or(builder, "source"),
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Modules: []Module{},
	}
	if build != nil {
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
	for _, dep := range build.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		i.Modules = append(i.Modules, Module{Path: dep.Path, Version: dep.Version, Sum: dep.Sum})
	}
}

// RenderText writes one line for the release and one a fact.
func (i Info) RenderText(w io.Writer, s ui.Styles) error {
	rows := [][2]string{{"commit", i.Commit}, {"built", i.Date}, {"builder", i.Builder}, {"go", i.Go}, {"platform", i.Platform}}
	if i.Modified {
		rows[0][1] += " (modified)"
	}
	if _, err := fmt.Fprintf(w, "%s %s\n", s.Title("sentryidp"), i.Version); err != nil {
		return err
	}
	return s.Pairs(w, rows)
}
