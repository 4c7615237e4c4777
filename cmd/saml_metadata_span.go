package cmd

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// maxSpanDays is a hundred years: more is a slip.
const maxSpanDays = 36525

// spanValue is a flag that takes a duration of a second or more, in days too:
// 90d, 36h, 1h30m.
type spanValue time.Duration

func (v *spanValue) String() string {
	if *v == 0 {
		return ""
	}
	return time.Duration(*v).String()
}

// Type names the value in the help.
func (v *spanValue) Type() string { return "duration" }

// Set reads the value.
func (v *spanValue) Set(text string) error {
	span, err := parseSpan(text)
	if err != nil || span < time.Second || span > maxSpanDays*24*time.Hour {
		return errors.New("want a duration such as 90d, 36h or 1h30m, of a second to a hundred years")
	}
	*v = spanValue(span)
	return nil
}

func parseSpan(text string) (time.Duration, error) {
	days, isDays := strings.CutSuffix(text, "d")
	if !isDays {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 32)
	return time.Duration(min(n, maxSpanDays+1)) * 24 * time.Hour, err
}
