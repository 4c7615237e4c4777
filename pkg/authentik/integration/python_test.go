package integration_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

// guideMapping is what the integration guide's SCIM mapping does, in a layout,
// with quotes and with comments of its own.
const guideMapping = `
if not request.user.email:   # Sentry's user names are addresses
	raise SkipObject
given_name, family_name = request.user.name, ' '
formatted = request.user.name + ' '
if ' ' in request.user.name:
	given_name, _, family_name = request.user.name.partition(' ')
	formatted = request.user.name
return {'userName': request.user.email, 'name': {'formatted': formatted, 'givenName': given_name, 'familyName': family_name},
	'active': request.user.is_active, 'emails': [{'value': request.user.email, 'type': 'work', 'primary': True}]}`

func TestTheGuidesMappingIsKnownInAnyLayout(t *testing.T) {
	t.Parallel()
	broken := strings.NewReplacer("\t", "    ", "{", "{\n        ", "True}]}", "True,},\n ], }", "'", `"`, "# Sentry's", "# the")
	for name, expression := range map[string]string{
		"as it is": guideMapping, "other quotes and lines": broken.Replace(guideMapping), "CRLF": strings.ReplaceAll(guideMapping, "\n", "\r\n"),
		"CR": strings.ReplaceAll(guideMapping, "\n", "\r"), "blank lines": strings.ReplaceAll(guideMapping, "\n", "\n\n"),
		"ours": integration.Expression(), "ours without comments": strings.ReplaceAll(integration.Expression(), "# Written", "#"),
	} {
		if !integration.Accepted(expression) {
			t.Errorf("%s: the mapping is not known:\n%s", name, integration.NormalForm(expression))
		}
	}
	for name, expression := range map[string]string{
		"nothing": "", "SkipObject called": strings.ReplaceAll(guideMapping, "SkipObject", "SkipObject()"),
		"another block": strings.ReplaceAll(guideMapping, "\n\tformatted", "\nformatted"), "another type": strings.ReplaceAll(guideMapping, "'work'", "'other'"),
		"a blank more": strings.ReplaceAll(guideMapping, "' '", "'  '"), "cut off": guideMapping[:len(guideMapping)-1],
	} {
		if integration.Accepted(expression) {
			t.Errorf("%s: the mapping counts as the guide's", name)
		}
	}
}

func TestNormalForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a=1;b = 2":                       "0 a = 1 ; b = 2\n",
		"if a:\n  b\n  if c:\n      d\ne": "0 if a :\n1 b\n1 if c :\n2 d\n0 e\n",
		"f(\n  1,\n  [2,],\n)":            "0 f ( 1 , [ 2 ] )\n",
		`'it\'s' + "\"x\"" + 'é'`:         "0 \"it's\" + \"\\\"x\\\"\" + \"é\"\n",
		"x = 1 + \\\n  2":                 "0 x = 1 + 2\n",
		"f'{a}' + r'\\d' + '''t\nt'''":    "0 f'{a}' + r'\\d' + '''t\nt'''\n",
		"a**=b//c!=d->e":                  "0 a **= b // c != d -> e\n",
		"x = .5 + 1e-3 + 0x1F":            "0 x = .5 + 1e-3 + 0x1F\n",
		"'open":                           "0 ' open\n",
		`'\x41'`:                          "0 '\\x41'\n",
		"":                                "",
	} {
		if diff := cmp.Diff(want, integration.NormalForm(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestNormalFormOfAnythingEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab1.'\"\\ \t\n\r#()[]{},=*éif:"))).Draw(t, "text")
		form := integration.NormalForm(text)
		if crlf := integration.NormalForm(strings.ReplaceAll(text, "\n", "\r\n")); strings.Count(text, "\r")+strings.Count(text, `\`) == 0 && crlf != form {
			t.Errorf("%q is %q, and with CRLF %q", text, form, crlf)
		}
	})
}
