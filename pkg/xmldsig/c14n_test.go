package xmldsig_test

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
)

// TestCanonicalForms has elements with the ID _a and their canonical forms, as
// libxml2 writes them.
func TestCanonicalForms(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key := keyOf(t, private.Public())
	const (
		inclusive11 = "http://www.w3.org/2006/12/xml-c14n11"
		lang        = `<r xml:lang="en" xml:id="r" lang="no"><a ID="_a">SIGNATURE</a></r>`
		comment     = `<a ID="_a">1<!-- c -->2<?p i?><?q?>SIGNATURE</a>`
		back        = `<a ID="_a" xmlns="urn:a"><b xmlns=""><c xmlns=""/></b><d xmlns="urn:a"/>SIGNATURE</a>`
		none        = `<a ID="_a"><b xmlns=""/>SIGNATURE</a>`
		order       = `<a ID="_a" xmlns:z="urn:a" xmlns:y="urn:b" y:b="1" z:c="2" z:a="3" b="4" xml:lang="e">SIGNATURE</a>`
		quotes      = `<q:a xmlns:q='urn:"' ID="_a"><p:b xmlns:p="urn:&quot;'"/>SIGNATURE</q:a>`
		text        = "<a ID=\"_a\" b=\"&lt;>&quot;'&#9;&#10;&#13;&amp;\">&lt;&gt;\"'&#13;&amp;SIGNATURE</a>"
		anew        = `<r xmlns:p="urn:1" xmlns:n="urn:n"><a ID="_a"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b><p:d/>SIGNATURE</a></r>`
	)
	exclusiveBy := func(inner string) string {
		return enveloped + `<ds:Transform Algorithm="` + exclusive + `">` + inner + `</ds:Transform>`
	}
	list := func(prefixes string) string {
		return `<e:InclusiveNamespaces xmlns:e="` + exclusive + `" PrefixList="` + prefixes + `"></e:InclusiveNamespaces>`
	}
	for name, tt := range map[string]struct{ body, transforms, digested, want string }{
		"1.0 inherits attributes of xml":     {lang, enveloped + transform(inclusive), `<a ID="_a" xml:id="r" xml:lang="en"></a>`, ""},
		"1.1 does not inherit xml:id":        {lang, enveloped + transform(inclusive11), `<a ID="_a" xml:lang="en"></a>`, ""},
		"an exclusive one inherits none":     {lang, enveloped + transform(exclusive), `<a ID="_a"></a>`, ""},
		"1.1 would join xml:base":            {strings.Replace(lang, "xml:id", "xml:base", 1), enveloped + transform(inclusive11), ``, "not joined"},
		"1.0 does not":                       {strings.Replace(lang, "xml:id", "xml:base", 1), enveloped + transform(inclusive), `<a ID="_a" xml:base="r" xml:lang="en"></a>`, ""},
		"no comments in a reference":         {comment, enveloped + transform(exclusive+"WithComments"), `<a ID="_a">12<?p i?><?q?></a>`, ""},
		"a default namespace taken back":     {back, enveloped + transform(exclusive), `<a xmlns="urn:a" ID="_a"><b xmlns=""><c></c></b><d></d></a>`, ""},
		"the same, inclusive":                {back, enveloped + transform(inclusive), `<a xmlns="urn:a" ID="_a"><b xmlns=""><c></c></b><d></d></a>`, ""},
		"one that is none is not taken back": {none, enveloped + transform(exclusive), `<a ID="_a"><b></b></a>`, ""},
		"the order of attributes":            {order, enveloped + transform(exclusive), `<a xmlns:y="urn:b" xmlns:z="urn:a" ID="_a" b="4" xml:lang="e" z:a="3" z:c="2" y:b="1"></a>`, ""},
		"quotes in namespaces":               {quotes, enveloped + transform(exclusive), `<q:a xmlns:q='urn:"' ID="_a"><p:b xmlns:p="urn:&quot;'"></p:b></q:a>`, ""},
		"what is escaped":                    {text, enveloped + transform(exclusive), `<a ID="_a" b="&lt;>&quot;'&#x9;&#xA;&#xD;&amp;">&lt;&gt;"'&#xD;&amp;</a>`, ""},
		"a prefix declared anew":             {anew, enveloped + transform(exclusive), `<a ID="_a"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d xmlns:p="urn:1"></p:d></a>`, ""},
		"the same, inclusive of that one":    {anew, enveloped + transform(inclusive), `<a xmlns:n="urn:n" xmlns:p="urn:1" ID="_a"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d></p:d></a>`, ""},
		"listed prefixes":                    {anew, exclusiveBy(list(" n\tp #default zz ")), `<a xmlns:n="urn:n" xmlns:p="urn:1" ID="_a"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d></p:d></a>`, ""},
		"two lists of prefixes":              {anew, exclusiveBy(list("n") + list("p")), ``, "not its own"},
		"a list without prefixes":            {anew, exclusiveBy(`<e:InclusiveNamespaces xmlns:e="` + exclusive + `"></e:InclusiveNamespaces>`), ``, "not its own"},
		"a parameter of another namespace":   {anew, exclusiveBy(`<e:InclusiveNamespaces xmlns:e="urn:e" PrefixList="n"></e:InclusiveNamespaces>`), ``, "not its own"},
		"a parameter of another name":        {anew, exclusiveBy(`<e:Namespaces xmlns:e="` + exclusive + `" PrefixList="n"></e:Namespaces>`), ``, "not its own"},
		"thousands of elements":              {`<a ID="_a">` + strings.Repeat("<b/>", 5000) + `SIGNATURE</a>`, enveloped + transform(exclusive), `<a ID="_a">` + strings.Repeat("<b></b>", 5000) + `</a>`, ""},
		"a relative namespace elsewhere":     {strings.Replace(lang, "<a", `<b xmlns="b"/><a`, 1), enveloped + transform(exclusive), `<a ID="_a"></a>`, "is relative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := verify(t, signed(t, private, tt.body, "#_a", tt.transforms, tt.digested), key)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
