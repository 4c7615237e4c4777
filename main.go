// Command sentryidp sets up authentik as the identity provider of Sentry.
package main

import (
	"os"

	"github.com/sentryidp/sentryidp/cmd"
)

// The linker sets both: -X main.release=1.2.3 -X main.builder=https://…
var release, builder string //nolint:gochecknoglobals // the linker can set nothing else

func main() { os.Exit(cmd.Main(release, builder)) }
