package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Time is when a task starts: every day, or every week if Weekday is set. The
// zero value stands for a time that was not chosen.
type Time struct {
	Hour, Minute int
	Weekday      time.Weekday // Sunday, the zero value: every day
}

// number is the same for the same texts on every machine, and spread evenly.
func number(purpose, org string) uint64 {
	sum := sha256.Sum256([]byte(purpose + "\x00" + org))
	return binary.BigEndian.Uint64(sum[:8])
}

// spread is a time within two hours that follows from the organization, never on
// the hour: at that minute everybody else's jobs start. In the night of a change
// to or from daylight saving time, the hours from 3 are there once in most places.
func spread(purpose, org string, from int) Time {
	const minutes = 59
	n := int(number(purpose, org) % (2 * minutes))
	return Time{Hour: from + n/minutes, Minute: 1 + n%minutes}
}

// Nightly is when people are pushed: the chosen time, or one between 03:01 and
// 04:59.
func (s Settings) Nightly() Time {
	if s.Push != (Time{}) {
		return s.Push
	}
	return spread("push", s.Org, 3)
}

// Weekly is when the checks run: on a working day between 05:01 and 06:59.
func (s Settings) Weekly() Time {
	at := spread("check", s.Org, 5)
	at.Weekday = time.Weekday(1 + number("weekday", s.Org)%5)
	return at
}

// Cron is the time as the five fields of cron.
func (t Time) Cron() string {
	if t.Weekday == time.Sunday {
		return fmt.Sprintf("%d %d * * *", t.Minute, t.Hour)
	}
	return fmt.Sprintf("%d %d * * %d", t.Minute, t.Hour, t.Weekday)
}

// Calendar is the time as systemd has it (systemd.time(7)), without the zone.
func (t Time) Calendar() string {
	day := ""
	if t.Weekday != time.Sunday {
		day = t.Weekday.String()[:3] + " "
	}
	return fmt.Sprintf("%s*-*-* %02d:%02d:00", day, t.Hour, t.Minute)
}

// Unsteady returns the first day of the year that begins with from on which the
// time is not there once in the timezone, as its clocks change, and whether there is
// such a day.
func (s Settings) Unsteady(at Time, from time.Time) (day time.Time, is bool) {
	zone, err := time.LoadLocation(s.Zone())
	if err != nil {
		return time.Time{}, false // no database on this machine
	}
	same := func(when time.Time) bool { return when.Hour() == at.Hour && when.Minute() == at.Minute }
	for i := range 366 {
		when := time.Date(from.Year(), from.Month(), from.Day()+i, at.Hour, at.Minute, 0, 0, zone)
		if !same(when) || same(when.Add(time.Hour)) || same(when.Add(-time.Hour)) {
			return time.Date(from.Year(), from.Month(), from.Day()+i, 0, 0, 0, 0, time.UTC), true
		}
	}
	return time.Time{}, false
}

var clock = pattern.New(`^[0-9]{2}:[0-9]{2}$`)

// ParseTime reads a time of the day such as 03:17. Midnight is refused, as the
// hour at which all jobs start; 00:01 is a time.
func ParseTime(text string) (Time, error) {
	at, err := time.Parse("15:04", text)
	found := Time{Hour: at.Hour(), Minute: at.Minute()}
	if err != nil || !clock().MatchString(text) || found == (Time{}) {
		return Time{}, fault.Usagef("expected a time from 00:01 to 23:59 but found %q", text)
	}
	return found, nil
}

// Zone is the timezone of the times.
func (s Settings) Zone() string {
	if s.Timezone == "" {
		return "UTC"
	}
	return s.Timezone
}

var zone = pattern.New(`^[A-Z][A-Za-z0-9]*([_/+-][A-Za-z0-9]+){0,8}$`)

// CheckTimezone refuses what is not the name of a timezone. Where the machine has
// no database of them, only the form is checked.
func CheckTimezone(name string) error {
	_, unknown := time.LoadLocation(name)
	_, none := time.LoadLocation("Europe/Berlin")
	if !zone().MatchString(name) || name == "Local" || unknown != nil && none == nil {
		return fault.Hint(fault.Usagef("expected a timezone of the IANA database but found %q", name), "such as UTC or Europe/Berlin")
	}
	return nil
}
