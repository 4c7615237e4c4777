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
