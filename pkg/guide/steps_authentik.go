package guide

import "strings"

func (b *builder) authentikSteps() []Step {
	steps := []Step{
		{
			Key: "certificate", Title: "Choose the certificate that signs",
			Reason: "authentik's own certificate ends after a year and is not renewed by itself.",
			Actions: []Action{
				{Text: "Make a pair:", Commands: []string{b.run("saml cert generate", "--out-dir keys")}},
				{Text: "Name it in sentryidp.yaml; 'sentryidp authentik apply' uploads it:", File: "authentik:\n  certificate_file: keys/saml-signing.crt\n  key_file: keys/saml-signing.key\n"},
				do("Or choose a certificate that authentik has (System > Certificates) by authentik.signing_keypair."),
			},
			Notes:  []string{"Sentry trusts one certificate. 'sentryidp saml cert rotate' replaces it later, step by step."},
			Checks: []string{"authentik-certificate"},
		},
		{
			Key: "provider", Title: "Make the application and its SAML provider",
			Reason: "The application is what users see, and the provider answers Sentry.",
			Actions: []Action{
				{Text: "Let sentryidp make both; the first command shows what it would do:", Commands: []string{b.run("authentik apply", "--dry-run"), b.run("authentik apply")}},
				{Text: "Or by hand: Applications > Applications > New Application (older releases: Create with Provider), with a SAML Provider:", Values: b.providerForm()},
			},
			Checks: []string{"authentik-application", "authentik-provider", "authentik-attributes"},
		},
		{
			Key: "access", Title: "Say who may log in",
			Reason:  "Without a binding everybody in authentik may log in, and a push invites everybody.",
			Actions: b.accessActions(),
			Checks:  []string{"authentik-bindings"},
		},
		{
			Key: "metadata", Title: "See that Sentry can read the metadata",
			Reason: "Sentry reads the identity provider's metadata once, at the set-up.",
			Actions: []Action{
				{Text: "Judge it as Sentry does:", Commands: []string{b.run("saml metadata lint", quoted(b.metadata))}},
				{Text: "Where Sentry cannot reach authentik, its form also takes the XML:", Commands: []string{b.run("saml metadata fetch", quoted(b.metadata), "--out idp.xml")}},
			},
			Checks: []string{"idp-redirect", "idp-for-sentry", "idp-answer", "idp-issuer", "idp-metadata"},
		},
	}
	for i := range steps {
		steps[i].Part, steps[i].audiences = partAuthentik, []Audience{Authentik}
	}
	return steps
}

// providerForm is what authentik's forms ask for.
func (b *builder) providerForm() []Value {
	form := []Value{
		typed("Slug of the application", b.Application),
		typed("ACS URL", b.urls.ACSURL),
		typed("Audience", b.urls.Audience),
		typed("SLS URL", b.urls.SLSURL),
		chosen("Service Provider Binding", "Post"),
		chosen("SLS Binding", "Redirect"),
		chosen("Signing Certificate", "that of the step before"),
		chosen("Sign assertions", "on"),
		chosen("Verification Certificate", "none: Sentry signs no requests"),
		chosen("Encryption Certificate", "none: Sentry reads no encrypted assertions"),
	}
	nameID := ""
	for _, row := range b.Attributes.Rows {
		if row.Source == nil {
			continue
		}
		v := chosen("Property mapping", harmless(row.Source.Name))
		if row.Source.Managed == "" {
			v.Note = "create it: SAML attribute name " + harmless(row.Source.SAMLName) + ", expression " + harmless(row.Source.Expression)
		}
		if row.Field == "identifier" {
			nameID = v.Value
		}
		form = append(form, v)
	}
	issuer := typed("Issuer", b.metadata)
	issuer.Note = "before authentik 2026.5; from 2026.5 on leave it empty"
	return append(form, chosen("NameID Property Mapping", nameID), issuer)
}

func (b *builder) accessActions() []Action {
	group := "GROUP"
	if len(b.BindGroups) > 0 {
		group = strings.Join(b.BindGroups, ", ")
	}
	flags := each("--bind-group", b.BindGroups, group)
	return []Action{
		{Text: "Bind a group of authentik:", Commands: []string{b.run("authentik apply", flags, "--dry-run"), b.run("authentik apply", flags)}},
		{Text: "Or by hand: Applications > the application > Policy / Group / User Bindings > Bind existing group.", Values: []Value{chosen("Group", harmless(group))}},
	}
}

// each gives a flag once for each value, and once for the placeholder where
// there is none.
func each(flag string, values []string, placeholder string) string {
	if len(values) == 0 {
		return flag + " " + placeholder
	}
	words := make([]string, 0, len(values))
	for _, value := range values {
		words = append(words, flag+" "+quoted(value))
	}
	return strings.Join(words, " ")
}
