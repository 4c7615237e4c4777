package sso_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// newBrowser starts Debian's chromium without JavaScript: the pages have to do
// without.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx := peers.Browser(t)
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab drives a browser through a site.
type tab struct {
	*testing.T

	ctx  context.Context //nolint:containedctx // a tab lives as long as its test
	site *site
}

func (b tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ask(b, chromedp.Steps(actions...))
}

// ask runs an action and returns what it found.
func ask[T any](b tab, action chromedp.Action[T]) T {
	b.Helper()
	found, err := chromedp.Run(b.ctx, action)
	if err != nil {
		place, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.Fatalf("at %s: %v", place, err)
	}
	return found
}

// click presses a button and waits for an element of the page that follows.
func (b tab) click(id, then string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS("#"+id)), chromedp.WaitVisible(chromedp.CSS("#"+then)))
}

func (b tab) text(id string) string {
	b.Helper()
	return ask(b, chromedp.Text(chromedp.CSS("#"+id)))
}

// shoot lays the page out in windows of two widths, and keeps pictures of both
// where go test was given -artifacts: nobody would see them otherwise.
func (b tab) shoot(name string) {
	b.Helper()
	kept := flag.Lookup("test.artifacts")
	for _, width := range []int64{800, 360} {
		b.do(chromedp.EmulateViewport(width, 700))
		if kept == nil || kept.Value.String() != "true" {
			continue
		}
		picture := ask(b, chromedp.FullScreenshot(100))
		file := filepath.Join(b.ArtifactDir(), fmt.Sprintf("%s-%d.png", name, width))
		if err := os.WriteFile(file, picture, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

// begin opens Sentry's login and goes to the page that posts the response. It
// returns the response.
func (b tab) begin() string {
	b.Helper()
	b.do(chromedp.Navigate(b.site.rehearsal.LoginURL()), chromedp.WaitVisible(chromedp.CSS("#start")))
	b.click("start", "continue")
	response := ask(b, chromedp.AttributeValue(chromedp.CSS(`input[name=SAMLResponse]`), "value"))
	if response.Value == "" {
		b.Fatal("the form has no SAMLResponse")
	}
	return response.Value
}

// capture keeps a posted response with the message that it brought.
func (b tab) capture(name, response, message string) {
	b.Helper()
	for suffix, text := range map[string]string{".b64": response, ".txt": message} {
		if err := os.WriteFile(filepath.Join(b.ArtifactDir(), name+suffix), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.agrees(name, response, message)
}

// agrees asserts that 'sentryidp saml response inspect' says of a response what
// the page says.
func (b tab) agrees(name, response, message string) {
	b.Helper()
	base, _, err := sentry.ParseBase(b.site.sentry)
	if err != nil {
		b.Fatal(err)
	}
	stored, err := metadata.Parse([]byte(b.fetch(b.site.rehearsal.MetadataURL())))
	if err != nil {
		b.Fatal(err)
	}
	decoded, err := samlresponse.Decode([]byte(response))
	if err != nil {
		b.Fatal(err)
	}
	verdict := samlresponse.Judge(decoded, samlresponse.Settings{
		Provider: samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert},
		SP:       sentry.URLsOf(base, "acme"), At: time.Now(),
	})
	if verdict.Accepted != (message == "") || !strings.Contains(message, verdict.Reason) {
		b.Errorf("%s: inspect says %t %q, the page says %q", name, verdict.Accepted, verdict.Reason, message)
	}
}

// fetch reads a page without the browser.
func (b tab) fetch(address string) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	b := tab{t, newBrowser(t), newSite(t)}
	b.logIn()
	b.learn()
	b.logOut()
}

// logIn goes in by an invitation, and finds the member.
func (b tab) logIn() {
	b.do(chromedp.Navigate(b.site.sentry+"/"), chromedp.WaitVisible(chromedp.CSS("h1")))
	b.shoot("home")
	b.do(chromedp.Navigate(b.site.rehearsal.LoginURL()), chromedp.WaitVisible(chromedp.CSS("#start")))
	b.shoot("login")
	b.click("start", "person-grace")
	b.shoot("identify")
	b.click("person-grace", "continue")
	b.shoot("continue")
	b.click("continue", "confirm")
	b.shoot("confirm")
	b.click("confirm", "role")
	b.shoot("account")
	got := []string{b.text("email"), b.text("role"), b.text("teams"), b.text("how")}
	wanted := []string{"Grace.Sample@acme.test", "admin", "#design, #ops", "The invitation was accepted: member, role and teams stay as they were."}
	if diff := cmp.Diff(wanted, got); diff != "" {
		b.Errorf("account (-want +got):\n%s", diff)
	}
	b.do(chromedp.Navigate(b.site.sentry+"/rehearsal/plan/"), chromedp.WaitVisible(chromedp.CSS("#changes")))
	if got := b.text("changes"); got != "2 changes:" {
		b.Errorf("the plan: %s", got)
	}
	b.shoot("plan")
	for _, page := range []string{"members", "teams", "requests"} {
		b.do(chromedp.Navigate(b.site.sentry+"/rehearsal/"+page+"/"), chromedp.WaitVisible(chromedp.CSS("table")))
		b.shoot(page)
	}
}

// learn switches on one fault after the other.
func (b tab) learn() {
	faults := b.site.sentry + "/rehearsal/faults/"
	for fault, wanted := range words(b.site) {
		b.do(chromedp.Navigate(faults), chromedp.Click(chromedp.CSS("#fault-"+fault)))
		b.click("save", "on")
		response := b.begin()
		b.click("continue", "message")
		message := b.text("message")
		if diff := cmp.Diff(wanted, message); diff != "" {
			b.Errorf("%s (-want +got):\n%s", fault, diff)
		}
		b.capture(fault, response, message)
		b.shoot("fault-" + fault)
		b.do(chromedp.Navigate(faults), chromedp.Click(chromedp.CSS("#fault-"+fault)))
		b.click("save", "off")
	}
	b.shoot("faults")
	b.capture("accepted", b.begin(), "")
	b.click("continue", "how")
}

// logOut ends the session at authentik, and with it Sentry's.
func (b tab) logOut() {
	b.do(chromedp.Navigate(b.site.idp+"/"), chromedp.WaitVisible(chromedp.CSS("#slo")))
	b.shoot("library")
	b.click("slo", "how")
	if got := b.text("how"); got != "Sentry has ended its session, too." {
		b.Errorf("after the logout: %s", got)
	}
}
