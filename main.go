// Command sentryidp sets up authentik as the identity provider of Sentry.
package main

import (
	"os"

	"github.com/sentryidp/sentryidp/cmd"
)

// release is set by the linker: -X main.release=1.2.3.
var release string //nolint:gochecknoglobals // the linker can set nothing else

func main() { os.Exit(cmd.Main(release)) }
