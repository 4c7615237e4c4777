package ui_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

const prose = `Read the directory and Sentry, make a plan, and
apply it.

  prepare  make the next pair and upload it
  switch   sign with it. Change the certificate
           in Sentry too.

    0  done
  130  interrupted

  # a line to copy

  A_LONG_NAME
      what it means,
      and more
A last word.

A HEADING
Its text.

  - one point, which
    goes on
  - another
`

func TestTextFillsTheWidth(t *testing.T) {
	t.Parallel()
	want := map[int]string{
		80: `Read the directory and Sentry, make a plan, and apply it.

  prepare  make the next pair and upload it
  switch   sign with it. Change the certificate in Sentry too.

    0  done
  130  interrupted

  # a line to copy

  A_LONG_NAME
      what it means, and more
A last word.

A HEADING
Its text.

  - one point, which goes on
  - another
`,
		30: `Read the directory and Sentry,
make a plan, and apply it.

  prepare  make the next pair
           and upload it
  switch   sign with it.
           Change the
           certificate in
           Sentry too.

    0  done
  130  interrupted

  # a line to copy

  A_LONG_NAME
      what it means, and more
A last word.

A HEADING
Its text.

  - one point, which goes on
  - another
`,
		16: `Read the
directory and
Sentry, make a
plan, and apply
it.

  prepare
      make the
      next pair
      and upload
      it
  switch
      sign with
      it. Change
      the
      certificate
      in Sentry
      too.

    0  done
  130  interrupted

  # a line to
    copy

  A_LONG_NAME
      what it
      means, and
      more
A last word.

A HEADING
Its text.

  - one point,
    which goes
    on
  - another
`,
	}
	for width, text := range want {
		if diff := cmp.Diff(text, ui.Fill(ui.Blocks(prose), width)); diff != "" {
			t.Errorf("%d columns: %s", width, diff)
		}
	}
}

// TestTextIsKept fills any text: the words stay, and no line that has more than a
// label and a word is too long.
func TestTextIsKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`((  )?([a-zé]{1,9}  )?([a-zé.]{1,9} ){0,9}\n){0,9}`).Draw(t, "text")
		width := rapid.IntRange(1, 90).Draw(t, "width")
		filled := ui.Fill(ui.Blocks(text), width)
		if diff := cmp.Diff(strings.Fields(text), strings.Fields(filled)); diff != "" {
			t.Error(diff)
		}
		for line := range strings.Lines(filled) {
			line = strings.TrimSuffix(line, "\n")
			if words := strings.Fields(line); len([]rune(line)) > width && len(words) > 2 {
				t.Errorf("%q is longer than %d", line, width)
			}
		}
	})
}
