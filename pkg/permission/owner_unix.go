//go:build unix

package permission

import (
	"io/fs"
	"os"
	"syscall"
)

// owners returns the ids of the file's owner and of the user of this process.
func owners(info fs.FileInfo) (owner, user int, known bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, 0, false
	}
	return int(stat.Uid), os.Geteuid(), true
}
