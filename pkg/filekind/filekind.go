// Package filekind tells from its first bytes what kind of document something
// is, so that every reader says the same of a document that belongs to another.
// It reads no files, and a kind is no promise that the rest can be read.
package filekind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Kind is a kind of document, in the words that messages use for it.
type Kind string

// The kinds that a command reads.
const (
	Metadata       Kind = "SAML metadata"
	Response       Kind = "a SAML response" // its XML, its base64, or what posts it: a form body, a page, a request
	Traffic        Kind = "a HAR file (recorded web traffic)"
	Certificate    Kind = "a certificate"
	PrivateKey     Kind = "a private key"
	KeyStore       Kind = "a PKCS#12 file"
	Directory      Kind = "a list of users and groups"
	Snapshot       Kind = "a snapshot of Sentry"
	SentryState    Kind = "a state of the sandbox's Sentry"
	AuthentikState Kind = "a state of the sandbox's authentik"
	Settings       Kind = "a configuration file of sentryidp"
	ScriptReport   Kind = "a report of the script for sentry exec"
	Review         Kind = "an access review"
)

// Keys is what readers of certificates and private keys expect: it is the kind
// of no document.
const Keys Kind = "a certificate or private key"

// Signature is what is written beside a signed review, in base64: it is the kind of no
// document.
const Signature Kind = "a signature (base64)"

// The other kinds, from which a reader may still make something.
const (
	Empty       Kind = "empty"
	WebPage     Kind = "a web page (HTML)"
	OpenID      Kind = "an OpenID Connect configuration"
	SAMLMessage Kind = "another SAML message"
	XML         Kind = "XML"
	JSON        Kind = "JSON"
	YAML        Kind = "YAML"
	TOML        Kind = "TOML"
	Table       Kind = "a table (CSV)"
	PEM         Kind = "PEM without a certificate or private key"
	Base64      Kind = "base64 text"
	Text        Kind = "plain text"
	Archive     Kind = "a ZIP archive or office document"
	Compressed  Kind = "a compressed file"
	PDF         Kind = "a PDF document"
	Image       Kind = "an image"
	Binary      Kind = "binary data"
)

// taken are the kinds that the reader of a kind takes beside it. Their own
// mistakes are the reader's to tell.
func taken(want Kind) []Kind {
	switch want {
	case Metadata:
		return []Kind{XML}
	case Response:
		return []Kind{Traffic, SAMLMessage, XML, Base64, Text}
	case Keys:
		return []Kind{Certificate, PrivateKey, KeyStore, PEM}
	case Certificate:
		return []Kind{KeyStore, PEM}
	case Directory:
		return []Kind{JSON, YAML, Table, Text}
	case Settings:
		return []Kind{Empty, JSON, YAML, TOML, Text}
	case Snapshot, SentryState, AuthentikState:
		return []Kind{JSON}
	case Review: // a signed one is read whatever was changed in it: its signature tells
		return []Kind{JSON, Snapshot, SentryState, YAML, TOML, XML, Text, Binary}
	case Signature: // whose bytes can begin as anything
		return []Kind{Base64, Certificate, XML, Text}
	case ScriptReport: // which may stand in any log
		return []Kind{JSON, YAML, Text}
	default:
		return nil
	}
}

// Check refuses data whose kind the reader of want cannot read. The error has
// the code fault.Usage, names what was expected and what was found, and hints at
// the command that reads it. name is how the user calls the input: a path, "-"
// or a URL.
func Check(want Kind, name string, data []byte) error {
	found := Of(data)
	if found == want || slices.Contains(taken(want), found) {
		return nil
	}
	if found == Empty {
		return fault.Hint(fault.Usagef("%s: expected %s but it is empty", shown(name), want), "try to copy or download it again: nothing was saved")
	}
	return fault.Hint(fault.Usagef("%s: expected %s but this is %s", shown(name), want, found), "%s", found.try(name, want))
}

// shown is how messages call the input.
func shown(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// try says what a document of the kind is good for.
func (k Kind) try(name string, want Kind) string {
	if strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://") {
		return fmt.Sprintf("try another address: one that answers with %s, and needs no login", want)
	}
	if command := k.command(name); command != "" {
		return "try '" + command + "'"
	}
	switch k {
	case WebPage:
		return "try to download it again: a login page or an error page was saved in its place"
	case OpenID:
		return "try the SAML metadata of the identity provider: Sentry does not use OpenID Connect"
	case Archive, Compressed:
		return "try to unpack it first; a spreadsheet can be saved as CSV"
	default:
	}
	if want == Keys || want == Certificate {
		return "try another file: a certificate in PEM begins with -----BEGIN CERTIFICATE-----"
	}
	return fmt.Sprintf("try another file: one that holds %s", want)
}

// command is the command that reads a document of the kind, if there is one.
func (k Kind) command(name string) string {
	file := word(name)
	switch k {
	case Metadata:
		return "sentryidp saml metadata lint " + file
	case Response, Traffic:
		return "sentryidp saml response inspect " + file
	case Certificate, PrivateKey, KeyStore:
		return "sentryidp saml cert inspect " + file
	case Directory, Table:
		return "sentryidp scim map --file " + file
	case Snapshot:
		return "sentryidp scim restore " + file + " --dry-run"
	case SentryState:
		return "sentryidp sandbox --state " + file
	case AuthentikState:
		return "sentryidp sandbox --authentik-state " + file
	case Settings:
		return "sentryidp config validate " + file
	case ScriptReport:
		return "sentryidp sentry status --file " + file
	case Review:
		return "sentryidp access review --diff " + file
	default:
		return ""
	}
}

// word quotes what a shell would take apart.
func word(name string) string {
	if name == "" || strings.ContainsFunc(name, special) {
		return `"` + name + `"`
	}
	return name
}

func special(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'$&|;<>()*?[]{}`+"`"+`\~#!`, r) }
