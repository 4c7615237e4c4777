package samlresponse_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// TestChanceFindsNothingThatSentrysLibraryRefuses puts changes together by
// chance, and compares both verdicts.
func TestChanceFindsNothingThatSentrysLibraryRefuses(t *testing.T) {
	t.Parallel()
	interpreter := python(t)
	k := newKeys(t)
	trusted, good := settingsFor(t, k.idp), rsa256(k.idp)
	chance := rand.New(rand.NewPCG(20260901, 1))
	before, after := append(append(messageMutations(), assertionMutations()...), attributeMutations()...), tampering()
	var cases []parityCase
	for i := range 500 {
		c := parityCase{name: strconv.Itoa(i), xml: base, settings: trusted}
		for range chance.IntN(3) {
			m := before[chance.IntN(len(before))]
			c.name, c.xml = c.name+", "+m.name, m.change(c.xml)
		}
		for range chance.IntN(3) {
			c.xml = disturb(chance, c.xml)
		}
		if _, err := samlresponse.Decode([]byte(c.xml)); err == nil {
			c.xml = good.signAll(t, c.xml, []string{"a", "r", "ar"}[chance.IntN(3)])
		}
		if chance.IntN(3) == 0 {
			m := after[chance.IntN(len(after))]
			c.name, c.xml = c.name+", "+m.name, m.change(c.xml)
		}
		cases = append(cases, c)
	}
	accepted := 0
	for i, want := range sentrysVerdicts(t, interpreter, cases) {
		c, got := cases[i], ours(cases[i])
		switch {
		case got.Accepted && !want.Accepted:
			t.Errorf("%s: accepted, and the library refuses it: %s\n%s", c.name, want.Reason, c.xml)
		case want.Accepted:
			accepted++
		}
		twoIssuers := strings.HasPrefix(got.Reason, "Invalid issuer") && strings.HasPrefix(want.Reason, "Invalid issuer") // it names either
		if diff := cmp.Diff(want, got); diff != "" && !twoIssuers && explained(differences(), c.name, got, want) < 0 {
			t.Errorf("%s differs (-library +ours):\n%s\n%s", c.name, diff, c.xml)
		}
	}
	t.Logf("%d responses, of which the library accepts %d", len(cases), accepted)
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
