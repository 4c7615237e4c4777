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
	return hclwrite.TokensForFunctionCall("chomp", append(heredoc(value), newline()))
}

func heredoc(value string) hclwrite.Tokens {
	return hclwrite.Tokens{
		{Type: hclsyntax.TokenOHeredoc, Bytes: []byte("<<" + marker + "\n")},
		{Type: hclsyntax.TokenStringLit, Bytes: []byte(template(value) + "\n")},
		{Type: hclsyntax.TokenCHeredoc, Bytes: []byte(marker)},
	}
}

func newline() *hclwrite.Token {
	return &hclwrite.Token{Type: hclsyntax.TokenNewline, Bytes: []byte("\n")}
}

// oneLineEnd is a PEM text with one line end, as the provider reads it back
// (terraform-provider-authentik, resource_certificate_key_pair.go): with any other
// end every plan differs.
func oneLineEnd(value Value, tokens hclwrite.Tokens) hclwrite.Tokens {
	if pem, ok := value.(string); ok {
		return heredoc(pem)
	}
	return hclwrite.TokensForFunctionCall("format", hclwrite.TokensForValue(cty.StringVal("%s\n")), hclwrite.TokensForFunctionCall("trimspace", tokens))
}

// template escapes what a template would evaluate.
func template(value string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(value)
}
