package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	plain := errors.New("plain")
	tests := map[string]struct {
		err  error
		want fault.Code
	}{
		"nil":                      {nil, fault.OK},
		"no code":                  {plain, fault.Failed},
		"usage":                    {fault.Usagef("bad flag"), fault.Usage},
		"a hint keeps the code":    {fault.Hint(fault.Usagef("bad"), "try"), fault.Usage},
		"wrapping keeps the code":  {fmt.Errorf("read: %w", fault.New(fault.Credential, "refused")), fault.Credential},
		"the outer code wins":      {fault.WithCode(fault.Usagef("bad"), fault.Refused), fault.Refused},
		"the highest of joined":    {errors.Join(plain, fault.New(fault.Partial, "a"), fault.Usagef("b")), fault.Usage},
		"quiet":                    {fault.Quiet(fault.Findings), fault.Findings},
		"a hint on a plain error":  {fault.Hint(plain, "try"), fault.Failed},
		"joined without any codes": {errors.Join(plain, plain), fault.Failed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.CodeOf(tt.err); got != tt.want {
				t.Errorf("CodeOf(%v) = %d, want %d", tt.err, got, tt.want)
			}
		})
	}
}

func TestHintsAreCollectedOnceAndOutermostFirst(t *testing.T) {
	t.Parallel()
	inner := fault.Hint(errors.New("refused"), "ask for a token")
	err := fault.Hint(fmt.Errorf("push: %w", errors.Join(inner, inner)), "see the log of %s", "acme")
	want := []string{"see the log of acme", "ask for a token"}
	if diff := cmp.Diff(want, fault.Hints(err)); diff != "" {
		t.Errorf("hints differ (-want +got):\n%s", diff)
	}
	if err.Error() != "push: refused\nrefused" {
		t.Errorf("a hint changed the words: %q", err)
	}
}

func TestNilStaysNil(t *testing.T) {
	t.Parallel()
	if fault.Hint(nil, "x") != nil || fault.WithCode(nil, fault.Usage) != nil {
		t.Error("advice on no error made an error")
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	if !fault.IsQuiet(fmt.Errorf("inspect: %w", fault.Quiet(fault.Findings))) {
		t.Error("a wrapped quiet error is not quiet")
	}
	if fault.IsQuiet(errors.New("loud")) {
		t.Error("a plain error is quiet")
	}
}

func TestMeaningsAreSortedAndComplete(t *testing.T) {
	t.Parallel()
	last := fault.Code(-1)
	for _, m := range fault.Meanings() {
		if m.Code <= last || m.Text == "" {
			t.Errorf("row %+v is out of order or empty", m)
		}
		last = m.Code
	}
}

func TestProblemsAreTheSingleErrorsOfAJoin(t *testing.T) {
	t.Parallel()
	one, two := errors.New("one\nin two lines"), fault.Usagef("two")
	tests := map[string]struct {
		err  error
		want []string
	}{
		"nil":             {nil, nil},
		"single":          {one, nil},
		"joined":          {errors.Join(one, two), []string{"one\nin two lines", "two"}},
		"wrapped":         {fault.Hint(fmt.Errorf("read: %w", errors.Join(one, two)), "look"), []string{"one\nin two lines", "two"}},
		"joined twice":    {errors.Join(errors.Join(two, two), one), []string{"two", "two", "one\nin two lines"}},
		"several causes":  {fmt.Errorf("%w: %w", one, two), nil},
		"a join of one":   {errors.Join(two), []string{"two"}},
		"quiet is no sum": {fault.Quiet(fault.Findings), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, fault.Problems(tt.err)); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}
