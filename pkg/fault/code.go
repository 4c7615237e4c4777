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
		{Findings, "a check found problems (doctor, inspect, status, --verify)"},
		{Credential, "a credential is missing, unreadable or refused"},
		{Partial, "partly applied; the report says what was"},
		{Refused, "refused by a guard; nothing was written"},
		{Usage, "flags, arguments, configuration or an input that they name are wrong"},
		{Interrupted, "interrupted; the report says what was applied"},
	}
}

// InputRule is the rule for the exit codes of input: of what an argument, a flag
// or a setting names, be it a file, standard input or an address. `help
// exit-codes` and the README print it.
func InputRule() string {
	return `Input that cannot be read, is too large, or is of another kind or form than the
command takes is 64, whichever command it is and wherever the input comes from.
What a check is there to judge (lint, inspect, status) is 3 where the check finds
problems in it. A token or a passphrase that cannot be read is 4. A server that
does not answer, or not with success, is 1, and so is --timeout.`
}
