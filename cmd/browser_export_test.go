package cmd

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	formField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// browser is somebody at a page, with cookies.
type browser struct {
	client   *http.Client
	at, page string
}

// LogIn logs a user in at Sentry as a browser would, and returns the page where that
// ends.
func LogIn(ctx context.Context, loginURL, username string) (page string, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	b := &browser{client: &http.Client{Timeout: time.Minute, Jar: jar}, at: loginURL}
	if err := b.send(ctx, http.MethodPost, b.at, nil); err != nil {
		return "", err
	}
	for range 3 { // who it is, the response, and whether the account is linked
		action := formAction.FindStringSubmatch(b.page)
		if action == nil || strings.Contains(b.at, "/organizations/") || strings.Contains(b.at, "/auth/login/") {
			break
		}
		form := url.Values{"username": {username}}
		for _, field := range formField.FindAllStringSubmatch(b.page, -1) {
			form.Set(field[1], html.UnescapeString(field[2]))
		}
		if err := b.send(ctx, http.MethodPost, html.UnescapeString(action[1]), form); err != nil {
			return "", err
		}
	}
	return b.page, nil
}

func (b *browser) send(ctx context.Context, method, target string, form url.Values) error {
	base, err := url.Parse(b.at)
	if err != nil {
		return err
	}
	to, err := base.Parse(target)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := b.client.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	b.at, b.page = response.Request.URL.String(), string(body)
	return errors.Join(err, response.Body.Close())
}
