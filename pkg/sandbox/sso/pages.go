package sso

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

// page is what a template is given.
type page struct {
	Title string
	IDP   bool // of the identity provider, not of Sentry
	Body  any
}

// pages are the templates by name, and the stylesheet.
type pages struct {
	config    Config
	templates map[string]*template.Template
	style     []byte
}

func newPages(config Config) (*pages, error) {
	p := &pages{config: config, templates: map[string]*template.Template{}}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		t, err := template.ParseFS(pageFiles, "pages/layout.html", file)
		if err != nil {
			return nil, err
		}
		p.templates[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	p.style, err = pageFiles.ReadFile("pages/sandbox.css")
	return p, err
}

// show writes a page. It is rendered first: an error leaves no half a page.
func (p *pages) show(w http.ResponseWriter, status int, name string, content page) {
	var out bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&out, "layout.html", content); err != nil {
		http.Error(w, "the page "+name+" cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	other := p.config.IDPURL
	if content.IDP {
		other = p.config.SentryURL
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	// Forms are sent to the other side, too, and are redirected there.
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self' "+other+"; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

func (p *pages) stylesheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(p.style)
}

// formLimit is the size of the largest form, in bytes.
const formLimit = 1 << 20

// guard serves what mux knows, for browsers that asked for origin, and leaves
// the rest to next. Forms of other sites are refused but at the open patterns,
// which SAML posts to.
func (p *pages) guard(mux *http.ServeMux, next http.Handler, origin, open string) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern(open)
	guarded := protection.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			next.ServeHTTP(w, r)
			return
		}
		if !asked(r, origin) {
			http.Error(w, "Open "+origin+" instead.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, formLimit)
		guarded.ServeHTTP(w, r)
	})
}

// asked tells whether a request is for origin. A name that somebody has pointed
// at this machine is not; where any address is listened on, all are.
func asked(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	return r.Host == u.Host || (err == nil && address.IsUnspecified())
}
