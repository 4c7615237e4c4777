package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// span is the part of a list that an answer holds: from and up to.
type span struct{ from, to int }

// cursorPage is the page that is asked for, and the header Link that leads to
// those beside it (api/base.py paginate and build_cursor_link). A cursor has three
// parts; here the middle one numbers the page. per_page is 1 to 100.
func (s *Sentry) cursorPage(c *call, total int) (span, http.Header, error) {
	size, number := defaultCount, 0
	if raw, ok := last(c.query, "per_page"); ok {
		n, ok := pyInt(raw)
		switch {
		case !ok:
			return span{}, nil, plain(http.StatusBadRequest, "Invalid per_page parameter.")
		case n < 1 || n > defaultCount:
			return span{}, nil, plain(http.StatusBadRequest, fmt.Sprintf("Invalid per_page value. Must be between 1 and %d.", defaultCount))
		}
		size = int(n)
	}
	if raw, ok := last(c.query, "cursor"); ok && raw != "" {
		parts := strings.Split(raw, ":")
		n, err := strconv.Atoi(strings.Join(parts[min(1, len(parts)):min(2, len(parts))], ""))
		if len(parts) != 3 || err != nil || n < 0 || n > maxAudit {
			return span{}, nil, plain(http.StatusBadRequest, "Invalid cursor parameter.")
		}
		number = n
	}
	from := min(number*size, total)
	to := min(from+size, total)
	link := func(rel string, page, back int, more bool) string {
		query := c.r.URL.Query()
		query.Del("cursor")
		address := s.absolute(c.r, c.r.URL.Path) + "?" + query.Encode()
		cursor := fmt.Sprintf("%d:%d:%d", size, page, back)
		return fmt.Sprintf(`<%s&cursor=%s>; rel="%s"; results="%t"; cursor="%s"`, address, cursor, rel, more, cursor)
	}
	links := link("previous", max(0, number-1), 1, number > 0) + ", " + link("next", number+1, 0, to < total)
	return span{from, to}, http.Header{"Link": {links}}, nil
}
