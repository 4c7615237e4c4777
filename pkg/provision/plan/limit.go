package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Limit is the maximum number of changes of a kind: a count, or a percentage of
// what there is.
type Limit struct {
	Count   int
	Percent float64
}

// ParseLimit reads "10%" or "25".
func ParseLimit(text string) (Limit, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent >= 0 && percent <= 100) { // NaN is neither
			return Limit{}, fault.Usagef("expected a percentage from 0%% to 100%%, found %q", text)
		}
		return Limit{Count: -1, Percent: percent}, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 {
		return Limit{}, fault.Usagef(`expected a number or a percentage such as "10%%", found %q`, text)
	}
	return Limit{Count: count}, nil
}

// Of returns the number that the limit allows of all things there are; floor is
// the minimum under a percentage.
func (l Limit) Of(all, floor int) int {
	if l.Count >= 0 {
		return l.Count
	}
	return max(floor, int(l.Percent*float64(all)/100))
}

// String returns the limit as it is written in the configuration.
func (l Limit) String() string {
	if l.Count >= 0 {
		return strconv.Itoa(l.Count)
	}
	return fmt.Sprintf("%g%%", l.Percent)
}
