package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

type authentikBlueprintOptions struct {
	offlineOptions

	part string
}

func newAuthentikBlueprint(a *app) *cobra.Command {
	o := &authentikBlueprintOptions{offlineOptions: offlineOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "blueprint",
		Short: "Write the integration as an authentik blueprint",
		Long: `Write what 'authentik apply' makes as a blueprint, from the settings alone. SCIM
is a document of its own, since Sentry shows its token only once SAML works. No
secret is in it: authentik's worker takes them from its environment.`,
		Example: `  sentryidp authentik blueprint --org acme --bind-group sentry-users > sentry-saml.yaml
  sentryidp authentik blueprint --org acme --part scim > sentry-scim.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	integrationFlags(cmd)
	o.flags(cmd)
	cmd.Flags().Var(enum(&o.part, string(integration.SAML), integration.Parts()), "part", "write the part for single sign-on or for provisioning")
	completeValues(cmd, "part", integration.Parts())
	return cmd
}

func (o *authentikBlueprintOptions) run(cmd *cobra.Command) error {
	part := integration.Part(o.part)
	desired, err := o.desired(cmd, part == integration.SCIM)
	if err != nil {
		return err
	}
	content, err := desired.Blueprint(part)
	if err != nil {
		return err
	}
	return o.show(&describedDocument{Release: desired.Release, Format: "blueprint", Part: o.part, Content: string(content)})
}
