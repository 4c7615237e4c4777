package xmltext

import (
	"encoding/xml"
	"strings"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// maxName is the length of a name in bytes that libxml2 takes (parser.h,
// XML_MAX_NAME_LENGTH).
const maxName = 50000

func isQualified(name xml.Name) bool {
	return len(name.Local) <= maxName && IsNCName(name.Local) && (name.Space == "" || IsNCName(name.Space))
}

// IsNCName reports whether text is a name without a colon (Namespaces in XML, 3).
func IsNCName(text string) bool {
	for i, r := range text {
		first := r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r)
		if !first && (i == 0 || !strings.ContainsRune(".-·", r) && !unicode.In(r, unicode.N, unicode.Mn, unicode.Mc)) {
			return false
		}
	}
	return text != ""
}

const uriChar = `[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}`

var (
	// afterScheme is RFC 3986 as libxml2 reads it.
	afterScheme = pattern.New(`^(?://(?:(?:` + uriChar + `|:)*@)?(?:\[[^\[\]/?#@]*\]|(?:` + uriChar + `)*)(?::[0-9]{1,9})?(?:/(?:` + uriChar + `|[:@/])*)?` + // authority and path
		`|/?(?:` + uriChar + `|[:@])(?:` + uriChar + `|[:@/])*|/)?` + // path alone
		`(?:\?(?:` + uriChar + `|[:@/?])*)?(?:#(?:` + uriChar + `|[:@/?\[\]])*)?$`)
	relativeColon = pattern.New(`^[^/?#]*:`)
	scheme        = pattern.New(`^[A-Za-z][A-Za-z0-9+.-]*:`)
)

// IsURIReference reports whether libxml2 takes text for a URI or a relative one
// (uri.c).
func IsURIReference(text string) bool {
	if relativeColon().MatchString(text) && !scheme().MatchString(text) {
		return false
	}
	return afterScheme().MatchString(scheme().ReplaceAllString(text, ""))
}
