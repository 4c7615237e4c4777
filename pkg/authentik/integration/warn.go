package integration

import (
	"context"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// warn says what is known to hurt of what is wanted and of what is there.
func (r *Run) warn(ctx context.Context, e *engine, s Settings, c authentik.Capabilities, p *Plan) ([]Warning, error) {
	warnings := []Warning{}
	add := func(w ...Warning) { warnings = append(warnings, w...) }
	bound, err := e.bindingWarnings(ctx, s)
	if err != nil {
		return nil, err
	}
	add(bound...)
	add(e.certificateWarnings(s, r.Now())...)
	add(e.issuerWarnings(s, c)...)
	add(trustWarnings(c, p)...)
	add(e.signatureWarnings()...)
	if s.WithSCIM {
		add(e.scimWarnings(s, c)...)
		add(e.tokenWarnings()...)
		if e.keeping.problem != nil {
			add(forgotten(e.keeping.problem))
		}
	}
	return warnings, nil
}

func (e *engine) certificateWarnings(s Settings, now time.Time) []Warning {
	warnings := certificateAdvice(e.signingName(s), e.certificateFindings(s, now))
	saml := e.actual[idSAML]
	if saml != nil && s.Signing.Algorithm == EC && saml.text("signature_algorithm") == SignatureAlgorithm(RSA) {
		warnings = append(warnings, Warning{
			"signature-algorithm", "the SAML provider signs with rsa-sha256, and the key is an EC key",
			"authentik can then sign neither metadata nor assertions: logins fail.", "Apply this plan, which sets ecdsa-sha256.",
		})
	}
	return warnings
}

// signingName is the name of the key that is to sign, in authentik.
func (e *engine) signingName(s Settings) string {
	if e.pair != nil && s.Signing.Upload == nil {
		return e.pair.text("name")
	}
	return s.Signing.Name
}

// certificateFindings are keypair's of the certificate that is to sign: all of one
// that is uploaded, and those of its end of one that authentik has, of which its
// API tells no more.
func (e *engine) certificateFindings(s Settings, now time.Time) []keypair.Finding {
	if s.Signing.Upload != nil {
		held, err := keypair.Parse([]byte(s.Signing.Upload.Certificate), nil)
		if err != nil {
			return nil // it was read from a certificate
		}
		return keypair.Inspect(held, now, keypair.WarnDays).Findings
	}
	if e.pair == nil {
		return nil
	}
	end, err := time.Parse(time.RFC3339, e.pair.text("cert_expiry"))
	if err != nil {
		return nil
	}
	if f := keypair.Validity(time.Time{}, end, now, keypair.WarnDays); f != nil {
		return []keypair.Finding{*f}
	}
	return nil
}

// certificateAdvice leaves out what the plan itself sees to: the algorithm of an
// ECDSA key. That the certificate is a CA is no harm in authentik, which makes
// such ones.
func certificateAdvice(name string, findings []keypair.Finding) []Warning {
	var warnings []Warning
	for _, f := range findings {
		reason := "authentik and Sentry take it without a word."
		switch f.Code {
		case keypair.ECDSADefault, keypair.CACertificate:
			continue
		case keypair.Expired, keypair.ExpiresSoon, keypair.NotYetValid:
			reason = "authentik does not renew it by itself, and Sentry has a copy that must change with it."
		}
		warnings = append(warnings, Warning{
			f.Code, "the certificate " + ui.Printable(name) + ": " + f.Message, reason,
			"Make another with 'sentryidp saml cert generate', apply it with --certificate-file and --key-file under another --signing-keypair, and let Sentry read the metadata again at once.",
		})
	}
	return warnings
}

func (e *engine) issuerWarnings(s Settings, c authentik.Capabilities) []Warning {
	if !c.IssuerOverride || s.Issuer != "" {
		return nil
	}
	found := ""
	if saml := e.actual[idSAML]; saml != nil {
		if saml.text("issuer_override") != "" { // it is kept
			return nil
		}
		if told := saml.text("url_issuer"); told != "" && told != "-" && told != s.MetadataURL() {
			found = "; authentik says " + ui.Printable(told) + " now"
		}
	}
	return []Warning{{
		"issuer-by-host", "the issuer follows the host that authentik is opened under" + found,
		"Since 2026.5 an empty issuer is the metadata URL under the host and scheme of each request; Sentry refuses any issuer but the one it was told.",
		"Open authentik under one address only, or pin the issuer: --issuer " + s.MetadataURL(),
	}}
}

// signatureWarnings are about a choice that is kept and that Sentry may not take
// (getsentry/sentry #106175, getsentry/self-hosted #4127).
func (e *engine) signatureWarnings() []Warning {
	if saml := e.actual[idSAML]; saml == nil || saml.fields["sign_response"] != true {
		return nil
	}
	return []Warning{{
		"signed-twice", "the SAML provider signs the response beside the assertion",
		"Sentry is reported to refuse such logins: the signature of the assertion breaks that of the response.",
		"If logins fail, switch 'Sign response' off in authentik.",
	}}
}

// trustWarnings are about changes that Sentry has to be told of.
func trustWarnings(c authentik.Capabilities, p *Plan) []Warning {
	var what string
	switch {
	case p.changes(idSAML, c.IssuerField()):
		what = "the issuer"
	case p.changes(idSAML, "signing_kp"), p.changes(idKeyPair, "certificate_data"):
		what = "the signing certificate"
	default:
		return nil
	}
	return []Warning{{
		"sentry-trust", what + " changes, and Sentry has the old one",
		"Sentry keeps what the metadata said when it was set up, and refuses the logins of anything else.",
		"Right after applying, let Sentry read the metadata URL again (Settings > Auth), while an owner is logged in.",
	}}
}

// scimWarnings are what authentik's SCIM client does to Sentry
// (authentik/providers/scim/clients, Sentry core/endpoints/scim/members.py).
func (e *engine) scimWarnings(s Settings, c authentik.Capabilities) []Warning {
	discovers := e.discovers(c)
	push := "Let 'sentryidp scim push' provision, and leave --with-scim out."
	warnings := []Warning{{
		"scim-deactivated-stay", "authentik's SCIM leaves people in Sentry whom authentik deactivates",
		"It deactivates by PUT, and Sentry ignores active in PUT.", push,
	}, {
		"scim-repeated-puts", "authentik's SCIM sends everybody again in every run",
		"Sentry does not tell externalId, so what authentik compares always differs.", push,
	}}
	if !discovers {
		warnings = append(warnings, Warning{
			"scim-members-stop", "authentik's SCIM stops at the first person who is a member of Sentry already",
			"Without discovery it creates everybody; for a member Sentry answers 409, and only from a Sentry that says it can filter does authentik look the member up. Otherwise who comes after is not sent.",
			"After a sync, read what its tasks wrote: 'sentryidp authentik sync'. " + push,
		})
	}
	if discovers {
		warnings = append(warnings, Warning{
			"scim-discovery", "authentik's SCIM can delete members of Sentry who are not bound to the application",
			"Its discovery adopts members who exist, and the clean-up deletes those out of scope. Since 2026.8 discovery can be switched off.",
			"Switch discovery off where authentik can, or bind everybody who is a member first, and keep a snapshot: 'sentryidp scim export'. " + push,
		})
	}
	if !c.GroupFilters && len(s.Teams) != 1 {
		warnings = append(warnings, Warning{
			"scim-everybody", "authentik " + c.Release.String() + " sends everybody, whatever is bound",
			"Before 2026.2 its SCIM provider filters by a single group, and not by bindings.", "Name one group in scim.groups, or update authentik. " + push,
		})
	}
	return warnings
}

// discovers reports whether the SCIM provider looks for members who exist. It does
// since 2026.5, unless that is switched off.
func (e *engine) discovers(c authentik.Capabilities) bool {
	provider := e.actual[idSCIM]
	switch {
	case !c.Discovers:
		return false
	case !c.DiscoveryEnabled:
		return true
	}
	return provider != nil && provider.fields[discovery] == true
}
