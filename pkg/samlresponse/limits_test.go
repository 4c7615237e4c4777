package samlresponse_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// bomb is a deflated response of so many bytes.
func bomb(tb testing.TB, size int) string {
	tb.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write([]byte("<x>" + strings.Repeat(" ", size))); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

func nest(depth int) string {
	return strings.Repeat("<x>", depth) + strings.Repeat("</x>", depth)
}

func attributesOf(count int, format string) string {
	var text strings.Builder
	for i := range count {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}

func TestWhatCannotBeReadIsToldApart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		input string
		want  string
		sent  bool // Sentry could not read it either
	}{
		"nothing":              {" \n", "the input is empty", false},
		"a word":               {"hello", "there is no SAMLResponse in the input", false},
		"other base64":         {base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("no XML "), 20)), "neither XML nor deflated XML", true},
		"bad padding":          {strings.Repeat("A", 65), "its padding is wrong", true},
		"a HAR without one":    {`{"log": {"entries": []}}`, "there is no SAMLResponse in the input", false},
		"JSON that is no HAR":  {`{"log": 1}`, "neither a HAR file", false},
		"an empty document":    {"<!-- -->", "there is no XML in it", true},
		"a cut document":       {"<x>", "ends too early", true},
		"a wrong end":          {"<x></y>", "</y> closes no element", true},
		"too many ends":        {"<x/></x>", "</x> closes no element", true},
		"a DOCTYPE":            {"<!DOCTYPE x><x/>", "a DOCTYPE is forbidden", true},
		"an undeclared prefix": {"<a:x/>", `the prefix "a" is not declared`, true},
		"a late declaration":   {"<x/><?xml version='1.0'?>", "not at the start", true},
		"another encoding":     {`<?xml version="1.0" encoding="Shift_JIS"?><x/>`, `the encoding is not read here: "Shift_JIS"`, false},
		"UTF-7":                {`<?xml version="1.0" encoding="UTF-7"?><x/>`, "UTF-7 is not accepted", true},
		"a bomb":               {bomb(t, 50<<20), "inflates to more than 1048576 bytes", false},
		"much base64":          {strings.Repeat("QUFB", 1<<20), "characters, the limit is 2097152", false},
		"a great document":     {"<x>" + strings.Repeat(" ", samlresponse.MaxXML) + "</x>", "the limit is 1048576", false},
		"a great input":        {strings.Repeat(" ", samlresponse.MaxInput+1), "the limit is 33554432", false},
		"depth":                {nest(258), "nested more than 257 deep", true},
		"attributes":           {"<x" + attributesOf(65, ` a%d=""`) + "/>", "65 attributes, more than 64", false},
		"namespaces":           {"<x" + attributesOf(40, ` xmlns:a%d="u"`) + "><y" + attributesOf(40, ` xmlns:b%d="u"`) + "/></x>", "more than 64 namespaces", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := samlresponse.Decode([]byte(tt.input))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("want an error with %q, found %v", tt.want, err)
			}
			if got := errors.Is(err, samlresponse.ErrUnreadable); got != tt.sent {
				t.Errorf("ErrUnreadable is %v, want %v: %v", got, tt.sent, err)
			}
			if len(fault.Hints(err)) == 0 || fault.CodeOf(err) != fault.Failed {
				t.Errorf("hints %v, code %d", fault.Hints(err), fault.CodeOf(err))
			}
		})
	}
}

func TestLimitsLetTheLargestThrough(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"depth":      nest(257),
		"attributes": "<x" + attributesOf(64, ` a%d=""`) + "/>",
		"namespaces": "<x" + attributesOf(64, ` xmlns:a%d="u"`) + "/>",
		"size":       "<x>" + strings.Repeat(" ", samlresponse.MaxXML-7) + "</x>",
		"comments":   "<x>" + strings.Repeat("a<!---->", samlresponse.MaxXML/8-1) + "</x>",
	} {
		r, err := samlresponse.Decode([]byte(xml))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v := samlresponse.Judge(r, settingsFor(t, pairOf(t, "idp"))); v.Reason != "Unsupported SAML version" {
			t.Errorf("%s: %q", name, v.Reason)
		}
	}
}
