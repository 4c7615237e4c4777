package doctor

import (
	"slices"
	"strings"
	"testing"
)

func TestCausesStandBeforeTheirConsequences(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, c := range catalogue() {
		if slices.Contains(seen, c.code) {
			t.Errorf("%s is there twice", c.code)
		}
		for _, cause := range c.causes {
			if code, _, _ := strings.Cut(cause, "/"); !slices.Contains(seen, code) {
				t.Errorf("%s is explained by %s, which does not stand before it", c.code, cause)
			}
		}
		if c.title == "" || c.judge == nil || c.side == "" {
			t.Errorf("%s is not whole", c.code)
		}
		seen = append(seen, c.code)
	}
}
