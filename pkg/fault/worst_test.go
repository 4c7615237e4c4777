package fault_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

func TestTheWorstOfSeveralRuns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		codes []fault.Code
		want  fault.Code
	}{
		{nil, fault.OK},
		{[]fault.Code{fault.OK, fault.Changes, fault.OK}, fault.Changes},
		{[]fault.Code{fault.Usage, fault.Refused, fault.Findings}, fault.Usage},
		{[]fault.Code{fault.Credential, fault.Failed, fault.Usage}, fault.Failed},
		{[]fault.Code{fault.Partial, fault.Failed}, fault.Partial},
		{[]fault.Code{fault.Interrupted, fault.Partial}, fault.Interrupted},
	} {
		if got := fault.Worst(test.codes...); got != test.want {
			t.Errorf("of %v: %d, expected %d", test.codes, got, test.want)
		}
	}
	for _, m := range fault.Meanings() {
		if got := fault.Worst(fault.OK, m.Code, fault.OK); got != m.Code {
			t.Errorf("%d (%s) has no place among the others: %d", m.Code, m.Text, got)
		}
	}
}
