package bom_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/bom"
)

func TestText(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"":                         "",
		"a\r\n":                    "a\r\n",
		"\uFEFFa":                  "a",
		"\uFEFF":                   "",
		"a\uFEFF":                  "a\uFEFF",
		"\xFF\xFEa\x00\xE9\x00":    "aé",
		"\xFE\xFF\x00a\x00\xE9":    "aé",
		"\xFF\xFE\x3D\xD8\x00\xDE": "😀",
		"\xFF\xFE":                 "",
		"\xFF\xFEa":                "\uFFFD",
		"\x30\x82\xFE\xFF":         "\x30\x82\xFE\xFF",
		"\xFF":                     "\xFF",
	} {
		if got := string(bom.Text([]byte(data))); got != want {
			t.Errorf("%q is %q, expected %q", data, got, want)
		}
	}
}
