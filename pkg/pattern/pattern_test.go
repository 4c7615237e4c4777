package pattern_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

func TestAnExpressionIsCompiledOnce(t *testing.T) {
	t.Parallel()
	digits := pattern.New(`^\d+$`)
	first := digits()
	if !first.MatchString("12") || first.MatchString("x") || digits() != first {
		t.Error("it matches something else, or was compiled twice")
	}
}

// TestAWrongExpressionIsFoundWhenItIsUsed is why the expressions of the program are
// all used in its tests.
func TestAWrongExpressionIsFoundWhenItIsUsed(t *testing.T) {
	t.Parallel()
	wrong := pattern.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a wrong expression is accepted")
		}
	}()
	wrong()
}
