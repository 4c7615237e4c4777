package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxSecret is the greatest size of what a secret is read from, in bytes.
const maxSecret = 64 << 10

// Reference says where a secret is. At most one field is set. It prints as the
// place, never as the secret.
type Reference struct {
	Env     string   // name of an environment variable
	File    string   // path of a file that not everybody can write
	Command []string // program and arguments, run without a shell
	Keyring string   // service/account in the system's keyring
	Literal String   // the secret itself
}

// IsZero reports whether the reference points nowhere.
func (r Reference) IsZero() bool {
	return r.Env == "" && r.File == "" && len(r.Command) == 0 && r.Keyring == "" && r.Literal.IsZero()
}

// String says where the secret is: env NAME, file PATH, command PROGRAM,
// keyring SERVICE/ACCOUNT, or Redacted for a literal.
func (r Reference) String() string {
	switch {
	case r.Env != "":
		return "env " + r.Env
	case r.File != "":
		return "file " + r.File
	case len(r.Command) > 0:
		return "command " + r.Command[0] // its arguments may hold anything
	case r.Keyring != "":
		return "keyring " + r.Keyring
	}
	return r.Literal.String()
}

// Format prints String for every verb.
func (r Reference) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// MarshalText writes String.
func (r Reference) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// LogValue logs String.
func (r Reference) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Sources is what references are read from.
type Sources struct {
	Env     []string                                      // "NAME=value", for variables and for commands
	Keyring func(service, account string) (string, error) // nil: there is none
	Timeout time.Duration                                 // of a command; 0 is 30 seconds
	Warn    func(format string, args ...any)              // of a file that others can read; nil: nobody is warned
}

// Resolve reads the secret, and gives up when ctx is done. Line breaks at the
// end and a byte order mark are no part of it, and UTF-16 is understood. A secret that is missing, empty, over 64 KiB or not fit
// for an HTTP header is an error of code fault.Credential; what was read is in
// none of them.
func (r Reference) Resolve(ctx context.Context, from Sources) (String, error) {
	raw, err := r.readWithin(ctx, from)
	if err == nil {
		err = r.check(raw.value)
	}
	if err != nil {
		return String{}, fault.WithCode(err, fault.Credential)
	}
	if raw.warning != "" && from.Warn != nil {
		from.Warn("%s", raw.warning)
	}
	return New(trim(raw.value)), nil
}

// found is what was read, and a warning about the place, if there is one.
type found struct {
	value   string
	warning string
}

func trim(raw string) string { return strings.TrimRight(utf8Text(raw), "\r\n") }

// check refuses what can be no bearer token, which is visible ASCII (RFC 6750,
// section 2.1).
func (r Reference) check(raw string) error {
	var problem string
	switch value := trim(raw); {
	case value == "":
		problem = "is empty"
	case len(raw) > maxSecret:
		problem = fmt.Sprintf("has more than %d KiB", maxSecret>>10)
	case strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
		problem = "has spaces, line breaks or characters other than ASCII, which no token has"
	default:
		return nil
	}
	return fault.Hint(fmt.Errorf("the secret %s (%s)", problem, r), "the token has to stand there alone, on one line")
}

// readWithin does not wait longer than ctx: a named pipe without a writer and a
// keyring that asks its user may not answer at all.
func (r Reference) readWithin(ctx context.Context, from Sources) (found, error) {
	type answer struct {
		found

		err error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		if r.File != "" {
			a.found, a.err = r.fromFile()
		} else {
			a.value, a.err = r.read(ctx, from)
		}
		answers <- a
	}()
	select {
	case a := <-answers:
		return a.found, a.err
	case <-ctx.Done():
		return found{}, fmt.Errorf("read the secret (%s): %w", r, ctx.Err())
	}
}

// read reads what is not in a file.
func (r Reference) read(ctx context.Context, from Sources) (string, error) {
	switch {
	case r.Env != "":
		return r.fromEnv(from.Env)
	case len(r.Command) > 0:
		return r.fromCommand(ctx, from)
	case r.Keyring != "":
		return r.fromKeyring(from.Keyring)
	case r.Literal.IsZero():
		return "", errors.New("no secret is set")
	}
	return r.Literal.Reveal(), nil
}

func (r Reference) fromEnv(env []string) (string, error) {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, r.Env+"="); ok && value != "" {
			return value, nil
		}
	}
	return "", fault.Hint(fmt.Errorf("the environment variable %s is not set, or empty", r.Env), "export %s", r.Env)
}
