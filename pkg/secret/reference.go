package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The bounds of reading a secret.
const (
	maxSecret      = 64 << 10
	commandTimeout = 30 * time.Second
)

// Reference says where a secret is. At most one field is set.
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

// String says where the secret is, never what it is.
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

// Sources is what references are read from.
type Sources struct {
	Env     []string // "NAME=value"
	Keyring func(service, account string) (string, error)
}

// Resolve reads the secret. A secret that is missing, empty, unreadable or no
// text of one line is an error of code fault.Credential; what was read is in
// none of them.
func (r Reference) Resolve(ctx context.Context, from Sources) (String, error) {
	value, err := r.read(ctx, from)
	if err != nil {
		return String{}, fault.WithCode(err, fault.Credential)
	}
	value = strings.TrimRight(value, "\r\n")
	switch {
	case value == "":
		err = fmt.Errorf("the secret is empty (%s)", r)
	case len(value) > maxSecret:
		err = fmt.Errorf("the secret has more than %d KiB (%s)", maxSecret>>10, r)
	case strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
		err = fmt.Errorf("the secret has spaces, line breaks or characters other than ASCII, which no token has (%s)", r)
	}
	return String{value: value}, fault.WithCode(err, fault.Credential)
}

func (r Reference) read(ctx context.Context, from Sources) (string, error) {
	switch {
	case r.Env != "":
		return r.fromEnv(from.Env)
	case r.File != "":
		return r.fromFile()
	case len(r.Command) > 0:
		return r.fromCommand(ctx, from.Env)
	case r.Keyring != "":
		return r.fromKeyring(from.Keyring)
	}
	return r.Literal.value, nil
}

func (r Reference) fromEnv(env []string) (string, error) {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, r.Env+"="); ok && value != "" {
			return value, nil
		}
	}
	return "", fault.Hint(fmt.Errorf("the environment variable %s is not set", r.Env), "export %s", r.Env)
}

func (r Reference) fromFile() (string, error) {
	file, err := os.Open(r.File)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if others := info.Mode().Perm() & 0o077; others != 0 && runtime.GOOS != "windows" {
		return "", fault.Hint(fmt.Errorf("others can read the secret in %s (mode %04o)", r.File, info.Mode().Perm()), "chmod 600 %s", r.File)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+2))
	return string(data), err
}

// fromCommand runs the program with the environment of this run. Its standard
// error is shown when it fails, its output never.
func (r Reference) fromCommand(ctx context.Context, env []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	var out, complaint bounded
	cmd := exec.CommandContext(ctx, r.Command[0], r.Command[1:]...) //nolint:gosec // the configuration names the program
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &complaint
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("the command %s gave no secret in %s", r.Command[0], commandTimeout)
	case err != nil:
		return "", fault.Hint(fmt.Errorf("the command %s gave no secret: %w", r.Command[0], err), "it said: %s", complaint.line())
	}
	return out.String(), nil
}

// bounded keeps what a secret can have and drops the rest.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	room := max(0, maxSecret+2-b.Len())
	b.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}

// line is the first line, as something that can be printed.
func (b *bounded) line() string {
	first, _, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
	first = strings.ToValidUTF8(first[:min(200, len(first))], "")
	if first == "" {
		return "nothing"
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, first)
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
