package access

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// Code names a kind of finding.
type Code string

// The codes, the gravest first.
const (
	LeaverInside      Code = "leaver-inside"
	NoDirectoryEntry  Code = "no-directory-entry"
	Owner             Code = "owner"
	NotLinked         Code = "not-linked"
	InvitationExpired Code = "invitation-expired"
	NeverCame         Code = "invited-never-came"
)

// Finding is what a reviewer should look at, and which members it is about.
type Finding struct {
	Code    Code     `json:"code"`
	Title   string   `json:"title"`
	Advice  string   `json:"advice"`
	Members []string `json:"members"` // addresses
}

// kind is what a code means, and the source without which it is not known.
type kind struct {
	code          Code
	title, advice string
	needs         string
}

func kinds() []kind {
	return []kind{
		{LeaverInside, "inactive in the directory, and still a member", "'sentryidp scim push' removes these members; an owner is removed in Sentry (Settings > Members)", SourceMembers},
		{NoDirectoryEntry, "a member who is not in the directory", "find out who the member is; remove the member in Settings > Members, or add the user to the directory", SourceMembers},
		{Owner, "an owner, with every permission", "confirm that each owner is required, and keep at least two", SourceMembers},
		{NotLinked, "an account that is not linked to single sign-on", "ask the member to log in by SSO once; until then a password opens the account, unless SSO is required", SourceLogins},
		{InvitationExpired, "an expired invitation", "a login by SSO still accepts it; remove it in Settings > Members if it is not needed", SourceLogins},
		{NeverCame, "an open invitation that was not accepted", "ask whether the person still needs access", SourceLogins},
	}
}

// Codes lists the codes of findings.
func Codes() []string {
	codes := make([]string, 0, len(kinds()))
	for _, k := range kinds() {
		codes = append(codes, string(k.code))
	}
	return codes
}

// CheckCodes refuses a word that is not a code (fault.Usage).
func CheckCodes(words []string) error {
	for _, word := range words {
		if slices.Contains(Codes(), word) {
			continue
		}
		err := fault.Usagef("expected a code of a finding but found %q", word)
		if near := nearest.Word(word, Codes()); near != "" {
			return fault.Hint(err, "did you mean %s?", near)
		}
		return fault.Hint(err, "the codes are %s", strings.Join(Codes(), ", "))
	}
	return nil
}

// Fails returns fault.Findings (quiet) where there is a finding of one of the codes,
// and fault.Credential where it cannot be told because Sentry was not read so far.
func (r *Review) Fails(codes []string) error {
	for _, k := range kinds() {
		if s := r.source(k.needs); slices.Contains(codes, string(k.code)) && !s.Read {
			err := fault.New(fault.Credential, "whether there is a finding %s is not known: %s: %s", k.code, s.Name, s.Why)
			return fault.Hint(err, "set sentry.api.token, or leave the code out of --fail-on")
		}
	}
	for _, f := range r.Findings {
		if slices.Contains(codes, string(f.Code)) {
			return fault.Quiet(fault.Findings)
		}
	}
	return nil
}

// find gives each member its codes, and lists the findings.
func (r *Review) find(unlinked bool) {
	found := map[Code][]string{}
	for i := range r.Members {
		m := &r.Members[i]
		m.Findings = m.codes(unlinked)
		for _, code := range m.Findings {
			found[code] = append(found[code], m.Email)
		}
	}
	r.Findings = []Finding{}
	for _, k := range kinds() {
		if len(found[k.code]) > 0 {
			r.Findings = append(r.Findings, Finding{k.code, k.title, k.advice, found[k.code]})
		}
	}
}

// codes are the findings of a member. unlinked says that accounts can be linked: the
// organization has an auth provider.
func (m *Member) codes(unlinked bool) []Code {
	is := func(told *bool) bool { return told != nil && *told }
	isNot := func(told *bool) bool { return told != nil && !*told }
	codes := []Code{}
	for code, so := range map[Code]bool{
		LeaverInside:      m.Directory.State == Inactive,
		NoDirectoryEntry:  m.Directory.State == Absent,
		Owner:             m.Role == ownerRole,
		NotLinked:         unlinked && isNot(m.SSOLinked) && isNot(m.Invited),
		InvitationExpired: is(m.Invited) && is(m.Expired),
		NeverCame:         is(m.Invited) && isNot(m.Expired),
	} {
		if so {
			codes = append(codes, code)
		}
	}
	order := Codes()
	slices.SortFunc(codes, func(a, b Code) int { return slices.Index(order, string(a)) - slices.Index(order, string(b)) })
	return codes
}
