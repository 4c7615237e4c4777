package scim_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/scim"
)

// TestManyMembersComeInLargePages counts requests: the first tells that there are
// many. A server that caps pages, or fails at large ones, is read all the same.
func TestManyMembersComeInLargePages(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	for name, test := range map[string]struct {
		total, capped int
		fails         func(asked int) bool
		requests      int
	}{
		"few":                 {1999, most, nil, 20},
		"many":                {10_050, most, nil, 1 + 10},
		"many, by a page":     {10_100, most, nil, 1 + 10},
		"a server that caps":  {2_100, 100, nil, 21},
		"a server that fails": {3_000, most, func(asked int) bool { return asked > 100 }, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := 0
			s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
				if asked, _ := strconv.Atoi(c.count); test.fails != nil && test.fails(asked) {
					refused++
					reply(w, http.StatusBadRequest, `{"detail":"too many"}`)
					return
				}
				reply(w, http.StatusOK, cut(c, test.total, test.capped, userN))
			}}
			users, err := connect(t, s, scim.Readers(1)).Users(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wantUsers(t, users, test.total)
			if got := len(s.seen()) - refused; got != test.requests {
				t.Errorf("%d requests, expected %d", got, test.requests)
			}
			if test.fails != nil && refused != 1 {
				t.Errorf("large pages were asked for %d times, expected once", refused)
			}
		})
	}
}

// TestGroupsComeInSmallPages: each has its members, so that a page is large already.
func TestGroupsComeInSmallPages(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		reply(w, http.StatusOK, cut(c, 2_500, 1<<20, groupN))
	}}
	if groups, err := connect(t, s).Groups(t.Context()); err != nil || len(groups) != 2_500 || len(s.seen()) != 25 {
		t.Errorf("%d groups in %d requests, %v", len(groups), len(s.seen()), err)
	}
}
