package guide

import (
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// scriptFile is the file that the guide lets 'sentry script' write.
const scriptFile = "sentry.py"

// inside is a command that runs an action of the script inside Sentry.
func inside(action string) string { return sentryexec.Command(action, scriptFile) }

func (b *builder) signOn() []Step {
	steps := []Step{
		{
			Key: "way-back", Title: "Keep a way back in",
			Reason:  "If single sign-on is required and fails, nobody gets in to fix it.",
			Actions: b.wayBack(),
			Checks:  []string{"owners"}, faults: []string{"sentry-report/owners"}, aside: []string{"owners/locked-out"},
		},
		{
			Key: keySaml, Title: "Set SAML up in Sentry",
			Reason:  "Sentry stores the identity provider's addresses, its certificate, and the names of the attributes.",
			Actions: b.samlActions(),
			Notes:   b.samlNotes(),
			Checks:  []string{"auth-provider"}, proofs: []string{"sentry-stored", "scim-token"}, aside: []string{"auth-provider/scim-off", "auth-provider/optional"},
			faults: append([]string{"sso-feature", "sentry-stored"}, storedFaults()...),
		},
		{
			Key: "login", Title: "Test a login",
			Reason: "What is wrong shows at a login, while passwords still work.",
			Actions: []Action{
				{Text: "In a private window, so that no session of Sentry is in the way, open and log in:", Values: []Value{typed("Login URL", b.urls.LoginURL)}},
				{Text: "If Sentry refuses, save the requests of the window as login.har (developer tools, Network), and let sentryidp name the cause:", Commands: []string{
					b.run("doctor", "--response login.har"),
				}},
			},
			Notes:  []string{"An account that exists is asked for its password once, or gets a mail to confirm: Sentry then links it."},
			Checks: []string{"sso-login"}, proofs: []string{"response"}, undone: []string{"sso-login/nobody"},
		},
		{
			Key: "require", Title: "Require single sign-on",
			Reason:  "From now on a password alone opens nothing. A member without a user in authentik does not get in.",
			Actions: b.requireActions(),
			Checks:  []string{"auth-provider"}, proofs: []string{"sentry-report"}, aside: []string{"auth-provider/scim-off"},
			faults: []string{"sentry-report/optional"}, undone: []string{"auth-provider/optional"},
		},
	}
	for i := range steps {
		steps[i].Part, steps[i].audiences = partSignOn, []Audience{Sentry}
	}
	return steps
}

// storedFaults are what the report of the script finds wrong with SAML.
func storedFaults() []string {
	var codes []string
	for _, code := range []string{"organization", "outdated", "failed", "url-prefix", "no-provider", "other-provider", "incomplete", "empty", "no-certificate", "certificate-ended", "certificate-ends", "differs"} {
		codes = append(codes, "sentry-report/"+code)
	}
	return codes
}

func (b *builder) wayBack() []Action {
	actions := []Action{{
		Text:   "Have two owners who can get in without single sign-on, with a password and two factors: Settings > Members.",
		Values: []Value{typed("Members", b.urls.SentryURL+"/settings/"+b.urls.Org+"/members/")},
	}}
	if !b.script {
		return append(actions, do("Keep an owner logged in in another browser until a login by SSO has worked: Settings > Auth > Configure > Require SSO is switched off from there."))
	}
	return append(actions,
		Action{Text: "Write the script that sets Sentry up and lets passwords in again, and keep it:", Commands: []string{b.run("sentry script", "--metadata "+quoted(b.metadata), "--out "+scriptFile)}},
		Action{Text: "After a lock-out this is the way back in:", Commands: []string{inside("sso-optional --apply")}},
	)
}

func (b *builder) samlActions() []Action {
	if b.script {
		return []Action{
			{Text: "Run the script inside Sentry; the first command shows what it would do:", Commands: []string{inside("saml"), inside("saml --apply")}},
			{Text: "Look at what Sentry stored, without a token:", Commands: []string{inside("status") + " > out.json", b.run("guide", "--sentry-report out.json")}},
		}
	}
	actions := []Action{
		{Text: "Settings > Auth > " + b.Attributes.Provider + " > Configure, as an owner:", Values: []Value{typed(labelPage, b.urls.SettingsURL()), typed(b.Attributes.AddressLabel, b.metadata)}},
	}
	if b.Attributes.Typed {
		actions = append(actions, Action{Text: "Then type the names of the attributes, which Sentry compares exactly:", Values: b.attributeForm()})
	}
	return append(actions, do("Switch Require SSO off (Settings > Auth > Configure) until a login has worked: Sentry sets it by itself."))
}

// attributeForm are the rows of Sentry's form, as 'saml attributes' has them.
func (b *builder) attributeForm() []Value {
	var form []Value
	for _, row := range b.Attributes.Rows {
		v := typed(row.Label, ui.Printable(row.Attribute))
		if row.Attribute == "" {
			v = chosen(row.Label, "leave it empty")
		}
		form = append(form, v)
	}
	return form
}

func (b *builder) samlNotes() []string {
	notes := []string{}
	if b.script {
		notes = append(notes, "The script uses Sentry's internals, which were read for "+sentryexec.ReleasesRead()+".",
			"The same in a browser: sentryidp guide --for sentry")
	} else {
		notes = append(notes, "If Sentry shows Settings > Auth again without a word, the set-up failed: a self-hosted Sentry logs sso.login-pipeline.error.")
		notes = append(notes, "The set-up switches required two-factor authentication off.")
	}
	if b.Sentry.IsSaaS() {
		notes = append(notes, "At sentry.io, SAML takes a Business or Enterprise plan.")
	}
	return notes
}

func (b *builder) requireActions() []Action {
	if b.script {
		return []Action{{Text: "Once an owner has logged in by SSO:", Commands: []string{inside("sso-required"), inside("sso-required --apply")}}}
	}
	return []Action{{Text: "Settings > Auth > Configure > General Settings, then Save Settings:", Values: []Value{chosen("Require SSO", "on")}}}
}
