package guide_test

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sentryidp/sentryidp/pkg/peers"
)

// TestThePageFits lays the page out on a phone and on a desktop: nothing is cut off,
// no text is small, also in the pictures, and every step can be read.
func TestThePageFits(t *testing.T) {
	t.Parallel()
	ctx := peers.Browser(t)
	for name, page := range pages(t) {
		address := "data:text/html;charset=utf-8," + url.PathEscape(page)
		for _, width := range []int64{360, 1280} {
			if _, err := chromedp.Run(ctx, chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Navigate(address))); err != nil {
				t.Fatal(err)
			}
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
			if err != nil || wide > width {
				t.Errorf("%s: %d pixels wide on %d, %v", name, wide, width, err)
			}
			const smallest = `Math.min(...[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize) * (e.closest('svg') ? e.closest('svg').getBoundingClientRect().width / 340 : 1)))`
			size, err := chromedp.Run(ctx, chromedp.Evaluate[float64](smallest))
			if err != nil || size < 11.5 {
				t.Errorf("%s: text of %.1f pixels on %d, %v", name, size, width, err)
			}
			const outside = `[...document.querySelectorAll('svg text')].filter(e => { const r = e.getBoundingClientRect(), s = e.closest('svg').getBoundingClientRect(); return r.left < s.left || r.right > s.right }).length`
			cut, err := chromedp.Run(ctx, chromedp.Evaluate[int](outside))
			if err != nil || cut > 0 {
				t.Errorf("%s: %d labels of pictures are cut off on %d, %v", name, cut, width, err)
			}
		}
	}
}
