package cmd

import "github.com/spf13/cobra"

// newSecurityTopic prints the threat model.
func newSecurityTopic() *cobra.Command {
	return &cobra.Command{Use: "security", Short: "Who attacks, what holds, and what does not", Long: securityText}
}

const securityText = `sentryidp holds tokens that can change and remove everybody in Sentry and in
authentik. This is whom it is protected from, and whom it is not.

A FOLDER THAT SOMEBODY ELSE FILLED
A repository that you cloned, an archive, or a shared folder can hold a
./sentryidp.yaml. By itself that file may set sentry.org and
authentik.application, and the addresses of Sentry and authentik for commands
that send no secret, such as 'saml urls'. Everything else could run a program,
send a secret, choose or remove people, or loosen a guard. It counts only

  - from a file that you name (--config, SENTRYIDP_CONFIG),
  - from the user's or the system's configuration folder,
  - from variables and flags,
  - or once you trust the file: 'sentryidp config trust' keeps its path and a
    checksum of its content, so that a change asks again.

Else the command ends with exit code 64 and names each value with its line. A
value that trusted places give as well is no use of it. 'sentryidp config view'
shows which file is trusted, and which values are refused.

OTHER USERS OF THIS MACHINE
A file that was found, and that everybody can write or that belongs to neither
you nor root, is refused; one that you name is warned about. A secret file that
everybody can write is refused wherever it lies. One that others can read is
warned about, unless a container runtime mounted it (Kubernetes, Docker, Swarm).
Keys, snapshots, reports, the memory of pushes and the list of trusted files are
written with mode 0600. No flag takes a secret, so that none is in a list of
processes.

THE NETWORK
A token goes over https, over plain http to loopback, and over plain http to
the hosts that insecure_http names. It goes to the scheme, host and port of the
address that is set, and to no other: redirects are not followed. Before a
secret is sent, standard error says where to, and who named the address and the
secret (-q silences that).

A SERVER THAT LIES
Answers are read within limits of size and time. Texts of a server or a
directory cannot steer your terminal, a log or an HTML report. Documents with a
DOCTYPE are refused. An answer that is cut off stops a run with nothing written.

MISTAKES OF YOUR OWN
Guards compare each plan with Sentry before anything is written, and a snapshot
is saved before anything is taken away. A guard that is loosened is named in the
report, with the place that loosened it.

WHAT DOES NOT HOLD
  - Who can change your own files, your variables, your PATH or this program can
    do what you can do.
  - A file that is trusted or named can run any program. Only its own content is
    checked: not the programs, people and secrets that it names.
  - Relative paths count from the working directory, also those in your own
    configuration file: write absolute ones there.
  - An administrator of authentik decides who is in Sentry. The guards limit how
    much a single push changes, not who is right.
  - Windows has no permission bits of this kind: there nothing is said about
    other users.
  - An HTTPS proxy of your environment (HTTPS_PROXY) sees host names, and one
    that has a certificate authority of this machine sees everything.`
