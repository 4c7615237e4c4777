package fault

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Text is the message of err for people. A link can be as good as a password:
// see Harmless.
func Text(err error) string { return Harmless(err.Error()) }

var link = pattern.New(`([a-zA-Z][a-zA-Z0-9+.-]*://)([^\s/?#"'@]*@)?([^\s?#"']*)([?#][^\s"']*)?`)

// Harmless returns text in which no URL has credentials, a query or a fragment;
// an ellipsis stands for what was left out.
func Harmless(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return link().ReplaceAllStringFunc(text, func(found string) string {
		parts := link().FindStringSubmatch(found)
		scheme, place, rest := parts[1], parts[3], parts[4]
		if parts[2] != "" {
			scheme += "…@"
		}
		if rest == "" {
			return scheme + place
		}
		punctuation := rest[len(strings.TrimRight(rest, ".,:;)]}")):] // of the sentence
		return scheme + place + rest[:1] + "…" + punctuation
	})
}
