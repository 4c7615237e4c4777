package metadata_test

import (
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

func TestCheckCertificates(t *testing.T) {
	t.Parallel()
	xml := func(certs ...string) []byte {
		data, err := metadata.Render(generic(t, certs...), nil)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	rsa, next := certificate(t, "rsa"), certificate(t, "rsa-next")
	tests := map[string]struct {
		given metadata.Certificates
		at    time.Time
		want  []string
	}{
		"one":                {metadata.Certificates{Signing: rsa}, now(), []string{}},
		"all equal":          {metadata.Certificates{Signing: rsa, Metadata: xml("rsa"), Sentry: rsa}, now(), []string{}},
		"rolled over, first": {metadata.Certificates{Signing: rsa, Metadata: xml("rsa", "rsa-next"), Sentry: rsa}, now(), []string{}},
		"rolled over, wrong": {metadata.Certificates{Signing: next, Metadata: xml("rsa", "rsa-next")}, now(), []string{"metadata not-trusted"}},
		"metadata differs":   {metadata.Certificates{Signing: next, Metadata: xml("rsa")}, now(), []string{"metadata mismatch"}},
		"Sentry differs":     {metadata.Certificates{Signing: rsa, Sentry: next}, now(), []string{"sentry mismatch"}},
		"Sentry is behind":   {metadata.Certificates{Metadata: xml("rsa"), Sentry: next}, now(), []string{"sentry mismatch"}},
		"soon":               {metadata.Certificates{Signing: rsa}, time.Date(2035, 12, 20, 0, 0, 0, 0, time.UTC), []string{"signing expires-soon"}},
		"over":               {metadata.Certificates{Metadata: xml("rsa")}, time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), []string{"metadata expired"}},
		"early":              {metadata.Certificates{Sentry: rsa}, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), []string{"sentry not-yet-valid"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check, err := tt.given.Check(tt.at, 30)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, f := range check.Findings {
				got = append(got, f.Place+" "+f.Code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || check.OK != (len(tt.want) == 0) {
				t.Errorf("OK %v, findings (-want +got):\n%s", check.OK, diff)
			}
		})
	}
}

func TestCheckCertificatesAtTheirEnd(t *testing.T) {
	t.Parallel()
	rsa := certificate(t, "rsa")
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]string{30 * day: "", 30*day - time.Second: keypair.ExpiresSoon, 29 * day: keypair.ExpiresSoon, 0: keypair.ExpiresSoon, -time.Second: keypair.Expired} {
		check, err := metadata.Certificates{Signing: rsa}.Check(rsa.NotAfter.Add(-left), keypair.WarnDays)
		if err != nil {
			t.Fatal(err)
		}
		judged := metadata.Judge([]byte(entity(cert("", base64.StdEncoding.EncodeToString(rsa.Raw))+sso)), metadata.Source{Now: rsa.NotAfter.Add(-left), WarnDays: keypair.WarnDays})
		expected := []string{}
		if want != "" {
			expected = append(expected, want)
		}
		found, linted := []string{}, []string{}
		for _, f := range check.Findings {
			found = append(found, f.Code)
		}
		for _, f := range judged.Findings {
			if f.Code == keypair.Expired || f.Code == keypair.ExpiresSoon {
				linted = append(linted, f.Code)
			}
		}
		if !slices.Equal(found, expected) || !slices.Equal(linted, expected) || check.OK != (want == "") {
			t.Errorf("%v before its end: check says %q, lint %q, expected %q", left, found, linted, want)
		}
	}
}

// TestWeakCertificatesAreOK has what Sentry does not mind as warnings.
func TestWeakCertificatesAreOK(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"rsa768.crt": {keypair.ShortRSA}, "secp256k1.crt": {keypair.UnusualKey, keypair.NotStrict}, "serial-negative.crt": {keypair.NotStrict},
	} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "certificates", file))
		if err != nil {
			t.Fatal(err)
		}
		weak, err := metadata.ReadCertificate(data)
		if err != nil {
			t.Fatal(err)
		}
		check, err := metadata.Certificates{Signing: weak}.Check(now(), keypair.WarnDays)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range check.Warnings {
			got = append(got, f.Code)
		}
		if diff := cmp.Diff(want, got); diff != "" || !check.OK || len(check.Findings) > 0 {
			t.Errorf("%s: OK %v, findings %v, warnings (-want +got):\n%s", file, check.OK, check.Findings, diff)
		}
	}
}

func TestCheckCertificatesNeedsOneInTheMetadata(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{"none": entity(sso), "unreadable": entity(cert("", "AAAA") + sso), "no XML": "x"} {
		given := metadata.Certificates{Metadata: []byte(xml)}
		if check, err := given.Check(now(), 30); fault.CodeOf(err) != fault.Failed || len(fault.Hints(err)) == 0 {
			t.Errorf("%s: got %+v, error %v; want an error with a hint", name, check, err)
		}
	}
}

func TestReadCertificate(t *testing.T) {
	t.Parallel()
	der := readPEM(t, "rsa.crt")
	tests := map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "DER": der,
		"base64": []byte(base64.StdEncoding.EncodeToString(der) + "\n"),
	}
	for name, data := range tests {
		got, err := metadata.ReadCertificate(data)
		if err != nil || !got.Equal(certificate(t, "rsa")) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: readPEM(t, "rsa.key")})
	for name, data := range map[string][]byte{"nothing": nil, "words": []byte("no certificate"), "a key": key} {
		if got, err := metadata.ReadCertificate(data); err == nil {
			t.Errorf("%s: got %v, want an error", name, got.Subject)
		}
	}
}
