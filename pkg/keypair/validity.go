package keypair

import (
	"fmt"
	"time"
)

// WarnDays is how many days before its end a certificate is warned of, unless
// the user says otherwise.
const WarnDays = 30

// The codes of Validity.
const (
	Expired     = "expired"
	ExpiresSoon = "expires-soon"
	NotYetValid = "not-yet-valid"
)

// Validity says what is wrong with the dates of a certificate at the time now:
// Expired, NotYetValid, or ExpiresSoon where fewer than warnDays whole days are
// left. Nil means nothing. Both ends belong to the validity (RFC 5280, 4.1.2.5):
// the certificate is valid at the instant until, and not one nanosecond later. A
// zero from is not looked at.
func Validity(from, until, now time.Time, warnDays int) *Finding {
	end := until.UTC().Format(time.DateOnly)
	switch days := DaysLeft(until, now); {
	case now.After(until):
		return &Finding{Code: Expired, Severity: Error, Message: "expired on " + end, Fix: renewFix}
	case now.Before(from):
		return &Finding{
			Code: NotYetValid, Severity: Warning, Message: "not valid before " + from.UTC().Format(time.RFC3339),
			Fix: "wait until then, or set the clock right",
		}
	case days < warnDays:
		return &Finding{Code: ExpiresSoon, Severity: Warning, Message: fmt.Sprintf("expires on %s, in %s", end, plural(days, "day")), Fix: renewFix}
	}
	return nil
}

// DaysLeft is the number of whole days from now to until, rounded down. It goes
// by seconds, as a time.Duration ends at 292 years and certificates without an
// end (RFC 5280, 4.1.2.5) say 9999.
func DaysLeft(until, now time.Time) int {
	const day = 24 * 60 * 60
	seconds := until.Unix() - now.Unix()
	days := seconds / day
	if seconds%day < 0 {
		days--
	}
	return int(days)
}
