package samlresponse

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

// signedElements looks at where signatures are, before any is verified
// (response.py, process_signed_elements).
func (j *judgement) signedElements() finding {
	f := finding{wanted: "at most one signature on the Response and one on its Assertion"}
	signatures := j.root.below(nsSignature, "Signature")
	var names []string
	reason := ""
	ids, references := map[string]bool{}, map[string]bool{}
	for _, signature := range signatures {
		if signature.parent == nil {
			reason = "'NoneType' object has no attribute 'tag'"
			break
		}
		names = append(names, signature.parent.name.Local)
		if reason = signedElement(signature, ids, references); reason != "" {
			break
		}
	}
	if reason == "" {
		reason = j.expected(signatures)
	}
	f.saw = "signed: " + orNothing(join(names))
	if reason != "" {
		f.reason = reason
		f.fix = "let the identity provider sign the Assertion, or the Response, and nothing else; " +
			"signatures in other places and repeated IDs are how responses are forged"
		return f
	}
	j.signedResponse = slices.Contains(names, "Response")
	j.signedAssertion = slices.Contains(names, "Assertion")
	return f
}

// signedElement says what is wrong with the place of one signature.
func signedElement(signature *node, ids, references map[string]bool) string {
	parent := signature.parent
	if !parent.is(nsProtocol, "Response") && !parent.is(nsAssertion, "Assertion") {
		return "Invalid Signature Element " + parent.clark() + " SAML Response rejected"
	}
	id := parent.attr("ID")
	switch {
	case id == "":
		return "Signed Element must contain an ID. SAML Response rejected"
	case ids[id]:
		return "Duplicated ID. SAML Response rejected"
	}
	ids[id] = true
	reference := first(signature.below(nsSignature, "Reference"))
	if reference == nil || reference.attr("URI") == "" {
		return ""
	}
	target := string([]rune(reference.attr("URI"))[1:])
	switch {
	case target != id:
		return "Found an invalid Signed Element. SAML Response rejected"
	case references[target]:
		return "Duplicated Reference URI. SAML Response rejected"
	}
	references[target] = true
	return ""
}

// expected says whether the signatures are those that will be verified
// (response.py, validate_signed_elements).
func (j *judgement) expected(signatures []*node) string {
	count := map[string]int{}
	for _, signature := range signatures {
		count[signature.parent.name.Local]++
	}
	switch {
	case len(signatures) == 0:
		return ""
	case len(signatures) > 2 || count["Response"] > 1 || count["Assertion"] > 1:
		return "Found an unexpected Signature Element. SAML Response rejected"
	case count["Response"] == 1 && len(path(j.response(), "ds:Signature")) != 1:
		return "Unexpected number of Response signatures found. SAML Response rejected."
	case count["Assertion"] == 1 && len(path(j.response(), "saml:Assertion", "ds:Signature")) != 1:
		return "Unexpected number of Assertion signatures found. SAML Response rejected."
	}
	return ""
}

func (j *judgement) signaturePresent() finding {
	f := finding{saw: j.signed(), wanted: "Response or Assertion"}
	if !j.signedResponse && !j.signedAssertion {
		f.reason = "No Signature found. SAML Response rejected"
		f.fix = "let the identity provider sign: in authentik, give the SAML provider a Signing Certificate and switch on Sign assertions"
	}
	return f
}

func (j *judgement) signed() string {
	var parts []string
	if j.signedResponse {
		parts = append(parts, "Response")
	}
	if j.signedAssertion {
		parts = append(parts, "Assertion")
	}
	return orNothing(strings.Join(parts, " and "))
}

func (j *judgement) signature() finding {
	f := finding{saw: j.signed() + " signed", wanted: "signed by " + describe(j.certificate)}
	failures, unchecked := j.failures()
	if len(failures) == 0 {
		if unchecked {
			f.unknown, f.saw = true, j.signed()+" signed; the signature is not checked here: "+describeKey(j.certificate)
			f.fix = "check it with xmlsec1 --verify --id-attr:ID Response, or log in: Sentry's library may know this kind of key"
		}
		return f
	}
	f.saw = strings.Join(failures, "; ")
	f.reason = "Signature validation failed. SAML Response rejected"
	f.fix = j.signatureFix(len(failures))
	return f
}

// failures says which signatures do not hold, and whether there are some whose
// kind of key cannot be checked here.
func (j *judgement) failures() (failures []string, unchecked bool) {
	check := func(what string, nodes []*node) {
		err := j.verify(nodes)
		switch {
		case errors.Is(err, xmldsig.ErrUnchecked):
			unchecked = true
		case err != nil:
			failures = append(failures, fmt.Sprintf("the signature of the %s does not hold (%v)", what, err))
		}
	}
	if j.signedResponse {
		check("Response", j.response())
	}
	if j.signedAssertion {
		check("Assertion", path(j.response(), "saml:Assertion"))
	}
	return failures, unchecked
}

func (j *judgement) verify(nodes []*node) error {
	if j.certificate == nil {
		return errNoCertificate
	}
	if len(nodes) != 1 {
		return fmt.Errorf("%d elements", len(nodes))
	}
	return verify(nodes[0], j.certificate)
}

// signatureFix names the likely cause: another certificate, an algorithm that
// Sentry's library does not have, or a change on the way.
func (j *judgement) signatureFix(failed int) string {
	if j.certificate == nil {
		return "the certificate in the metadata cannot be read: give Sentry the identity provider's metadata again"
	}
	if key, ok := j.certificate.PublicKey.(keypair.OtherKey); ok && key.Broken != nil {
		return fmt.Sprintf("OpenSSL cannot read the key of the certificate in the metadata (%v): "+
			"give the identity provider another pair, and Sentry its certificate", key.Broken)
	}
	if j.holdsUnindented() {
		return "the signature holds once the white space between the elements is gone: the document was indented (re-formatted) after it was signed; " +
			"take the value of SAMLResponse as the browser posts it, or switch off what re-formats XML on the way"
	}
	for _, s := range j.verdict.Response.Signatures {
		if s.Certificate != nil && s.Certificate.SHA256 != keypair.FingerprintSHA256(j.certificate) {
			return fmt.Sprintf("the response was signed with the certificate %s, Sentry trusts %s and no other: put the new one into Sentry "+
				"(Settings, Auth), or let the identity provider sign with the old one again", brief(s.Certificate.SHA256), brief(keypair.FingerprintSHA256(j.certificate)))
		}
		if !s.Supported {
			return "Sentry's library does not verify " + s.Method + " with " + s.Digest + ": let the identity provider use rsa-sha256 and sha256"
		}
	}
	if failed == 1 && j.signedResponse && j.signedAssertion {
		return "one of the two signatures holds and the other does not: let the identity provider sign the Assertion alone"
	}
	return "the key is another one than the certificate's in the metadata, or the response was changed after it was signed: " +
		"give Sentry the identity provider's metadata again, and take the response from the browser unchanged"
}

func describeKey(cert *x509.Certificate) string {
	return "a key of the kind " + keypair.DescribeKey(cert.PublicKey)
}

func describe(cert *x509.Certificate) string {
	if cert == nil {
		return "(no certificate)"
	}
	return "the certificate " + brief(keypair.FingerprintSHA256(cert))
}

// brief is the beginning of a fingerprint, enough to tell certificates apart.
func brief(fingerprint string) string { return fingerprint[:23] + "…" }
