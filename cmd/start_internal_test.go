package cmd

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// BenchmarkStart is a whole run of a command that does next to nothing.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a := &app{term: ui.Test(strings.NewReader(""), io.Discard, io.Discard), now: time.Now}
		if code := a.run(b.Context(), []string{"saml", "urls", "--org", "acme"}); code != 0 {
			b.Fatal(code)
		}
	}
}

// TestStartAllocatesLittle bounds what every run pays before it does anything. The
// bound has room for a few more commands and settings, and none for a table that is
// made again for every flag.
func TestStartAllocatesLittle(t *testing.T) { //nolint:paralleltest // others would be counted too
	const most = 12_000 // 8,900 when it was set
	allocated := testing.AllocsPerRun(5, func() {
		a := &app{term: ui.Test(strings.NewReader(""), io.Discard, io.Discard), now: time.Now}
		if code := a.run(t.Context(), []string{"saml", "urls", "--org", "acme"}); code != 0 {
			t.Error(code)
		}
	})
	if allocated > most {
		t.Errorf("a start allocates %.0f times, expected at most %d", allocated, most)
	}
}
