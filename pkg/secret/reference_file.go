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
	access, err := permission.Of(file)
	if err != nil {
		return found{}, err
	}
	if access.EverybodyWrites {
		return found{}, fault.Hint(fmt.Errorf("the secret file %s is writable by every user (mode %04o)", r.File, access.Mode), "%s", r.closed(access))
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	return found{value: string(data), warning: r.readers(access)}, err
}

// closed says how the file is kept from others.
func (r Reference) closed(access permission.Access) string {
	if access.Changeable {
		return "run 'chmod 600 " + r.File + "', and create a new token if another user may have changed this one"
	}
	return "its owner must remove the permission, or mount it read-only with mode 0440"
}

// readers is the warning of a file that others can read.
func (r Reference) readers(access permission.Access) string {
	if !access.Exposes() {
		return ""
	}
	warning := fmt.Sprintf("other users can read the secret in %s (mode %04o)", r.File, access.Mode)
	if access.Changeable {
		warning += ": run 'chmod 600 " + r.File + "'"
	}
	return warning
}
