package metadata_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestJudgeByTimeAndPlace(t *testing.T) {
	t.Parallel()
	rendered := func(d metadata.Description) string {
		xml, err := metadata.Render(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(xml)
	}
	plain := rendered(authentik(t, "2026.8", "rsa"))
	site := "https://authentik.example.com/application/saml/sentry/metadata/"
	year := 365 * 24 * time.Hour
	tests := map[string]struct {
		xml  string
		from metadata.Source
		want []string
	}{
		"nothing":           {plain, metadata.Source{URL: site}, []string{}},
		"another address":   {plain, metadata.Source{URL: "http://authentik:9000/application/saml/sentry/metadata/"}, []string{"entity-id-differs"}},
		"not fetched":       {plain, metadata.Source{}, []string{}},
		"another's name":    {rendered(generic(t, "rsa")), metadata.Source{URL: site}, []string{}},
		"soon":              {plain, metadata.Source{Now: time.Date(2035, 12, 20, 0, 0, 0, 0, time.UTC), WarnDays: 30}, []string{"expires-soon"}},
		"soon, but unasked": {plain, metadata.Source{Now: time.Date(2035, 12, 20, 0, 0, 0, 0, time.UTC)}, []string{}},
		"over":              {plain, metadata.Source{Now: now().Add(20 * year)}, []string{"expired"}},
		"early":             {plain, metadata.Source{Now: now().Add(-5 * year)}, []string{"not-yet-valid"}},
		"too large":         {plain + strings.Repeat(" ", 1<<20), metadata.Source{}, []string{"too-large"}},
		"without a zone":    {strings.Replace(plain, " entityID", ` validUntil="2031-01-01T00:00:00" entityID`, 1), metadata.Source{}, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.from.Now.IsZero() {
				tt.from.Now = now()
			}
			if diff := cmp.Diff(tt.want, codesOf(metadata.Judge([]byte(tt.xml), tt.from))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		url, ip string
		want    []string
	}{
		"public":        {"https://id.acme.test/m/", "203.0.114.9", []string{}},
		"public IPv6":   {"https://id.acme.test/m/", "2a00:1450:4001::1", []string{}},
		"private":       {"https://id.acme.test/m/", "10.1.2.3", []string{"private-address"}},
		"docker":        {"https://id.acme.test/m/", "172.18.0.2", []string{"private-address"}},
		"mapped":        {"https://id.acme.test/m/", "::ffff:192.168.0.1", []string{"private-address"}},
		"loopback":      {"https://id.acme.test/m/", "::1", []string{"private-address"}},
		"unique local":  {"https://id.acme.test/m/", "fd00::1", []string{"private-address"}},
		"unknown":       {"https://id.acme.test/m/", "", []string{}},
		"single label":  {"https://authentik:9443/m/", "", []string{"invalid-metadata-url"}},
		"underscore":    {"https://id_p.acme.test/m/", "", []string{"invalid-metadata-url"}},
		"digits on top": {"https://id.acme.1/m/", "", []string{"invalid-metadata-url"}},
		"a hyphen last": {"https://id-.acme.test/m/", "", []string{"invalid-metadata-url"}},
		"punycode":      {"https://id.xn--bcher-kva/m/", "", []string{}},
		"other letters": {"https://bücher.example/m/", "", []string{}},
		"http":          {"http://id.acme.test/m/", "", []string{"plain-http"}},
		"localhost":     {"http://localhost:9000/m/", "", []string{}},
		"an address":    {"https://203.0.114.9/m/", "203.0.114.9", []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ips []netip.Addr
			if tt.ip != "" {
				ips = append(ips, netip.MustParseAddr(tt.ip))
			}
			got := []string{}
			for _, f := range metadata.Reach(tt.url, ips) {
				got = append(got, f.Code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudgementInEveryFormat(t *testing.T) {
	t.Parallel()
	j := judgeFile(t, filepath.Join("..", "..", "testdata", "metadata", "two-certificates.xml"))
	j.Add(metadata.Reach("https://authentik/m/", nil))
	for name, format := range map[string]report.Format{"lint.txt": report.Text, "lint.json": report.JSON} {
		var out bytes.Buffer
		if err := report.Write(&out, ui.Plain(), format, j); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
		for line := range strings.SplitSeq(out.String(), "\n") {
			if format == report.Text && len([]rune(line)) > 80 {
				t.Errorf("the line is longer than 80 columns: %s", line)
			}
		}
	}
	sarif, err := json.MarshalIndent(j.SARIF("1.2.3"), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "lint.sarif", append(sarif, '\n'))
}

func TestSeverities(t *testing.T) {
	t.Parallel()
	j := judgeFile(t, filepath.Join("..", "..", "testdata", "metadata", "keycloak.xml"))
	for severity, want := range map[metadata.Severity]bool{metadata.Error: false, metadata.Warning: true, metadata.Info: true} {
		if got := j.Worst(severity); got != want {
			t.Errorf("Worst(%s) = %v, want %v", severity, got, want)
		}
	}
}

// FuzzLint holds what is true of every judgement: a reason comes with a refusal
// and an error, every finding has a rule and a line of the document, and the
// result can be written.
func FuzzLint(f *testing.F) {
	for _, file := range corpus(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		j := metadata.Judge(data, metadata.Source{Name: "fuzz", Now: now(), WarnDays: 30})
		if (j.Verdict == metadata.Refused) != (j.Reason != "") {
			t.Errorf("verdict %q with reason %q", j.Verdict, j.Reason)
		}
		if j.Verdict != metadata.IsStored && !j.Worst(metadata.Error) {
			t.Errorf("verdict %q without an error: %v", j.Verdict, j.Findings)
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
		for _, finding := range j.Findings {
			if finding.Line < 1 || finding.Line > lines || finding.Sentry == "" || finding.Fix == "" {
				t.Errorf("an odd finding: %+v", finding)
			}
		}
		trusted := slices.IndexFunc(j.Certificates, func(c metadata.Certificate) bool { return c.Trusted })
		if j.Stored != nil && (trusted >= 0) != (j.Stored.X509Cert != "") {
			t.Errorf("certificate %d is trusted and %q is stored", trusted, j.Stored.X509Cert)
		}
		if err := report.Write(&bytes.Buffer{}, ui.Plain(), report.JSON, j); err != nil {
			t.Error(err)
		}
	})
}
