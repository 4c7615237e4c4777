package permission

import "syscall"

// readOnlyFlag is ST_RDONLY of statfs(2).
const readOnlyFlag = 1

// onReadOnly reports whether the file lies on a read-only mount.
func onReadOnly(path string) bool {
	var stat syscall.Statfs_t
	return syscall.Statfs(path, &stat) == nil && stat.Flags&readOnlyFlag != 0
}
