package guide

func (b *builder) provisioning() []Step {
	steps := []Step{
		{
			Key: keyScim, Title: "Switch SCIM on, and keep its token", audiences: []Audience{Sentry},
			Reason:  "Sentry makes the token when SCIM is switched on. Single sign-on has to be set up first.",
			Actions: b.scimActions(),
			Notes:   []string{"Deleting the SCIM Internal Integration in Sentry's settings ends provisioning."},
			Checks:  []string{"scim-address", "scim-token"}, faults: []string{"auth-provider/scim-off", "sentry-report/scim-off", "sentry-report/scim-token"}, sets: "sentry.scim.token",
		},
		{
			Key: "push", Title: "Look at the first push, then push",
			Reason: "A push changes only what differs. The first one shows who is invited, and which teams are made or adopted.",
			Actions: []Action{
				{Text: "See what each user becomes:", Commands: []string{b.run("scim map")}},
				{Text: "See what a push would change:", Commands: []string{b.run("scim push", "--dry-run")}},
				{Text: "Push; on a terminal it asks before it writes:", Commands: []string{b.run("scim push")}},
			},
			Checks: []string{"directory"}, faults: []string{"sentry-invites"},
		},
		{
			Key: "nightly", Title: "Make ready for a push each night, and schedule it",
			Reason: "Guards compare each push with the earlier ones, which the state directory remembers.",
			Actions: []Action{
				{Text: "In a crontab, or as the command of a CI job:", Commands: []string{"17 2 * * * " + b.run("scim push", "--yes --report push.html")}},
				do("In CI keep the state directory (SENTRYIDP_STATE_DIR) between runs, and let only one run at a time."),
			},
			Notes:  []string{"The checks see that this machine is ready. They do not see the schedule."},
			Checks: []string{"state-dir", "guards"},
		},
		{
			Key: "after", Title: "Look after it",
			Reason: "Certificates end, invitations expire, and releases have faults.",
			Actions: []Action{
				{Text: "After each update of Sentry or authentik, and once a week:", Commands: []string{b.run("doctor")}},
				{Text: "Before the certificate ends:", Commands: []string{b.run("saml cert check", "--authentik")}},
			},
			Checks: []string{"members", "authentik-scim"}, faults: []string{"scim-rows"},
		},
	}
	for i := range steps {
		steps[i].Part = partProvision
	}
	return steps
}

func (b *builder) scimActions() []Action {
	give := Action{Text: "Let sentryidp have the token from a file that you alone can read, a keyring or a secret store:", Values: []Value{
		typed(labelSetting, "sentry.scim.token"), typed(labelVariable, "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE"),
	}}
	if b.script {
		return []Action{
			{Text: "Run the script inside Sentry. The last command writes the token to scim.token:", Commands: []string{
				inside("scim"), "(umask 077; " + inside("scim --apply --token-file -") + " > scim.token)",
			}},
			give,
		}
	}
	return []Action{
		{Text: "Settings > Auth > Configure > General Settings, then Save Settings:", Values: []Value{typed(labelPage, b.urls.SettingsURL()), chosen("Enable SCIM", "on")}},
		{Text: "SCIM Information then shows both. From 26.3 on the token is shown for 5 minutes; after that only switching SCIM off and on again makes a new one.", Values: []Value{
			typed("SCIM Base URL", b.scim), chosen("Auth Token", "copy it; it is a secret"),
		}},
		give,
	}
}
