package runreport_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/runreport"
)

// phone is the width of a narrow telephone, in CSS pixels.
const phone = 360

// TestThePageFitsAPhone lays the page of each run out on a phone: nothing is cut
// off, and no text is small.
func TestThePageFitsAPhone(t *testing.T) {
	t.Parallel()
	ctx := peers.Browser(t)
	for kind, run := range runs(same) {
		page := render(t, run, runreport.HTML)
		address := "data:text/html;charset=utf-8," + url.PathEscape(page)
		if _, err := chromedp.Run(ctx, chromedp.Steps(chromedp.EmulateViewport(phone, 700), chromedp.Navigate(address))); err != nil {
			t.Fatal(err)
		}
		width, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if err != nil || width > phone {
			t.Errorf("%s: %d pixels wide, %v", kind, width, err)
		}
		smallest, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`Math.min(...[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize)))`))
		if err != nil || smallest < 12 {
			t.Errorf("%s: text of %.1f pixels, %v", kind, smallest, err)
		}
		bars, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`[...document.querySelectorAll('.bar svg')].map(e => e.getBoundingClientRect().width)`))
		if err != nil || slices.ContainsFunc(bars, func(room float64) bool { return room < 80 }) {
			t.Errorf("%s: the bars have %v pixels, %v", kind, bars, err)
		}
	}
}
