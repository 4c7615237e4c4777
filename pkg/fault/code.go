package fault

// Code is an exit code of the program. The zero value of an Error's Code means
// "not said here".
type Code int

// The exit codes. They are the same in every output format.
const (
	OK          Code = 0
	Failed      Code = 1
	Changes     Code = 2
	Findings    Code = 3
	Credential  Code = 4
	Partial     Code = 5
	Refused     Code = 6
	Usage       Code = 64
	Interrupted Code = 130
)

// Meaning is one row of the exit code table.
type Meaning struct {
	Code Code
	Text string
}

// Meanings returns the exit code table, lowest code first. `help exit-codes`
// and the README print it.
func Meanings() []Meaning {
	return []Meaning{
		{OK, "done, nothing pending"},
		{Failed, "failed"},
		{Changes, "changes pending (only with --detailed-exitcode)"},
		{Findings, "a check found problems (inspect, status, --verify)"},
		{Credential, "a credential is missing or refused"},
		{Partial, "partly applied; the report says what was"},
		{Refused, "refused by a guard; nothing was written"},
		{Usage, "flags, arguments or configuration are wrong"},
		{Interrupted, "interrupted; the report says what was applied"},
	}
}
