package integration_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// FuzzDescriptions gives names of all sorts: what they become is read back as it
// was meant, in YAML and in HCL.
func FuzzDescriptions(f *testing.F) {
	for _, name := range []string{
		"data", "", " ", "R&D", "${var.x}", "%{if true}", `"`, `\\`, "yes", "null", "0x1F", "1e3", "- a", "a: b", "#", "!Env X", "*a", "&a", "EOT", "\u2028", "\u00a0", "\ufeff", "見本", "👩‍💻", "e\u0301", "é", "\n", "\xff",
	} {
		f.Add(name, name)
	}
	f.Fuzz(func(t *testing.T, group, name string) {
		s := settings(t)
		s.BindGroups, s.Name, s.Signing.Name = []string{group, "data"}, name, group+name
		d, err := integration.Want(s, capabilities(t, "2026.5"))
		if err != nil {
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("%q and %q: %v", group, name, err)
			}
			return
		}
		if diff := cmp.Diff(fromDesired(d), fromBlueprints(t, d)); diff != "" {
			t.Errorf("blueprint (-desired +blueprint):\n%s", diff)
		}
		if diff := cmp.Diff(asTerraform(fromDesired(d)), fromTerraform(t, d)); diff != "" {
			t.Errorf("Terraform (-desired +terraform):\n%s", diff)
		}
	})
}
