package samlresponse_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// TestChanceFindsNothingThatSentrysLibraryRefuses puts changes together by
// chance, and compares both verdicts.
func TestChanceFindsNothingThatSentrysLibraryRefuses(t *testing.T) {
	t.Parallel()
	cases := chanceCases(t)
	for _, library := range peers.PythonSAML(t) {
		t.Run(library.Name, func(t *testing.T) {
			t.Parallel()
			if accepted, _ := compare(t, library, differences(), cases); accepted < len(cases)/20 {
				t.Errorf("too few of %d are accepted: %d", len(cases), accepted)
			}
		})
	}
}

func chanceCases(t *testing.T) []parityCase {
	t.Helper()
	k, products := newKeys(t), shapes()
	trusted, good := settingsFor(t, k.idp), rsa256(k.idp)
	chance := rand.New(rand.NewPCG(20260901, 1))
	before, after := append(append(messageMutations(), assertionMutations()...), attributeMutations()...), tampering()
	var cases []parityCase
	for i := range 2200 {
		c := parityCase{name: strconv.Itoa(i), xml: base, settings: trusted}
		for range chance.IntN(3) {
			m := before[chance.IntN(len(before))]
			c.name, c.xml = c.name+", "+m.name, m.change(c.xml)
		}
		for range chance.IntN(3) {
			c.xml = disturb(chance, c.xml)
		}
		product := products[i%len(products)]
		c.name, c.xml = c.name+", "+product.name, product.write(c.xml)
		if _, err := samlresponse.Decode([]byte(c.xml)); err == nil {
			how := good
			how.canonical, how.prefixes = product.canonical, product.prefixes
			c.xml = how.signAll(t, c.xml, product.places)
		}
		if chance.IntN(3) == 0 {
			m := after[chance.IntN(len(after))]
			c.name, c.xml = c.name+", "+m.name, m.change(c.xml)
		}
		cases = append(cases, c)
	}
	return cases
}

// disturb changes one place of a text: something is put in, cut out, or put
// between two tags.
func disturb(chance *rand.Rand, text string) string {
	bits := []string{
		"<", ">", `"`, "/", " ", "&amp;", "<!-- c -->", "<?p i?>", "\n", "\r\n", "&#10;", "saml:", "2.0", "Z", ".", ":", "é", "<![CDATA[x]]>", `ID="_x" `,
		"<saml:Audience/>", `<x xmlns="urn:x"/>`, "-", "_response", "%", "[", "\u00a0", "\u2028", "]]>", "'", "=", "#", "?", "@",
	}
	place := chance.IntN(len(text))
	bit := bits[chance.IntN(len(bits))]
	switch chance.IntN(3) {
	case 0:
		return text[:place] + bit + text[place:]
	case 1:
		return text[:place] + text[min(len(text), place+1+chance.IntN(8)):]
	}
	if border := strings.Index(text[place:], "><"); border >= 0 {
		place += border + 1
	}
	return text[:place] + bit + text[place:]
}
