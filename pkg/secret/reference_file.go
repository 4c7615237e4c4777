package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/permission"
)

// fromFile refuses a file that every user can write, wherever it is, and warns
// about one that other users can read, unless a container runtime mounted it:
// Kubernetes has 0644 or 0440 (secretKeyRef defaultMode, fsGroup), Swarm 0444.
func (r Reference) fromFile() (found, error) {
	file, err := os.Open(r.File)
	if errors.Is(err, fs.ErrPermission) {
		return found{}, fault.Hint(err, "this user must be able to read the file: in Kubernetes, set fsGroup in the securityContext of the pod")
	}
	if err != nil {
		return found{}, fault.Hint(err, "the secret is expected in that file; relative paths count from the working directory")
	}
	defer func() { _ = file.Close() }()
	warning, err := CheckFile(file, "secret")
	if err != nil {
		return found{}, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	return found{value: string(data), warning: warning}, err
}

// CheckFile judges who besides its owner can read or change an open file that
// holds what is called a kind, such as "private key". That every user can write it
// is the error; that other users can read it is the warning.
func CheckFile(file *os.File, kind string) (warning string, err error) {
	access, err := permission.Of(file)
	switch {
	case err != nil:
		return "", err
	case access.EverybodyWrites:
		return "", fault.Hint(fmt.Errorf("the %s file %s is writable by every user (mode %04o)", kind, file.Name(), access.Mode), "%s", closed(file.Name(), kind, access))
	case !access.Exposes():
		return "", nil
	}
	warning = fmt.Sprintf("other users can read the %s in %s (mode %04o)", kind, file.Name(), access.Mode)
	if access.Changeable {
		warning += ": run 'chmod 600 " + file.Name() + "'"
	}
	return warning, nil
}

// closed says how a file is kept from others.
func closed(path, kind string, access permission.Access) string {
	if access.Changeable {
		return "run 'chmod 600 " + path + "', and create a new " + kind + " if another user may have changed this one"
	}
	return "its owner must remove the permission, or mount it read-only with mode 0440"
}
