package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/schedule"
)

func TestTimesAreSpreadAndStay(t *testing.T) {
	t.Parallel()
	if at := (schedule.Settings{Org: "acme"}).Nightly(); at.Cron() != "52 4 * * *" || at.Calendar() != "*-*-* 04:52:00" {
		t.Errorf("the time of acme has become %s, %s: jobs that are written again would move", at.Cron(), at.Calendar())
	}
	if at := (schedule.Settings{Org: "acme"}).Weekly(); at.Cron() != "57 5 * * 2" || at.Calendar() != "Tue *-*-* 05:57:00" {
		t.Errorf("the time of acme's checks has become %s, %s", at.Cron(), at.Calendar())
	}
	minutes, days := map[int]int{}, map[time.Weekday]int{}
	for i := range 5000 {
		s := schedule.Settings{Org: fmt.Sprintf("org-%d", i)}
		push, check := s.Nightly(), s.Weekly()
		if push.Minute == 0 || push.Hour < 3 || push.Hour > 4 || push.Weekday != time.Sunday {
			t.Errorf("%s is pushed at %+v", s.Org, push)
		}
		if check.Minute == 0 || check.Hour < 5 || check.Hour > 6 || check.Weekday == time.Sunday || check.Weekday == time.Saturday {
			t.Errorf("%s is checked at %+v", s.Org, check)
		}
		minutes[push.Hour*60+push.Minute]++
		days[check.Weekday]++
	}
	if len(minutes) != 118 || len(days) != 5 {
		t.Errorf("%d minutes and %d days are used", len(minutes), len(days))
	}
	for minute, jobs := range minutes {
		if jobs > 90 { // 42 on average
			t.Errorf("%d of 5000 jobs start in minute %d", jobs, minute)
		}
	}
}

func TestTimesAreRead(t *testing.T) {
	t.Parallel()
	at, err := schedule.ParseTime("23:05")
	if err != nil || at.Cron() != "5 23 * * *" {
		t.Errorf("got %s, %v", at.Cron(), err)
	}
	for _, text := range []string{"", "3:17", "24:00", "00:00", "03:17:00", "03:60", "-1:00", "03:17 ", "\n03:17"} {
		if _, err := schedule.ParseTime(text); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%q gave %v", text, err)
		}
	}
}

func TestTimezonesAreChecked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "America/Port-au-Prince"} {
		if err := schedule.CheckTimezone(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "Local", "../etc/passwd", "Europe/Berlin\nevil: 1", "Europe/Berlin ", "europe/berlin; x", "'", "%s", "Nowhere/City"} {
		if err := schedule.CheckTimezone(name); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%q gave %v", name, err)
		}
	}
}

func TestTimesThatClocksSkipOrRepeatAreFound(t *testing.T) {
	t.Parallel()
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip(err)
	}
	for text, want := range map[string]string{
		"02:30 Europe/Berlin":    "2027-03-28",
		"03:30 Europe/Berlin":    "",
		"03:30 Europe/Helsinki":  "2027-03-28",
		"04:30 Europe/Helsinki":  "",
		"01:30 America/New_York": "2027-11-07", // twice
		"02:30 UTC":              "",
		"02:30 Asia/Tokyo":       "",
	} {
		clock, zone, _ := strings.Cut(text, " ")
		at, err := schedule.ParseTime(clock)
		if err != nil {
			t.Fatal(err)
		}
		day, is := schedule.Settings{Timezone: zone}.Unsteady(at, time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
		if got := day.Format(time.DateOnly); is != (want != "") || is && got != want {
			t.Errorf("%s: %s, %v, expected %q", text, got, is, want)
		}
	}
}
