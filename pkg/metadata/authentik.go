package metadata

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// NewestAuthentik is the version that Authentik assumes when none is given.
const NewestAuthentik = "2026.8"

// oldIssuer is the issuer of every authentik SAML provider before 2026.5,
// unless another is typed in (authentik, providers/saml/models.py).
const oldIssuer = "authentik"

// AuthentikVersions lists the releases whose endpoints or defaults differ, for
// completion. Any other release is accepted too.
func AuthentikVersions() []string { return []string{"2025.10", "2026.2", "2026.5", NewestAuthentik} }

var versionForm = pattern.New(`^(20\d\d)\.(\d{1,2})(?:\.\d{1,3})?$`)

// Authentik describes the SAML provider of an authentik application: its URLs,
// its default entity ID and the name ID formats it announces. The certificates
// are left to the caller.
//
// baseURL is where authentik is served, with its path if it has one; a bare
// host means https. application is the application's slug. version is a release
// such as 2026.5 or 2026.5.3; empty means NewestAuthentik. From 2026.5 one
// unified endpoint serves all bindings and the metadata URL is the entity ID;
// before, each binding had its own path and the entity ID was "authentik"
// (authentik, providers/saml/urls.py and the release notes of 2026.5).
func Authentik(baseURL, application, version string) (Description, error) {
	base, err := authentikBase(baseURL)
	if err != nil {
		return Description{}, err
	}
	if !isSlug(application) {
		return Description{}, fault.Hint(fault.Usagef("%q is not the slug of an authentik application", application),
			"want letters, digits, '-' and '_', as in the application's address /application/saml/<slug>/")
	}
	unified, err := isUnified(version)
	if err != nil {
		return Description{}, err
	}
	root := base + "/application/saml/" + application + "/"
	d := Description{
		NameIDFormats: []string{NameIDEmail, NameIDPersistent, NameIDX509Subject, NameIDTransient},
		Site:          &Site{MetadataURL: root + "metadata/", EntityID: oldIssuer},
	}
	if unified {
		d.Site.EntityID = d.Site.MetadataURL
		d.SSORedirect, d.SSOPost, d.SLORedirect, d.SLOPost = root, root, root, root
	} else {
		d.SSORedirect, d.SSOPost = root+"sso/binding/redirect/", root+"sso/binding/post/"
		d.SLORedirect, d.SLOPost = root+"slo/binding/redirect/", root+"slo/binding/post/"
	}
	d.EntityID = d.Site.EntityID
	return d, nil
}

// authentikBase returns the URL without its trailing slash.
func authentikBase(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	if err := checkLocation("authentik's URL", text); err != nil {
		return "", err
	}
	if strings.ContainsAny(text, "?#") {
		return "", fault.Hint(fault.Usagef("authentik's URL must have no query: %s", text),
			"give the address that authentik's front page has, such as https://authentik.example.com")
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	u.Host = strings.ToLower(u.Host)
	return strings.TrimRight(u.String(), "/"), nil
}

// isSlug follows Django's SlugField, which authentik uses for applications.
func isSlug(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !isWordRune(r) })
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// isUnified reports whether version has the unified endpoint (2026.5 and later).
func isUnified(version string) (bool, error) {
	if version == "" {
		version = NewestAuthentik
	}
	parts := versionForm().FindStringSubmatch(version)
	if parts == nil {
		return false, fault.Hint(fault.Usagef("%q is not a version of authentik", version),
			"want year and month, such as %s", NewestAuthentik)
	}
	year, err := strconv.Atoi(parts[1])
	if err != nil {
		return false, err
	}
	month, err := strconv.Atoi(parts[2])
	if err != nil {
		return false, err
	}
	return year > 2026 || year == 2026 && month >= 5, nil
}
