package cmd_test

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// waitForFile returns once path exists. The bound is far above what a loaded
// machine needs: it only keeps a broken test from hanging.
func waitForFile(ts *testscript.TestScript, path string) {
	ticks := time.NewTicker(10 * time.Millisecond)
	defer ticks.Stop()
	for range 6000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		<-ticks.C
	}
	ts.Fatalf("%s was not written", path)
}
