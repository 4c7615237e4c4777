package samlresponse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// drift is the difference of clocks that python3-saml allows in Conditions,
// and nowhere else (constants.py, ALLOWED_CLOCK_DRIFT; releases up to the newest, 1.16.0).
const drift = 300 * time.Second

const oneAssertion = "the identity provider has to put exactly one such element into the assertion that is signed"

// broken is the finding for a signature whose reference has no URI.
func broken(err error) finding {
	return finding{reason: err.Error(), fix: "the signature has to refer to its own element by ID: the identity provider breaks SAML"}
}

// exactlyOne is the check that the assertion has an element once.
func (j *judgement) exactlyOne(name, reason, fix string) finding {
	assertions, err := j.assertion()
	if err != nil {
		return broken(err)
	}
	count := len(path(assertions, "saml:"+name))
	f := finding{saw: fmt.Sprintf("%d %s", count, name), wanted: "1 " + name}
	if count != 1 {
		f.reason, f.fix = reason, fix
	}
	return f
}

func (j *judgement) conditions() finding {
	return j.exactlyOne("Conditions", "The Assertion must include a Conditions element", oneAssertion)
}

func (j *judgement) authnStatement() finding {
	return j.exactlyOne("AuthnStatement", "The Assertion must include an AuthnStatement element", oneAssertion)
}

func (j *judgement) timestamps() finding {
	conditions := j.in("saml:Conditions")[0]
	notBefore, notAfter := conditions.attr("NotBefore"), conditions.attr("NotOnOrAfter")
	f := finding{saw: window(notBefore, notAfter), wanted: "around " + j.At.Format(time.RFC3339) + ", give or take 5 minutes"}
	start, err := instant(notBefore)
	switch {
	case err != nil:
		return f.badTime(err)
	case !start.IsZero() && start.After(j.At.Add(drift)):
		f.reason = "Could not validate timestamp: not yet valid. Check system clock."
		f.fix = "the clock of the identity provider is ahead of Sentry's by " + start.Sub(j.At).String() + " or more: run NTP on both"
		return f
	}
	end, err := instant(notAfter)
	switch {
	case err != nil:
		return f.badTime(err)
	case !end.IsZero() && !end.Add(drift).After(j.At):
		f.reason = "Could not validate timestamp: expired. Check system clock."
		f.fix = "it ended " + j.At.Sub(end).String() + " before: log in again; if that does not help, run NTP on both sides " +
			"or let the identity provider's assertions live longer; to judge it for the time of the login, pass --at"
	}
	return f
}

func (f finding) badTime(err error) finding {
	f.reason = err.Error()
	f.fix = "the identity provider has to write times in UTC, with a Z at the end"
	return f
}

func window(from, to string) string {
	if from == "" && to == "" {
		return "no times"
	}
	return orNothing(from) + " to " + orNothing(to)
}

func orNothing(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// libraryTime is the form of times that python3-saml reads; fractions of
// a second are passed over (utils.py, parse_SAML_to_time).
var libraryTime = pattern.New(`^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d*)?Z?$`)

// instant reads a time as python3-saml does. The empty text is no time. The
// errors have Python's words.
func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	match := libraryTime().FindStringSubmatch(text)
	if match == nil {
		return time.Time{}, errors.New("time data " + text + ` does not match format yyyy-mm-ddThh:mm:ss(\.s+)?Z`)
	}
	t, err := time.Parse("2006-01-02T15:04:05", match[1])
	if err != nil {
		return time.Time{}, errors.New("time data '" + match[1] + "Z' does not match format '%Y-%m-%dT%H:%M:%SZ'")
	}
	return t, nil
}

func (j *judgement) attributeStatement() finding {
	count := len(j.in("saml:AttributeStatement"))
	f := finding{saw: fmt.Sprintf("%d AttributeStatement", count), wanted: "1 AttributeStatement"}
	if count == 0 {
		f.reason = "There is no AttributeStatement on the Response"
		f.fix = "let the identity provider send attributes: in authentik, select property mappings for user ID, e-mail and name at the SAML provider"
	}
	return f
}

func (j *judgement) encryptedAttribute() finding {
	count := len(j.in("saml:AttributeStatement", "saml:EncryptedAttribute"))
	f := finding{saw: fmt.Sprintf("%d EncryptedAttribute", count), wanted: "none"}
	if count > 0 {
		f.reason = "There is an EncryptedAttribute in the Response and this SP not support them"
		f.fix = "switch off the encryption of attributes at the identity provider"
	}
	return f
}

// audience passes when there is none.
func (j *judgement) audience() finding {
	audiences := texts(j.in("saml:Conditions", "saml:AudienceRestriction", "saml:Audience"))
	f := finding{saw: join(audiences), wanted: j.SP.Audience}
	if len(audiences) > 0 && !slices.Contains(audiences, j.SP.Audience) {
		f.reason = j.SP.Audience + " is not a valid audience for this Response"
		f.fix = j.setTo("the identity provider's Audience", audiences[0], j.SP.Audience)
	}
	return f
}

