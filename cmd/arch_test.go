package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sentryidp/sentryidp"

// imports says which of our packages each package may import. A package that
// is not listed fails the test, so the table cannot rot.
func imports() map[string][]string {
	leaves := []string{"pkg/fault", "pkg/secret", "pkg/atomicfile", "pkg/transport", "pkg/ui", "pkg/answer", "pkg/report", "pkg/sentry", "pkg/phrase", "pkg/filekind", "pkg/bom", "pkg/pattern"}
	with := func(more ...string) []string { return slices.Concat(leaves, more) }
	return map[string][]string{
		"":                      {"cmd"},
		"cmd":                   {"*"},
		"pkg/fault":             {"pkg/pattern"},
		"pkg/pattern":           {},
		"pkg/nearest":           {},
		"pkg/bom":               {},
		"pkg/atomicfile":        {},
		"pkg/input":             {"pkg/fault"},
		"pkg/filekind":          {"pkg/fault", "pkg/pattern"},
		"pkg/ui":                {"pkg/input"},
		"pkg/sandbox":           {"pkg/sandbox/faults"},
		"pkg/sandbox/faults":    {},
		"pkg/sandbox/authentik": {"pkg/sandbox/faults"},
		"pkg/sandbox/sso":       {"pkg/sandbox/faults"},
		"pkg/permission":        {},
		"pkg/secret":            {"pkg/bom", "pkg/fault", "pkg/input", "pkg/permission"},
		"pkg/transport":         {"pkg/fault", "pkg/secret"},
		"pkg/report":            {"pkg/fault", "pkg/pattern", "pkg/ui"},
		"pkg/sentry":            {"pkg/fault", "pkg/pattern", "pkg/report", "pkg/ui"},
		"pkg/sentryexec":        {"pkg/bom", "pkg/fault", "pkg/report", "pkg/sentry", "pkg/ui"},
		"pkg/version":           {"pkg/ui"},
		"pkg/config":            {"pkg/bom", "pkg/pattern", "pkg/fault", "pkg/secret", "pkg/atomicfile", "pkg/permission", "pkg/nearest", "pkg/sentry", "pkg/mapping", "pkg/filekind"},
		"pkg/keypair":           with("pkg/xmldsig"),
		"pkg/peers":             {"pkg/sentry"},
		"pkg/xmltext":           {"pkg/pattern"},
		"pkg/xmldsig":           {"pkg/pattern"},
		"pkg/metadata":          with("pkg/keypair", "pkg/xmltext", "pkg/xmldsig"),
		"pkg/samlresponse":      with("pkg/keypair", "pkg/xmltext", "pkg/xmldsig"),
		"pkg/directory":         leaves,
		"pkg/mapping":           with("pkg/directory", "pkg/nearest"),
		"pkg/scim":              leaves,
		"pkg/sentryapi":         leaves,
		"pkg/phrase":            {},
		"pkg/runlock":           {"pkg/atomicfile"},
		"pkg/hcl":               {},
		"pkg/junit":             {},
		"pkg/detached":          leaves,
		"pkg/markdown":          {},
		"pkg/runreport":         {"pkg/fault", "pkg/junit", "pkg/markdown", "pkg/provision/apply", "pkg/provision/output", "pkg/provision/plan", "pkg/report", "pkg/ui"},
		"pkg/answer":            {"pkg/pattern", "pkg/ui"},
		"pkg/completion":        {"pkg/fault"},
		"pkg/schedule":          {"pkg/fault", "pkg/pattern"},
		"pkg/authentik":         with("pkg/directory", "pkg/mapping"),

		"pkg/provision/memory":   leaves,
		"pkg/provision/desired":  with("pkg/directory", "pkg/mapping", "pkg/nearest"),
		"pkg/provision/plan":     with("pkg/mapping", "pkg/scim", "pkg/provision/desired", "pkg/provision/memory"),
		"pkg/provision/access":   with("pkg/sentryapi", "pkg/provision/plan"),
		"pkg/provision/apply":    with("pkg/mapping", "pkg/scim", "pkg/sentryapi", "pkg/provision/access", "pkg/provision/desired", "pkg/provision/memory", "pkg/provision/plan"),
		"pkg/provision/snapshot": with("pkg/mapping", "pkg/scim", "pkg/provision/desired", "pkg/provision/memory", "pkg/provision/plan"),
		"pkg/provision/output":   with("pkg/mapping", "pkg/scim", "pkg/provision/apply", "pkg/provision/desired", "pkg/provision/plan"),
		"pkg/provision": with("pkg/mapping", "pkg/scim", "pkg/provision/access", "pkg/provision/apply", "pkg/provision/desired", "pkg/provision/memory",
			"pkg/provision/output", "pkg/provision/plan", "pkg/provision/snapshot"),

		"pkg/access": with("pkg/directory", "pkg/mapping", "pkg/markdown", "pkg/nearest", "pkg/scim", "pkg/sentryapi",
			"pkg/provision/desired", "pkg/provision/memory", "pkg/provision/plan"),
		"pkg/setup":             {"pkg/config", "pkg/doctor", "pkg/fault", "pkg/phrase", "pkg/secret", "pkg/sentry", "pkg/ui"},
		"pkg/authentik/openapi": {"pkg/atomicfile"},
		"pkg/doctor": with("pkg/authentik", "pkg/authentik/integration", "pkg/keypair", "pkg/junit", "pkg/markdown", "pkg/metadata", "pkg/nearest", "pkg/samlresponse", "pkg/scim",
			"pkg/sentryapi", "pkg/sentryexec"),

		"pkg/guide": with("pkg/authentik/integration", "pkg/doctor", "pkg/markdown", "pkg/sentryexec"),

		"pkg/authentik/integration": with("pkg/authentik", "pkg/hcl", "pkg/keypair"),
		"pkg/authentik/rotation":    with("pkg/authentik", "pkg/authentik/integration", "pkg/keypair", "pkg/metadata"),
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	allowed := imports()
	seen := 0
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		may, listed := allowed[name]
		if !listed {
			t.Errorf("package %s is not in the import table", p.ImportPath)
			continue
		}
		seen++
		for _, path := range p.Imports {
			inner, ours := strings.CutPrefix(path, module+"/")
			if inner == "pkg/authentik/openapi" {
				t.Errorf("%s must not import %s, which is for tests", name, inner)
			}
			if ours && !slices.Contains(may, "*") && !slices.Contains(may, inner) {
				t.Errorf("%s must not import %s", name, inner)
			}
			checkOutside(t, name, path)
		}
	}
	if seen != len(allowed) {
		t.Errorf("%d packages were found, the import table has %d", seen, len(allowed))
	}
}

// checkOutside holds the libraries that one package alone may know.
func checkOutside(t *testing.T, name, path string) {
	t.Helper()
	homes := map[string][]string{
		"github.com/spf13/cobra":            {"cmd"},
		"github.com/spf13/pflag":            {"cmd"},
		"github.com/spf13/viper":            {"pkg/config"},
		"github.com/charmbracelet/lipgloss": {"pkg/ui"},
		"github.com/muesli/termenv":         {"pkg/ui"},
		"charm.land":                        {"pkg/ui"},
		"github.com/expr-lang/expr":         {"pkg/mapping"},
	}
	for library, home := range homes {
		if (path == library || strings.HasPrefix(path, library+"/")) && !slices.Contains(home, name) {
			t.Errorf("%s must not import %s: only %v may", name, path, home)
		}
	}
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
