package sentryexec_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// sound is the report of a Sentry in which nothing is wrong.
const sound = `{"sentryidp_report": 1, "action": "status", "org": "acme", "release": "26.8.0", "release_read": true, "missing": [],
"applied": false, "changes": [], "before": null, "differences": [], "error": null,
"provider": {"key": "saml2", "entity_id": "https://id.example.com/", "sso_url": "https://id.example.com/sso", "slo_url": null,
"certificate": {"sha256": "AB:CD", "not_after": "2027-01-01T00:00:00Z"}, "attribute_mapping": {"identifier": "uid", "user_email": "mail", "last_name": ""},
"absent": [], "advanced": ["private_key"], "sso_required": true, "scim_enabled": true},
"scim": {"enabled": true, "base_url": "https://sentry.example.com/api/0/organizations/acme/scim/v2", "has_token": true},
"people": {"identities": 3, "owners": 2, "owners_linked": 1}, "url_prefix": "https://sentry.example.com", "sentry_url": "https://sentry.example.com"}`

// line is a report as the script prints it.
func line(text string) string { return "SENTRYIDP " + strings.ReplaceAll(text, "\n", "") }

func TestParseFindsTheLastReport(t *testing.T) {
	t.Parallel()
	utf16 := []byte{0xFF, 0xFE}
	for _, c := range []byte("noise\r\n" + line(sound) + "\r\n") {
		utf16 = append(utf16, c, 0)
	}
	earlier := strings.Replace(sound, `"acme"`, `"earlier"`, 1)
	for name, text := range map[string]string{
		"the line":            line(sound),
		"with its mark in it": line(strings.Replace(sound, `"advanced": ["private_key"]`, `"advanced": ["SENTRYIDP {}"]`, 1)),
		"in a log":            "12:00 [INFO] sentry: hello\n" + line(earlier) + "\n" + line(sound) + "\nbye\n",
		"with a prefix":       "web-1  | " + line(sound) + "\r\n",
		"the JSON alone":      sound,
		"with a mark":         "\ufeff" + line(sound),
		"UTF-16, PowerShell":  string(utf16),
	} {
		r, err := sentryexec.Parse([]byte(text))
		if err != nil || r.Org != "acme" || r.Provider == nil || r.Provider.Certificate == nil || r.People.OwnersLinked != 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestParseRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "expected a line that begins with SENTRYIDP but found none",
		"hello":                      "expected a line that begins with SENTRYIDP but found none",
		"SENTRYIDP x":                "expected a line that begins with SENTRYIDP but found none",
		"SENTRYIDP {":                "invalid report: unexpected end of JSON input",
		"{}":                         "expected a report of format 1 but found 0",
		`{"sentryidp_report": 2}`:    "expected a report of format 1 but found 2",
		`{"sentryidp_report": "1"}`:  "invalid report: json: cannot unmarshal",
		line(sound) + ` {"a": 1}`:    "invalid report: invalid character",
		strings.Repeat("[", 100_000): "expected a line",
		"SENTRYIDP " + strings.Repeat(`{"a":`, 100_000): "invalid report: ",
	} {
		_, err := sentryexec.Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) || fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0 {
			t.Errorf("%.40q: %v, expected %q", text, err, want)
		}
	}
}

func TestEachProblemIsFoundAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ code, old, new string }{
		{"", "", ""},
		{"failed", `"error": null`, `"error": "to commit failed"`},
		{"url-prefix", `"url_prefix": "https://sentry`, `"url_prefix": "http://sentry`},
		{"incomplete", `"absent": []`, `"absent": ["idp.slo_url"]`},
		{"empty", `"identifier": "uid"`, `"identifier": ""`},
		{"empty", `"user_email": "mail"`, `"user_email": null`},
		{"empty", `"entity_id": "https://id.example.com/"`, `"entity_id": null`},
		{"empty", `"sso_url": "https://id.example.com/sso"`, `"sso_url": ""`},
		{"no-certificate", `"certificate": {"sha256": "AB:CD", "not_after": "2027-01-01T00:00:00Z"}`, `"certificate": null`},
		{"other-provider", `"key": "saml2", "entity_id": "https://id.example.com/", "sso_url": "https://id.example.com/sso", "slo_url": null,"certificate": {"sha256": "AB:CD", "not_after": "2027-01-01T00:00:00Z"}, "attribute_mapping": {"identifier": "uid", "user_email": "mail", "last_name": ""},"absent": []`, `"key": "google", "absent": ["1", "2", "3", "4", "5", "6", "7", "8"]`},
		{"certificate-ended", "2027-01-01T00:00:00Z", "2026-06-01T00:00:00Z"},
		{"certificate-ends", "2027-01-01T00:00:00Z", "2026-06-30T00:00:00Z"},
		{"", `"not_after": "2027-01-01T00:00:00Z"`, `"not_after": null`},
		{"differs", `"differences": []`, `"differences": [{"field": "idp.sso_url", "from": "a", "to": "b"}]`},
		{"scim-token", `"has_token": true`, `"has_token": false`},
		{"owners", `"owners_linked": 1`, `"owners_linked": 0`},
	} {
		text := strings.Replace(strings.ReplaceAll(sound, "\n", ""), tt.old, tt.new, 1)
		if text == strings.ReplaceAll(sound, "\n", "") && tt.old != "" {
			t.Fatalf("%s: the report has no %q", tt.code, tt.old)
		}
		r, err := sentryexec.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var codes, want []string
		for _, p := range sentryexec.Judge(r, now, 30).Problems {
			codes = append(codes, p.Code)
			if p.Message == "" || p.Fix == "" {
				t.Errorf("%s: %+v", tt.code, p)
			}
		}
		if tt.code != "" {
			want = []string{tt.code}
		}
		if !slices.Equal(codes, want) {
			t.Errorf("problems %v, expected %v", codes, want)
		}
	}
	if found := sentryexec.Judge(&sentryexec.Report{Action: sentryexec.Status}, now, 30).Problems; len(found) != 1 || found[0].Code != "no-provider" {
		t.Errorf("without a provider: %v", found)
	}
	if found := sentryexec.Judge(&sentryexec.Report{Action: sentryexec.SSOOff}, now, 30).Problems; len(found) != 0 {
		t.Errorf("after sso-off: %v", found)
	}
}

func TestAnOldReleaseHasAdvisories(t *testing.T) {
	t.Parallel()
	old := sentryexec.Judge(&sentryexec.Report{Release: "26.1.0"}, time.Time{}, 0)
	if len(old.Advisories) == 0 {
		t.Error("26.1.0 has none")
	}
	if safe := sentryexec.Judge(&sentryexec.Report{Release: "26.8.0"}, time.Time{}, 0); len(safe.Advisories) != 0 {
		t.Errorf("26.8.0 has %v", safe.Advisories)
	}
}

// FuzzParse reads anything, judges it, and writes it without what a terminal obeys.
func FuzzParse(f *testing.F) {
	f.Add([]byte(line(sound)))
	f.Add([]byte(strings.ReplaceAll(line(sound), "acme", "\\u001b[31m")))
	f.Add([]byte(`{"sentryidp_report": 1, "changes": [{"words": "\u009b", "fields": [{}]}], "error": "\r", "missing": null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := sentryexec.Parse(data)
		if err != nil {
			if fault.CodeOf(err) != fault.Usage {
				t.Error(err)
			}
			return
		}
		j := sentryexec.Judge(r, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), 30)
		var text, other bytes.Buffer
		if err := report.Write(&text, ui.Plain(), report.Text, j); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(strings.ReplaceAll(text.String(), "\n", ""), ui.IsControl) {
			t.Errorf("the text has control characters: %q", &text)
		}
		if err := report.Write(&other, ui.Plain(), report.JSON, j); err != nil || !json.Valid(other.Bytes()) {
			t.Errorf("%v: %s", err, &other)
		}
	})
}
