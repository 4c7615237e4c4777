package nearest_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/nearest"
)

func TestWord(t *testing.T) {
	t.Parallel()
	words := []string{"org", "url", "token", "sentry.org"}
	for word, want := range map[string]string{
		"orgg": "org", "ogr": "org", "rog": "org", "tokne": "token", "sentry.orgg": "sentry.org", "something": "", "": "", "x": "",
	} {
		if got := nearest.Word(word, words); got != want {
			t.Errorf("Word(%q) = %q, want %q", word, got, want)
		}
	}
}
