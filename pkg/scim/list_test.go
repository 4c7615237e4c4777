package scim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func wantUsers(t *testing.T, got []scim.User, n int) {
	t.Helper()
	seen := map[string]bool{}
	for _, u := range got {
		seen[u.ID] = true
		if u.UserName != "u"+u.ID+"@acme.test" || u.Role != "member" || !u.Active {
			t.Errorf("user %+v", u)
		}
	}
	if len(got) != n || len(seen) != n {
		t.Errorf("%d users with %d ids, want %d", len(got), len(seen), n)
	}
}

func TestListsSendExactlyAsManyRequestsAsThereArePages(t *testing.T) {
	t.Parallel()
	tests := []struct{ total, ask, cap, requests int }{
		{0, 100, 1 << 20, 1},
		{1, 100, 1 << 20, 1},
		{100, 100, 1 << 20, 1},
		{101, 100, 1 << 20, 2},
		{1000, 100, 1 << 20, 10},
		{1001, 100, 1 << 20, 11},
		{1001, 500, 1 << 20, 3},
		{1001, 2000, 1 << 20, 1},
		{1001, 500, 100, 11}, // the server caps what is asked
		{45, 100, 20, 3},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
				item := userN
				if c.path == "/Groups" {
					item = groupN
				}
				reply(w, http.StatusOK, cut(c, tt.total, tt.cap, item))
			}}
			c := connect(t, s, scim.PageSize(tt.ask))
			users, err := c.Users(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wantUsers(t, users, tt.total)
			for i, u := range users {
				if u.ID != strconv.Itoa(i+1) {
					t.Fatalf("user %d is %s: the server's order is lost", i+1, u.ID)
				}
			}
			groups, err := c.Groups(t.Context())
			if err != nil || len(groups) != tt.total {
				t.Fatalf("%d groups, %v", len(groups), err)
			}
			if got := len(s.seen()); got != 2*tt.requests {
				t.Errorf("%d requests, want 2 times %d", got, tt.requests)
			}
			for _, call := range s.seen() {
				if call.count == "0" || call.count == "" || call.start == "" {
					t.Errorf("asked with startIndex %q and count %q", call.start, call.count)
				}
			}
		})
	}
}

