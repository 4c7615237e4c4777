package integration_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

// objects are what a description says, in one form for all: by kind and a number
// within it, the fields as text.
type objects map[string]map[string]string

func (o objects) add(kind string, fields map[string]string) {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s %d", kind, i)
		if o[key] == nil {
			o[key] = fields
			return
		}
	}
}

// plain is a value as text: references by what they point at.
func plain(d *integration.Desired, value integration.Value) string {
	switch v := value.(type) {
	case integration.Ref:
		i := slices.IndexFunc(d.Objects, func(o integration.Object) bool { return o.ID == string(v) })
		return "made " + d.Objects[i].Kind.Model()
	case integration.Lookup:
		return fmt.Sprintf("find %s %s=%s", v.Kind.Model(), v.By, v.Value)
	case integration.Secret:
		return "secret"
	case integration.List:
		return plainList(d, v)
	case integration.Includes:
		return plainList(d, v)
	case integration.Own:
		return plainList(d, v)
	case nil:
		return ""
	}
	return fmt.Sprint(value)
}

func plainList(d *integration.Desired, values []integration.Value) string {
	items := []string{}
	for _, value := range values {
		items = append(items, plain(d, value))
	}
	return fmt.Sprint(items)
}

func fromDesired(d *integration.Desired) objects {
	all := objects{}
	for _, o := range d.Objects {
		fields := map[string]string{}
		for _, f := range slices.Concat(o.Match, o.Fields) {
			fields[f.Name] = plain(d, f.Value)
		}
		all.add(o.Kind.Model(), fields)
	}
	return all
}

// fromBlueprints reads both documents as authentik does. The secrets are
// !Env of a variable.
func fromBlueprints(t *testing.T, d *integration.Desired) objects {
	t.Helper()
	type entry struct {
		Model, ID, State   string
		Identifiers, Attrs map[string]yaml.Node
	}
	models, all := map[string]string{}, objects{}
	for _, part := range integration.Parts() {
		data, err := d.Blueprint(integration.Part(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), canary) {
			t.Errorf("the blueprint %s holds a secret", part)
		}
		var document struct {
			Version int
			Entries []entry
		}
		if err := yaml.Unmarshal(data, &document); err != nil || document.Version != 1 {
			t.Fatalf("version %d, %v in\n%s", document.Version, err, data)
		}
		for _, e := range document.Entries {
			if e.State == "created" { // must be there
				for by, value := range e.Identifiers {
					models[e.ID] = fmt.Sprintf("find %s %s=%s", e.Model, by, value.Value)
				}
				continue
			}
			models[e.ID] = "made " + e.Model
			fields := map[string]string{}
			for _, nodes := range []map[string]yaml.Node{e.Identifiers, e.Attrs} {
				for name, node := range nodes {
					fields[name] = plainNode(t, &node, models)
				}
			}
			all.add(e.Model, fields)
		}
	}
	return all
}

func plainNode(t *testing.T, node *yaml.Node, models map[string]string) string {
	t.Helper()
	switch node.Tag {
	case "!KeyOf":
		if models[node.Value] == "" {
			t.Errorf("!KeyOf %s comes before its entry", node.Value)
		}
		return models[node.Value]
	case "!Find":
		by := node.Content[1].Content
		return fmt.Sprintf("find %s %s=%s", node.Content[0].Value, by[0].Value, by[1].Value)
	case "!Env":
		return "secret"
	case "!!null":
		return ""
	case "!!seq":
		items := []string{}
		for _, child := range node.Content {
			items = append(items, plainNode(t, child, models))
		}
		return fmt.Sprint(items)
	}
	return node.Value
}

// models are the kinds by the provider's names.
func models() map[string]string {
	return map[string]string{
		"authentik_certificate_key_pair":           "authentik_crypto.certificatekeypair",
		"authentik_property_mapping_provider_scim": "authentik_providers_scim.scimmapping",
		"authentik_property_mapping_provider_saml": "authentik_providers_saml.samlpropertymapping",
		"authentik_provider_saml":                  "authentik_providers_saml.samlprovider",
		"authentik_application":                    "authentik_core.application",
		"authentik_policy_binding":                 "authentik_policies.policybinding",
		"authentik_provider_scim":                  "authentik_providers_scim.scimprovider",
		"authentik_flow":                           "authentik_flows.flow",
		"authentik_group":                          "authentik_core.group",
		"authentik_user":                           "authentik_core.user",
	}
}

// hclFile is a parsed configuration.
type hclFile struct {
	sources map[string]string // data.kind.label → what it finds
	context *hcl.EvalContext
}

