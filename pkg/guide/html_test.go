package guide_test

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/report"
)

// pages are guides in every state and for everybody.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"unknown": render(t, guide.New(guide.Settings{}), report.HTML)}
	for _, audience := range append(guide.Audiences(), "") {
		for _, address := range []string{"https://sentry.io", "https://sentry.example.com"} {
			s := settings(t, address)
			s.For = guide.Audience(audience)
			all[audience+" "+address+" half way"] = render(t, ticked(s, halfway()), report.HTML)
			all[audience+" "+address+" done"] = render(t, ticked(s, seen()), report.HTML)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func content(n *html.Node) string {
	var text strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			text.WriteString(child.Data)
		}
	}
	return strings.TrimSpace(text.String())
}

// TestThePageIsAccessible holds the rules of axe that a page like this can break.
func TestThePageIsAccessible(t *testing.T) {
	t.Parallel()
	for name, page := range pages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			a := audit{t: t, ids: map[string]bool{}, count: map[string]int{}}
			for n := range root.Descendants() {
				if n.Type == html.ElementNode {
					a.element(n)
				}
			}
			a.whole()
		})
	}
}

// audit is what was seen of a page.
type audit struct {
	t       *testing.T
	ids     map[string]bool
	refers  []string // to ids
	count   map[string]int
	heading int
}

func (a *audit) element(n *html.Node) {
	a.count[n.Data]++
	if id := attribute(n, "id"); id != "" {
		if a.ids[id] {
			a.t.Errorf("the id %s is there twice", id)
		}
		a.ids[id] = true
	}
	a.refers = append(a.refers, strings.Fields(attribute(n, "aria-labelledby"))...)
	switch n.Data {
	case "html":
		if attribute(n, "lang") != "en" {
			a.t.Error("the page has no language")
		}
	case "h1", "h2", "h3", "h4":
		level := int(n.Data[1] - '0')
		if level > a.heading+1 || content(n) == "" {
			a.t.Errorf("the heading %q stands below level %d", content(n), a.heading)
		}
		a.heading = level
	case "svg":
		if attribute(n, "role") != "img" || attribute(n, "aria-labelledby") == "" || a.child(n, "title") == "" || a.child(n, "desc") == "" {
			a.t.Error("a picture has no name")
		}
	case "a":
		target, inside := strings.CutPrefix(attribute(n, "href"), "#")
		if !inside || content(n) == "" {
			a.t.Errorf("the link %q leads to %q", content(n), attribute(n, "href"))
		}
		a.refers = append(a.refers, target)
	case "img", "script", "link", "iframe", "object", "form", "input", "button", "base", "use", "image":
		a.t.Errorf("the page has <%s>", n.Data)
	}
	for _, attr := range n.Attr {
		if strings.HasPrefix(attr.Key, "on") || attr.Key == "style" || attr.Key == "src" || attr.Key == "tabindex" {
			a.t.Errorf("<%s> has %s", n.Data, attr.Key)
		}
	}
}

func (a *audit) child(n *html.Node, name string) string {
	for c := range n.ChildNodes() {
		if c.Data == name {
			return content(c)
		}
	}
	return ""
}

func (a *audit) whole() {
	for _, id := range a.refers {
		if !a.ids[id] {
			a.t.Errorf("nothing has the id %s", id)
		}
	}
	for name, want := range map[string]int{"h1": 1, "main": 1, "nav": 1, "footer": 1, "title": a.count["svg"] + 1} {
		if a.count[name] != want {
			a.t.Errorf("the page has %d <%s>, expected %d", a.count[name], name, want)
		}
	}
}

// TestThePageLoadsNothing looks for what a browser would fetch.
func TestThePageLoadsNothing(t *testing.T) {
	t.Parallel()
	loads := regexp.MustCompile(`(?i)\burl\(|@import|\bsrc=|\bsrcset=|href="[^#]|xlink`)
	for name, page := range pages(t) {
		if found := loads.FindString(page); found != "" {
			t.Errorf("%s: the page has %s", name, found)
		}
		if !strings.Contains(page, `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`) {
			t.Errorf("%s: the page has no policy", name)
		}
	}
}

// TestTheColoursCanBeRead computes the contrast of each declared colour of text on
// each ground (WCAG 2.2, 1.4.3: at least 4.5).
func TestTheColoursCanBeRead(t *testing.T) {
	t.Parallel()
	page := pages(t)["unknown"]
	palettes := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(page, -1)
	if len(palettes) != 3 {
		t.Fatalf("found %d palettes, expected those for light, dark and paper", len(palettes))
	}
	for i, palette := range palettes {
		colours := map[string]string{}
		for _, pair := range regexp.MustCompile(`--([a-z]+): (#[0-9a-f]+)`).FindAllStringSubmatch(palette[1], -1) {
			colours[pair[1]] = pair[2]
		}
		if names := slices.Sorted(maps.Keys(colours)); !slices.Equal(names, []string{"box", "good", "ink", "link", "open", "paper", "rule", "soft"}) {
			t.Errorf("palette %d has %v", i, names)
		}
		for _, ground := range []string{"paper", "box"} {
			for _, text := range []string{"ink", "soft", "good", "open", "link"} {
				if ratio := contrast(t, colours[text], colours[ground]); ratio < 4.5 {
					t.Errorf("palette %d: %s on %s has a contrast of %.1f", i, text, ground, ratio)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

// luminance is the relative luminance of #rgb or #rrggbb (WCAG 2.2).
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = fmt.Sprintf("%[1]c%[1]c%[2]c%[2]c%[3]c%[3]c", digits[0], digits[1], digits[2])
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		part := float64(value) / 255
		if part <= 0.04045 {
			part /= 12.92
		} else {
			part = math.Pow((part+0.055)/1.055, 2.4)
		}
		sum += weight * part
	}
	return sum
}