func TestGroupsHaveMembers(t *testing.T) {
	t.Parallel()
	c := connect(t, &server{answer: func(_ int, _ call, w http.ResponseWriter) {
		reply(w, http.StatusOK, list(2, 1, groupN(7), `{"id":"8","displayName":"empty","members":null}`))
	}})
	got, err := c.Groups(t.Context())
	want := []scim.Group{
		{ID: "7", DisplayName: "team 7", Members: []scim.Member{{ID: "7", Display: "u7@acme.test"}}},
		{ID: "8", DisplayName: "empty", Members: []scim.Member{}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestActiveMayBeLeftOut(t *testing.T) {
	t.Parallel()
	c := connect(t, &server{answer: func(_ int, _ call, w http.ResponseWriter) {
		reply(w, http.StatusOK, list(2, 1, `{"id":"1","userName":"a@acme.test"}`, `{"id":"2","userName":"b@acme.test","active":false}`))
	}})
	got, err := c.Users(t.Context())
	want := []scim.User{{ID: "1", UserName: "a@acme.test", Active: true}, {ID: "2", UserName: "b@acme.test"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// disturb answers a page wrongly.
type disturb func(c call, total int) string

func disturbances() map[string]disturb {
	number := func(text string) int { n, _ := strconv.Atoi(text); return n }
	return map[string]disturb{
		"short page": func(c call, total int) string { // one entry less than there are
			c.count = strconv.Itoa(max(1, min(number(c.count), total-number(c.start)+1)-1))
			return cut(c, total, 1000, userN)
		},
		"empty page": func(c call, total int) string { return list(total, number(c.start)) },
		"shifted by one": func(c call, total int) string { // the last of the page before comes again
			start := number(c.start)
			c.start = strconv.Itoa(max(1, start-1))
			return strings.Replace(cut(c, total, 1000, userN), fmt.Sprintf(`"startIndex":%s,`, c.start), fmt.Sprintf(`"startIndex":%d,`, start), 1)
		},
		"other total":           func(c call, total int) string { return cut(c, total-1, 1000, userN) },
		"other start":           func(c call, total int) string { c.start = "1"; return cut(c, total, 1000, userN) },
		"more than was asked":   func(c call, total int) string { c.count = "100"; return cut(c, total, 1000, userN) },
		"half a body":           func(c call, total int) string { return cut(c, total, 1000, userN)[:100] },
		"an error page for one": func(call, int) string { return "" },
	}
}

func TestListsThatAreDisturbedNowAndThen(t *testing.T) {
	t.Parallel()
	const total = 95
	for name, wrong := range disturbances() {
		for _, every := range []int{2, 3, 7} {
			t.Run(fmt.Sprintf("%s, every %d", name, every), func(t *testing.T) {
				t.Parallel()
				s := &server{answer: func(n int, c call, w http.ResponseWriter) {
					switch {
					case n%every != 0:
						reply(w, http.StatusOK, cut(c, total, 1000, userN))
					case name == "an error page for one":
						reply(w, http.StatusBadGateway, "<html><title>502 Bad Gateway</title></html>")
					case name == "half a body":
						whole := cut(c, total, 1000, userN)
						w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
						_, _ = fmt.Fprint(w, whole[:100])
					default:
						reply(w, http.StatusOK, wrong(c, total))
					}
				}}
				// One reader, so that the same requests are disturbed in every run.
				got, err := connect(t, s, scim.PageSize(10), scim.Readers(1)).Users(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				wantUsers(t, got, total)
			})
		}
	}
}

func TestAListThatGrowsOnceIsReadAgain(t *testing.T) {
	t.Parallel()
	var pages atomic.Int64
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		total := 30
		if pages.Add(1) > 2 {
			total = 31
		}
		reply(w, http.StatusOK, cut(c, total, 1000, userN))
	}}
	got, err := connect(t, s, scim.PageSize(10), scim.Readers(1)).Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantUsers(t, got, 31)
}

// TestOneWhoGoesAndOneWhoComesAreNoTwoEntries pieces a list together while its
// first entry is replaced by another one: both are seen, the last entry is not,
// and the number of entries is right.
func TestOneWhoGoesAndOneWhoComesAreNoTwoEntries(t *testing.T) {
	t.Parallel()
	const total = 30
	round := 0
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		if c.start == "1" {
			round++
		}
		first := func(id int) string {
			if id == 1 {
				return userN(1000 + min(round, 2))
			}
			return userN(id)
		}
		switch {
		case round < 3 && c.start == "30", round == 1 && c.start == "21":
			reply(w, http.StatusOK, list(total+1, 0))
		case round < 3 && c.start == "21":
			reply(w, http.StatusOK, cut(c, total, 9, first))
		default:
			reply(w, http.StatusOK, cut(c, total, 10, first))
		}
	}}
	got, err := connect(t, s, scim.PageSize(10), scim.Readers(1)).Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, u := range got {
		ids = append(ids, u.ID)
	}
	if len(ids) != total || !slices.Contains(ids, "30") || !slices.Contains(ids, "1002") || slices.Contains(ids, "1001") {
		t.Errorf("got %q", ids)
	}
}

func TestListsThatNeverFitTogetherAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer func(n int, c call) string
		want   string
	}{
		"the total changes all the time": {func(n int, c call) string { return cut(c, 50+n, 10, userN) }, "became"},
		"always the first page":          {func(_ int, c call) string { c.start = "1"; return cut(c, 50, 10, userN) }, "startIndex"},
		"the end never comes": {func(_ int, c call) string {
			return strings.Replace(cut(c, 15, 10, userN), `"totalResults":15`, `"totalResults":50`, 1)
		}, "gives nothing"},
		"nothing of something": {func(int, call) string { return list(5, 1) }, "missing"},
		"more than the total":  {func(int, call) string { return list(1, 1, userN(1), userN(2)) }, "2 entries came where 1 exist"},
		"one entry twice":      {func(int, call) string { return list(2, 1, userN(1), userN(1)) }, "came twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(n int, c call, w http.ResponseWriter) { reply(w, http.StatusOK, tt.answer(n, c)) }}
			got, err := connect(t, s, scim.PageSize(10)).Users(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Fatalf("%d users, error %v, want %q", len(got), err, tt.want)
			}
			if fault.CodeOf(err) != fault.Failed || (len(s.seen()) > 1) != (len(fault.Hints(err)) > 0) {
				t.Errorf("code %d, hints %v", fault.CodeOf(err), fault.Hints(err))
			}
			if len(s.seen()) > 1000 {
				t.Errorf("%d requests before it gave up", len(s.seen()))
			}
		})
	}
}