func fromTerraform(t *testing.T, d *integration.Desired) objects {
	t.Helper()
	data := d.Terraform()
	if strings.Contains(string(data), canary) {
		t.Error("the configuration holds a secret")
	}
	parsed, problems := hclparse.NewParser().ParseHCL(data, "sentry.tf")
	if problems.HasErrors() {
		t.Fatalf("%v in\n%s", problems, data)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("a body of the type %T", parsed.Body)
	}
	chomp := function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(strings.TrimRight(args[0].AsString(), "\n")), nil
		},
	})
	f := hclFile{sources: map[string]string{}, context: &hcl.EvalContext{Functions: map[string]function.Function{"chomp": chomp}}}
	all := objects{}
	for _, block := range body.Blocks {
		switch block.Type {
		case "data":
			for name, attribute := range block.Body.Attributes {
				if !strings.HasPrefix(name, "fetch_") {
					f.sources[block.Labels[0]+"."+block.Labels[1]] = fmt.Sprintf("find %s %s=%s", models()[block.Labels[0]], name, f.plain(t, attribute.Expr))
				}
			}
		case "variable":
			if sensitive := block.Body.Attributes["sensitive"]; sensitive == nil || f.plain(t, sensitive.Expr) != "true" || block.Body.Attributes["default"] != nil {
				t.Errorf("the variable %s is not sensitive or has a value", block.Labels[0])
			}
		case "resource":
			fields := map[string]string{}
			for name, attribute := range block.Body.Attributes {
				fields[name] = f.plain(t, attribute.Expr)
			}
			all.add(models()[block.Labels[0]], fields)
		}
	}
	return all
}

func (f hclFile) plain(t *testing.T, expression hclsyntax.Expression) string {
	t.Helper()
	switch e := expression.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		var steps []string
		for _, step := range e.Traversal[1:] {
			attribute, _ := step.(hcl.TraverseAttr)
			steps = append(steps, attribute.Name)
		}
		switch root := e.Traversal.RootName(); root {
		case "var":
			return "secret"
		case "data":
			return f.sources[steps[0]+"."+steps[1]]
		default:
			return "made " + models()[root]
		}
	case *hclsyntax.TupleConsExpr:
		items := []string{}
		for _, child := range e.Exprs {
			items = append(items, f.plain(t, child))
		}
		return fmt.Sprint(items)
	}
	for _, variable := range expression.Variables() {
		if variable.RootName() == "var" {
			return "secret"
		}
	}
	value, problems := expression.Value(f.context)
	if problems.HasErrors() {
		t.Error(problems)
		return ""
	}
	switch value.Type() {
	case cty.Bool:
		return strconv.FormatBool(value.True())
	case cty.Number:
		return value.AsBigFloat().String()
	}
	return value.AsString()
}

// asTerraform is the desired state with what the provider cannot say left out:
// the backchannel is a part of the application.
func asTerraform(all objects) objects {
	application := all["authentik_core.application 0"]
	if back := all["authentik_core.application 1"]; back != nil {
		application["backchannel_providers"] = back["backchannel_providers"]
		delete(all, "authentik_core.application 1")
	}
	application["protocol_provider"] = application["provider"]
	delete(application, "provider")
	saml := all["authentik_providers_saml.samlprovider 0"]
	delete(saml, "verification_kp")
	delete(saml, "encryption_kp")
	if pair := all["authentik_crypto.certificatekeypair 0"]; pair != nil {
		pair["certificate_data"] += "\n" // as the provider reads it back
	}
	for _, fields := range all {
		delete(fields, "discovery_enabled")
		for name, value := range fields {
			fields[name] = norm.NFC.String(value) // as Terraform has all strings
		}
	}
	return all
}

func TestBlueprintAndTerraformSayWhatIsApplied(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]func(*testing.T) integration.Settings{"everything": everything, "the least": settings} {
		for _, release := range releases() {
			t.Run(name+" "+release, func(t *testing.T) {
				t.Parallel()
				d := want(t, settings(t), release)
				if diff := cmp.Diff(fromDesired(d), fromBlueprints(t, d)); diff != "" {
					t.Errorf("desired and blueprint differ (-desired +blueprint):\n%s", diff)
				}
				if diff := cmp.Diff(asTerraform(fromDesired(d)), fromTerraform(t, d)); diff != "" {
					t.Errorf("desired and Terraform differ (-desired +terraform):\n%s", diff)
				}
			})
		}
	}
}
