package samlresponse

import (
	"bytes"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

var betweenTags = pattern.New(`>\s+<`)

// holdsUnindented reports whether the signatures hold without the white space
// between elements, which a formatter adds and identity providers do not write.
func (j *judgement) holdsUnindented() bool {
	flat := betweenTags().ReplaceAll(j.XML, []byte("><"))
	if bytes.Equal(flat, j.XML) {
		return false
	}
	root, err := parse(flat)
	if err != nil {
		return false
	}
	again := *j
	again.Response = &Response{XML: flat, root: root}
	failures, _ := again.failures()
	return len(failures) == 0
}
