package ui_test

import (
	"bytes"
	"errors"
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

// TestAsideInActions: what a run says aside is no command of the runner, and its
// errors are annotations as those of a run alone are.
func TestAsideInActions(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	term := ui.Test(strings.NewReader(""), &bytes.Buffer{}, &errs)
	term.Annotations = "a"
	aside, flush := term.Aside("::stop-commands::x")
	aside.Note("team ##[add-mask]a")
	aside.Fail(errors.New("it broke"), nil)
	if _, err := aside.Err.Write([]byte("rest ##[add-mask]b")); err != nil {
		t.Fatal(err)
	}
	flush()
	const name = ":\uFFFD:stop-commands::x: "
	want := name + "note: team ##\uFFFD[add-mask]a\n" + name + "error: it broke\n" +
		"::error title=a%3A %3A%3Astop-commands%3A%3Ax::it broke\n" + name + "rest ##\uFFFD[add-mask]b\n"
	if errs.String() != want {
		t.Errorf("got\n%s\nexpected\n%s", errs.String(), want)
	}
}
