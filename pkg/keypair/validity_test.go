package keypair_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func TestValidityAtItsBounds(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	end := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	start := end.AddDate(-1, 0, 0)
	tests := map[string]struct {
		now  time.Time
		want string // code and message
	}{
		"31 days left":               {end.Add(-31 * day), ""},
		"30 days left":               {end.Add(-30 * day), ""},
		"a second less than 30 days": {end.Add(-30*day + time.Second), "expires-soon: expires on 2026-12-31, in 29 days"},
		"29 days left":               {end.Add(-29 * day), "expires-soon: expires on 2026-12-31, in 29 days"},
		"one day left":               {end.Add(-day), "expires-soon: expires on 2026-12-31, in 1 day"},
		"the last second":            {end.Add(-time.Second), "expires-soon: expires on 2026-12-31, in 0 days"},
		"the instant of its end":     {end, "expires-soon: expires on 2026-12-31, in 0 days"},
		"a moment later":             {end.Add(time.Nanosecond), "expired: expired on 2026-12-31"},
		"a second later":             {end.Add(time.Second), "expired: expired on 2026-12-31"},
		"a second too early":         {start.Add(-time.Second), "not-yet-valid: not valid before 2025-12-31T12:00:00Z"},
		"the instant of its start":   {start, ""},
	}
	for name, tt := range tests {
		got := ""
		if f := keypair.Validity(start, end, tt.now, 30); f != nil {
			got = f.Code + ": " + f.Message
		}
		if got != tt.want {
			t.Errorf("%s: %q, expected %q", name, got, tt.want)
		}
	}
}

func TestNoDaysToWarnOfLeaveTheEndItself(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	if f := keypair.Validity(time.Time{}, end, end, 0); f != nil {
		t.Errorf("at its end: %+v, expected nothing", f)
	}
	if f := keypair.Validity(time.Time{}, end, end.Add(time.Second), 0); f == nil || f.Code != keypair.Expired || f.Severity != keypair.Error {
		t.Errorf("after its end: %+v, expected an error", f)
	}
}

// TestInspectHasTheBoundsOfValidity holds the two against each other around both
// ends of a certificate.
func TestInspectHasTheBoundsOfValidity(t *testing.T) {
	t.Parallel()
	end := now().AddDate(0, 0, 30)
	c := certify(t, generate(t, keypair.ECDSAP256).Key, func(c *x509.Certificate) { c.NotAfter = end })
	for after, want := range map[time.Duration]string{0: "", time.Second: keypair.ExpiresSoon, 30 * 24 * time.Hour: keypair.ExpiresSoon, 30*24*time.Hour + 1: keypair.Expired} {
		in := keypair.Inspect(&keypair.Contents{Format: keypair.TLS, Certificates: []*x509.Certificate{c}}, now().Add(after), keypair.WarnDays)
		got := ""
		if len(in.Findings) > 0 {
			got = in.Findings[0].Code
		}
		if got != want {
			t.Errorf("%v after 30 days before its end: %q, expected %q", after, got, want)
		}
	}
}
