package fault_test

import (
	"errors"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

func TestNoURLOfAMessageHasASecret(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"fetch https://id.example/meta?token=x&a=b#c: refused":    "fetch https://id.example/meta?…: refused",
		`parse "http://[::1?token=x": missing ']' in host`:        `parse "http://[::1?…": missing ']' in host`,
		"(https://id.example/?token=x), http://b.example/#frag.":  "(https://id.example/?…), http://b.example/#….",
		"http://user:pass@id.example:8080/a b":                    "http://…@id.example:8080/a b",
		"proxy socks5h://me@127.0.0.1:1?x":                        "proxy socks5h://…@127.0.0.1:1?…",
		"https://id.example/path stays, and so does who? 3 != #4": "https://id.example/path stays, and so does who? 3 != #4",
		"two\nhttps://a.example?x\nlines":                         "two\nhttps://a.example?…\nlines",
		"":                                                        "",
	} {
		if got := fault.Text(errors.New(text)); got != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
		if again := fault.Harmless(want); again != want {
			t.Errorf("%q is %q the second time", want, again)
		}
	}
	err := fault.Hint(errors.New("x"), "look at https://id.example/?token=%s", "x")
	if hints := fault.Hints(err); len(hints) != 1 || hints[0] != "look at https://id.example/?…" {
		t.Errorf("the hint is %q", hints)
	}
}