func (j *judgement) issuer() finding {
	message := path(j.response(), "saml:Issuer")
	assertion := j.in("saml:Issuer")
	issuers := texts(append(slices.Clone(message), assertion...))
	f := finding{saw: join(slices.Compact(slices.Clone(issuers))), wanted: j.Provider.EntityID}
	switch {
	case len(message) > 1:
		f.reason = "Issuer of the Response is multiple."
		f.fix = "the identity provider has to name one Issuer"
		return f
	case len(assertion) != 1:
		f.reason = "Issuer of the Assertion not found or multiple."
		f.fix = "the identity provider has to name one Issuer in the assertion"
		return f
	}
	for _, issuer := range issuers {
		if issuer == j.Provider.EntityID {
			continue
		}
		f.reason = fmt.Sprintf("Invalid issuer in the Assertion/Response (expected %s, got %s)", j.Provider.EntityID, issuer)
		f.fix = j.issuerFix(issuer)
		return f
	}
	return f
}

func (j *judgement) issuerFix(issuer string) string {
	known := j.Provider.EntityID
	fix := "Sentry knows the identity provider as " + known + ": give Sentry its metadata again, or set the identity provider's Issuer to that"
	if how := differences(issuer, known); len(how) > 0 {
		fix += "; " + strings.Join(how, "; ")
	}
	if j.Provider.isAuthentik() {
		fix += "; authentik 2026.5 changed its default, and follows the address that it is opened under"
	}
	return fix
}

func (j *judgement) session() finding {
	f := finding{wanted: "after " + j.At.Format(time.RFC3339)}
	for _, statement := range j.in("saml:AuthnStatement") {
		text, ok := statement.lookup("SessionNotOnOrAfter")
		if !ok {
			continue
		}
		f.saw = text
		end, err := sessionEnd(text)
		switch {
		case err != nil:
			return f.badTime(err)
		case end.Unix() != 0 && !end.After(j.At):
			f.reason = "The attributes have expired, based on the SessionNotOnOrAfter of the AttributeStatement of this Response"
			f.fix = "let the identity provider's sessions end later (authentik: Session valid not on or after); Sentry allows no difference of clocks here"
		}
		return f
	}
	return f
}

// sessionEnd reads a time that is never passed over for being empty.
func sessionEnd(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errors.New(`time data  does not match format yyyy-mm-ddThh:mm:ss(\.s+)?Z`)
	}
	return instant(text)
}

const confirmationMethod = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// subjectConfirmation passes when one of them holds. There is no allowance for
// clocks in it.
func (j *judgement) subjectConfirmation() finding {
	f := finding{wanted: "bearer for " + j.SP.ACSURL + " at " + j.At.Format(time.RFC3339)}
	var saw, wrong []string
	for _, confirmation := range j.in("saml:Subject", "saml:SubjectConfirmation") {
		problem, seen, err := j.confirm(confirmation)
		saw = append(saw, seen)
		if err != nil {
			f.saw = join(saw)
			return f.badTime(err)
		}
		if problem == "" {
			f.saw = join(saw)
			return f
		}
		wrong = append(wrong, problem)
	}
	f.saw = join(saw)
	if len(saw) == 0 {
		f.saw, wrong = "none", []string{"the assertion has no SubjectConfirmation"}
	}
	f.reason = "A valid SubjectConfirmation was not found on this Response"
	f.fix = strings.Join(wrong, "; ")
	return f
}

// confirm says what is wrong with one SubjectConfirmation, if anything, and
// what it holds.
func (j *judgement) confirm(confirmation *node) (problem, saw string, err error) {
	method := confirmation.attr("Method")
	data := first(confirmation.child(nsAssertion, "SubjectConfirmationData"))
	saw = method[strings.LastIndex(method, ":")+1:]
	if data == nil {
		return "the SubjectConfirmation has no data", saw, nil
	}
	recipient, notAfter, notBefore := data.attr("Recipient"), data.attr("NotOnOrAfter"), data.attr("NotBefore")
	saw += " for " + orNothing(recipient) + ", " + window(notBefore, notAfter)
	asked, answers := j.root.attr("InResponseTo"), data.attr("InResponseTo")
	switch {
	case method != "" && method != confirmationMethod:
		return "its method is not bearer", saw, nil
	case asked != "" && answers != "" && asked != answers:
		return "InResponseTo differs between the Response (" + asked + ") and the SubjectConfirmation (" + answers + ")", saw, nil
	case recipient != "" && !strings.Contains(recipient, j.SP.ACSURL):
		return j.setTo("the identity provider's ACS URL, which is its Recipient,", recipient, j.SP.ACSURL), saw, nil
	}
	end, err := instant(notAfter)
	if err != nil {
		return "", saw, err
	}
	if !end.IsZero() && !end.After(j.At) {
		return "its NotOnOrAfter passed " + j.At.Sub(end).String() + " before: log in again, or run NTP on both sides; to judge it for the time of the login, pass --at", saw, nil
	}
	start, err := instant(notBefore)
	if err != nil {
		return "", saw, err
	}
	if !start.IsZero() && start.After(j.At) {
		return "its NotBefore is " + start.Sub(j.At).String() + " ahead: run NTP on both sides", saw, nil
	}
	return "", saw, nil
}
