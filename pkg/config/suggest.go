package config

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// longestName bounds the names that are compared, in bytes: no name that is
// much longer than a setting's is a slip of it.
const longestName = 80

// didYouMean is the end of a message that names the known name which was
// probably meant: one that is spelled nearly so, or one whose last word, after
// the separator, is spelled nearly as the last word of name or as all of it.
func didYouMean(name string, known []string, separator string) string {
	if len(name) > longestName {
		return ""
	}
	near := nearest.Word(name, known)
	if near == "" {
		near = sameEnd(name, known, separator)
	}
	if near == "" {
		return ""
	}
	return ", did you mean " + near + "?"
}

func sameEnd(name string, known []string, separator string) string {
	byEnd := map[string]string{}
	var ends []string
	for _, candidate := range known {
		end := lastWord(candidate, separator)
		if _, taken := byEnd[end]; !taken {
			byEnd[end] = candidate
			ends = append(ends, end)
		}
	}
	return byEnd[nearest.Word(lastWord(name, separator), ends)]
}

func lastWord(name, separator string) string {
	return name[strings.LastIndex(name, separator)+1:]
}
