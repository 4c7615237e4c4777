package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxSecret is the greatest size of what a secret is read from, in bytes.
const maxSecret = 64 << 10

// Reference says where a secret is. At most one field is set. It prints as the
// place, never as the secret.
type Reference struct {
	Env     string   // name of an environment variable
	File    string   // path of a file that only its owner can read
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
}

// Resolve reads the secret, and gives up when ctx is done. Line breaks at the
// end are no part of it. A secret that is missing, empty, over 64 KiB or not fit
// for an HTTP header is an error of code fault.Credential; what was read is in
// none of them.
func (r Reference) Resolve(ctx context.Context, from Sources) (String, error) {
	raw, err := r.readWithin(ctx, from)
	if err == nil {
		err = r.check(raw)
	}
	if err != nil {
		return String{}, fault.WithCode(err, fault.Credential)
	}
	return New(trim(raw)), nil
}

func trim(raw string) string { return strings.TrimRight(string(bom.Text([]byte(raw))), "\r\n") }

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
func (r Reference) readWithin(ctx context.Context, from Sources) (string, error) {
	type answer struct {
		value string
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := r.read(ctx, from)
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		return "", fmt.Errorf("read the secret (%s): %w", r, ctx.Err())
	}
}

func (r Reference) read(ctx context.Context, from Sources) (string, error) {
	switch {
	case r.Env != "":
		return r.fromEnv(from.Env)
	case r.File != "":
		return r.fromFile()
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

func (r Reference) fromFile() (string, error) {
	file, err := os.Open(r.File)
	if err != nil {
		return "", fault.Hint(err, "the secret is expected in that file, relative paths count from the working directory")
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); mode&0o066 != 0 && runtime.GOOS != "windows" {
		return "", fault.Hint(fmt.Errorf("group or others can read or write the secret in %s (mode %04o)", r.File, mode), "chmod 600 %s", r.File)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	return string(data), err
}

func (r Reference) fromKeyring(get func(service, account string) (string, error)) (string, error) {
	service, account, found := strings.Cut(r.Keyring, "/")
	if !found || service == "" || account == "" {
		return "", fmt.Errorf("the keyring entry %q is not of the form service/account", r.Keyring)
	}
	if get == nil {
		return "", errors.New("there is no keyring to ask")
	}
	value, err := get(service, account)
	if err != nil {
		return "", fault.Hint(fmt.Errorf("the keyring has no secret %s: %w", r.Keyring, err),
			"store it with the keyring's own tool, such as secret-tool store --label=sentryidp service %s username %s", service, account)
	}
	return value, nil
}
