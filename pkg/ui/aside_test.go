package ui_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestWhatARunAsideSaysCarriesItsName(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	term := ui.Test(strings.NewReader("yes\n"), &out, &errs)
	aside, flush := term.Aside("a\x1bb")
	aside.Note("one\ntwo")
	aside.Warn("three")
	if _, err := aside.Out.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	if _, err := aside.Err.Write([]byte("rest")); err != nil {
		t.Fatal(err)
	}
	flush()
	flush()
	if aside.CanAsk() || out.Len() > 0 {
		t.Errorf("it asks, or has the result %q", out.String())
	}
	name := ui.Printable("a\x1bb")
	want := strings.ReplaceAll("N: note: one\nN: two\nN: warning: three\nN: rest\n", "N", name)
	if errs.String() != want {
		t.Errorf("got %q, expected %q", errs.String(), want)
	}
}
