package answer_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/answer"
)

func TestReason(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, want string
		isJSON     bool
	}{
		"a detail":          {`{"detail": "Not found."}`, "Not found.", true},
		"fields":            {`{"url": ["Enter a URL.", "Too long."], "name": ["Required."]}`, "name: Required.; url: Enter a URL.; url: Too long.", true},
		"nested":            {`{"app": {"slug": ["taken"]}, "ok": null}`, "app.slug: taken", true},
		"the same twice":    {`{"a": ["x", "x"]}`, "a: x", true},
		"a page":            {"\n<html><title> Bad\n gateway </title>", `an HTML page titled "Bad gateway"`, false},
		"a bare page":       {"<h1>no</h1>", "an HTML page", false},
		"a list":            {`["no"]`, "a JSON list", false},
		"half an object":    {`{"detail": `, "JSON that cannot be read", false},
		"a text":            {"upstream\x1b[31m gone", `the text "upstream`, false},
		"nothing":           {" \n", "", false},
		"null":              {"null", `the text "null"`, false},
		"a detail in parts": {`{"detail": ["a", "b"]}`, "detail: a; detail: b", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, isJSON := answer.Reason([]byte(test.body))
			if !strings.HasPrefix(got, test.want) || isJSON != test.isJSON || test.want == "" && got != "" {
				t.Errorf("%q, JSON %v, want %q, %v", got, isJSON, test.want, test.isJSON)
			}
		})
	}
}

func FuzzReason(f *testing.F) {
	f.Add([]byte(`{"detail": "no"}`))
	f.Add([]byte(`{"a": {"b": [1, null, {"c": "\u001b[1m"}]}}`))
	f.Add([]byte("<title>\x00\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _ := answer.Reason(body)
		if len(got) > 1024 || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q is not fit to be shown", got)
		}
	})
}
