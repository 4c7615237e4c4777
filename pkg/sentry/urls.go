package sentry

import (
	"io"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// URLs are the addresses of one organization. SAML's end in a slash, SCIM's does
// not (Sentry, web/urls.py, auth/providers/saml2/provider.py and
// web/frontend/organization_auth_settings.py get_scim_url).
type URLs struct {
	Org         string `json:"org"`
	SentryURL   string `json:"sentry_url"`
	ACSURL      string `json:"acs_url"`
	Audience    string `json:"audience"`
	SLSURL      string `json:"sls_url"`
	MetadataURL string `json:"metadata_url"`
	LoginURL    string `json:"login_url"`
	SCIMBaseURL string `json:"scim_base_url"`
}

// URLsOf returns the addresses of the organization org at base.
func URLsOf(base Base, org Slug) URLs {
	b, o := base.String(), string(org)
	return URLs{
		Org: o, SentryURL: b,
		ACSURL:      b + "/saml/acs/" + o + "/",
		Audience:    b + "/saml/metadata/" + o + "/",
		SLSURL:      b + "/saml/sls/" + o + "/",
		MetadataURL: b + "/saml/metadata/" + o + "/",
		LoginURL:    b + "/auth/login/" + o + "/",
		SCIMBaseURL: b + "/api/0/organizations/" + o + "/scim/v2",
	}
}

// SettingsURL is the page on which an owner sets SAML and SCIM up.
func (u URLs) SettingsURL() string { return u.SentryURL + "/settings/" + u.Org + "/auth/" }

var _ report.EnvDocument = URLs{}

// RenderText writes one line an address.
func (u URLs) RenderText(w io.Writer, s ui.Styles) error {
	return s.Pairs(w, [][2]string{
		{"ACS URL", s.Code(u.ACSURL)},
		{"Audience (entity ID)", s.Code(u.Audience)},
		{"SLS URL", s.Code(u.SLSURL)},
		{"Metadata URL", s.Code(u.MetadataURL)},
		{"Login URL", s.Code(u.LoginURL)},
		{"SCIM base URL", s.Code(u.SCIMBaseURL)},
	})
}

// Variables returns the addresses as shell variables.
func (u URLs) Variables() []report.Variable {
	return []report.Variable{
		{Name: "SENTRY_SAML_ACS_URL", Value: u.ACSURL},
		{Name: "SENTRY_SAML_AUDIENCE", Value: u.Audience},
		{Name: "SENTRY_SAML_SLS_URL", Value: u.SLSURL},
		{Name: "SENTRY_SAML_METADATA_URL", Value: u.MetadataURL},
		{Name: "SENTRY_LOGIN_URL", Value: u.LoginURL},
		{Name: "SENTRY_SCIM_BASE_URL", Value: u.SCIMBaseURL},
	}
}
