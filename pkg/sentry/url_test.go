package sentry_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// urls are addresses and whether python3-saml and Sentry's forms accept them.
func urls() map[string][2]bool {
	return map[string][2]bool{
		"https://sentry.example.com/":     {true, true},
		"https://sentry.example.com":      {true, true},
		"https://sentry.example.com./":    {true, true},
		"HTTPS://Sentry.Example.COM:8443": {true, true},
		"http://localhost:9000/":          {true, true},
		"http://127.0.0.1/":               {true, true},
		"http://999.1.1.1/":               {true, false},
		"http://[::1]:9000/":              {true, true},
		"https://a_b.example.com/":        {true, false},
		"https://_a.example.com/":         {true, false},
		"https://xn--bcher-kva.example/":  {true, true},
		"https://-a.example.com/":         {false, false},
		"https://a-.example.com/":         {false, false},
		"https://sentry/":                 {false, false},
		"http://sentry:9000/":             {false, false},
		"https://a.b/":                    {false, false},
		"https://bücher.example/":         {false, true},
		"/saml/acs/acme/":                 {false, false},
		"sentry.example.com":              {false, true},
		"https://sentry.example.com/a b":  {false, false},
		"gopher://sentry.example.com/":    {false, false},
		"":                                {false, false},
		"ftps://files.example.com/?a=b":   {true, true},
	}
}

func TestURLsThatSentryAccepts(t *testing.T) {
	t.Parallel()
	for text, want := range urls() {
		if got := [2]bool{sentry.IsSAMLURL(text), sentry.IsFormURL(text)}; got != want {
			t.Errorf("%q: SAML and form accept it: %v, want %v", text, got, want)
		}
	}
}

// TestTheLibraryAcceptsTheSameURLs asks python3-saml about chance texts.
func TestTheLibraryAcceptsTheSameURLs(t *testing.T) {
	t.Parallel()
	interpreter := peers.PythonSAML(t)[0].Interpreter
	texts := make([]string, 0, 2000)
	for text := range urls() {
		texts = append(texts, text)
	}
	piece := rapid.SampledFrom([]string{
		"http", "https", "ftp", "HTTPS", "://", ":", "/", "//", ".", "..", "-", "_", "a", "example", "com", "1", "999", "12345", "[", "]", "::", "f",
		"localhost", "ſ", "K", "İ", "ı", "ü", "٣", "\n", " ", "\u00a0", "\x1c", "?", "#", "@", strings.Repeat("a", 63), "A-",
	})
	start := rapid.SampledFrom([]string{"https://", "http://", "ftps://", "", "https://a.example.com", "http://10.0.0.1", "https://b.example"})
	address := rapid.Custom(func(t *rapid.T) string {
		return start.Draw(t, "start") + strings.Join(rapid.SliceOfN(piece, 0, 9).Draw(t, "pieces"), "")
	})
	for seed := range 2000 {
		texts = append(texts, address.Example(seed))
	}
	asked, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, "-c",
		"import json, sys\nfrom onelogin.saml2.settings import validate_url\nprint(json.dumps([validate_url(u) for u in json.load(sys.stdin)]))")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(asked)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []bool
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for i, text := range texts {
		if theirs[i] {
			accepted++
		}
		if got := sentry.IsSAMLURL(text); got != theirs[i] {
			t.Errorf("%q: %v, and the library says %v", text, got, theirs[i])
		}
	}
	if accepted < 100 {
		t.Errorf("the library accepts %d of %d, too few to compare", accepted, len(texts))
	}
}
