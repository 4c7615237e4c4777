package sentryapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// fullPage is a page of as many members as Sentry gives at most.
func fullPage(first int) string {
	entries := make([]string, 0, sentryapi.PageSize)
	for i := range sentryapi.PageSize {
		entries = append(entries, fmt.Sprintf(`{"id":"%d"}`, first+i))
	}
	return "[" + strings.Join(entries, ",") + "]"
}

// TestAListThatWasCutShortIsRefused: the rest would look as if it was not there.
func TestAListThatWasCutShortIsRefused(t *testing.T) {
	t.Parallel()
	const previous = `<https://elsewhere.example/?cursor=0:0:1>; rel="previous"; results="false"`
	for name, tt := range map[string]struct {
		links []string
		body  string
		says  string
	}{
		"no header, and a full page": {nil, fullPage(1), "header Link"},
		"no next page is told of":    {[]string{previous}, fullPage(1), "header Link"},
		"a header of a proxy alone":  {[]string{`</style.css>; rel="preload"`}, fullPage(1), "header Link"},
		"a next page without cursor": {[]string{previous + `, <https://elsewhere.example/>; rel="next"; results="true"`}, `[{"id":"1"}]`, "cursor"},
		"a next page without host":   {[]string{previous + `, <://?cursor=%zz>; rel="next"; results="true"`}, `[{"id":"1"}]`, "cursor"},
		"null instead of a page":     {nil, `null`, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Link"] = tt.links
				_, _ = w.Write([]byte(tt.body))
			}), apiToken).Members(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("found %d members, %v", len(got), err)
			}
		})
	}
	rows := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"options":[]}`)) })
	if got, err := dial(t, rows, apiToken).AuditLog(t.Context(), sentryapi.AuditQuery{}); err == nil {
		t.Errorf("an audit log without rows: found %v", got)
	}
}

// TestTheLinkOfSentryIsFoundAmongOthers that something in front of it adds.
func TestTheLinkOfSentryIsFoundAmongOthers(t *testing.T) {
	t.Parallel()
	got, err := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, more := 101, "false"
		if r.URL.Query().Get("cursor") == "" {
			first, more = 1, "true"
		}
		w.Header().Add("Link", `</style.css>; rel="preload"`)
		w.Header().Add("Link", `<https://elsewhere.example/?cursor=0:100:0>; rel="next"; results="`+more+`"; cursor="0:100:0"`)
		_, _ = w.Write([]byte(fullPage(first)))
	}), apiToken).Members(t.Context())
	if err != nil || len(got) != 2*sentryapi.PageSize {
		t.Errorf("found %d members, %v", len(got), err)
	}
}
