package config

// Standing says why a file is believed, or that it is not.
type Standing string

// The standings. The last two are of files in the working directory.
const (
	Named     Standing = "named"     // by --config or SENTRYIDP_CONFIG
	Installed Standing = "installed" // in the user's or the system's folder
	Trusted   Standing = "trusted"   // in the working directory, and trusted with this content
	Changed   Standing = "changed"   // trusted with other content
	Untrusted Standing = "untrusted"
)

// Believed reports whether every setting of the file counts.
func (s Standing) Believed() bool { return s == Named || s == Installed || s == Trusted }

// File is a configuration file that was read.
type File struct {
	Path     string
	Standing Standing

	content []byte
}

// Content returns the bytes that were read.
func (f File) Content() []byte { return f.content }
