package integration

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// marker ends a text of several lines.
const marker = "EOT"

// text is a quoted string, or for several lines a heredoc without the line end
// that a heredoc adds. A text that has the marker on a line is quoted.
func text(value string) hclwrite.Tokens {
	if !strings.Contains(value, "\n") || strings.Contains(value, marker) || strings.ContainsAny(value, "\r\t") {
		return hclwrite.TokensForValue(cty.StringVal(value))
	}
	return hclwrite.TokensForFunctionCall("chomp", hclwrite.Tokens{
		{Type: hclsyntax.TokenOHeredoc, Bytes: []byte("<<" + marker + "\n")},
		{Type: hclsyntax.TokenStringLit, Bytes: []byte(template(value) + "\n")},
		{Type: hclsyntax.TokenCHeredoc, Bytes: []byte(marker + "\n")},
	})
}

// template escapes what a template would evaluate.
func template(value string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(value)
}
