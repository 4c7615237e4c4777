package hcl_test

import (
	"strings"
	"testing"

	parser "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/hcl"
)

// evaluated is what HCL's own parser makes of the attribute x of a body.
func evaluated(t *rapid.T, b *hcl.Body) string {
	t.Helper()
	file, problems := hclsyntax.ParseConfig(b.Bytes(), "x.tf", parser.InitialPos)
	if problems.HasErrors() {
		t.Fatalf("%v in\n%s", problems, b.Bytes())
	}
	attributes, _ := file.Body.JustAttributes()
	value, problems := attributes["x"].Expr.Value(nil)
	if problems.HasErrors() {
		t.Fatalf("%v in\n%s", problems, b.Bytes())
	}
	return value.AsString()
}

func TestTextsMeanThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.StringOfN(rapid.SampledFrom([]rune("${}%\\\"'\n\r\tEOT <~#")), 0, 40, -1),
		).Draw(t, "text")
		body := &hcl.Body{}
		body.Set("x", hcl.String(text))
		if got := evaluated(t, body); got != norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD")) {
			t.Fatalf("%q is read as %q", text, got)
		}
		lines, ok := hcl.Lines(text)
		if !ok {
			return
		}
		body = &hcl.Body{}
		body.Set("x", lines)
		if got := evaluated(t, body); got != norm.NFC.String(text+"\n") {
			t.Fatalf("%q is read as %q", text, got)
		}
	})
}

// TestTheLayoutIsThatOfTerraform holds the layout against the formatter that
// 'terraform fmt' uses.
func TestTheLayoutIsThatOfTerraform(t *testing.T) {
	t.Parallel()
	lines, ok := hcl.Lines("one\n  two ${x}")
	if !ok {
		t.Fatal("two lines cannot be written")
	}
	inner := &hcl.Body{}
	inner.Set("source", hcl.String("a/b"))
	inner.Set("version", hcl.String("~> 1"))
	file := &hcl.Body{}
	file.Comment("about %d", 1)
	file.Blank()
	file.Block("terraform").Block("required_providers").Set("a", hcl.Object(inner))
	body := file.Block("resource", "kind", "label")
	body.Set("short", hcl.Bool(true))
	body.Set("text", lines)
	body.Set("a_longer_name", hcl.Int(3))
	body.Set("called", hcl.Call("chomp", lines))
	body.Set("n", hcl.Null())
	body.Set("some", hcl.List(hcl.Path("var", "x"), hcl.Call("format", hcl.String("%s"), hcl.List())))
	body.Blank()
	body.Comment("inside")
	body.Block("lifecycle").Set("ignore_changes", hcl.List(hcl.Path("token")))
	got := file.Bytes()
	if _, problems := hclsyntax.ParseConfig(got, "x.tf", parser.InitialPos); problems.HasErrors() {
		t.Fatalf("%v in\n%s", problems, got)
	}
	if want := hclwrite.Format(got); string(got) != string(want) {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
}
