package cmd

import "github.com/spf13/cobra"

// newSecurityTopic prints the threat model.
func newSecurityTopic() *cobra.Command {
	return &cobra.Command{Use: "security", Short: "Who attacks, what holds, and what does not", Long: securityText}
}

const securityText = `The tokens of sentryidp can change and remove every user of authentik and every
member of Sentry. This page says which attacks it withstands, and which not.

A FOLDER FROM ANOTHER PERSON
A repository, an archive or a shared folder can contain a ./sentryidp.yaml. By
itself that file may set sentry.org and authentik.application, and the addresses
of Sentry and authentik for commands that send no secret, such as 'saml urls'.
Every other setting could run a program, send a secret, choose or remove people,
or loosen a guard. It counts only

  - from a file that you name (--config, SENTRYIDP_CONFIG),
  - from the user's or the system's configuration folder,
  - from variables and flags,
  - or once the file is trusted: 'sentryidp config trust' keeps its path and a
    checksum of its content. A file that has changed is not trusted any more.

Otherwise the command ends with exit code 64 and names each value with its line.
A value that a trusted place also gives, or that is the default, is accepted.
'sentryidp config view' shows which files are trusted and which values are
refused.

OTHER USERS OF THIS MACHINE
A configuration file that was found is refused if every user can write it, or if
it belongs to another user than you and root. If you name the file, this is a
warning. A secret file that every user can write is always refused. A secret
file that other users can read is a warning, except where a container runtime
mounted it (Kubernetes, Docker, Swarm). Keys, snapshots, reports, the memory of
pushes and the list of trusted files are written with mode 0600, on Windows with
an access list of their owner alone. No flag takes a secret, so that no secret is
in the list of processes.

THE NETWORK
A token is sent over https. Over plain http it is sent only to loopback and to
the hosts of insecure_http. It is sent to the scheme, host and port of the
address that is set, and to no other: redirects are not followed. Before a
secret is sent, standard error says to which host, and which place named the
address and the secret (-q silences this).

There is no telemetry, no call home and no update check: the program asks the
servers that settings, flags and arguments name, and no other.

A HOSTILE SERVER OR DIRECTORY
Answers are read within limits of size and time. Texts from a server or a
directory cannot control your terminal, a log or an HTML report. Documents with
a DOCTYPE are refused. If an answer is cut off, the run stops and writes
nothing.

A WEB PAGE IN YOUR BROWSER
The sandbox answers loopback hosts alone, and refuses forms of other sites. What
it holds as data, under /_sandbox/, it gives only to its own token, so that no
page can read it, not even under a name that leads to this machine (DNS
rebinding).

YOUR OWN MISTAKES
Guards compare each plan with Sentry before anything is written, and a snapshot
is saved before anything is taken away. The report names each guard that is
loosened, with the place that loosened it.

WHAT DOES NOT HOLD
  - A person who can change your files, your variables, your PATH or this
    program can do all that you can do.
  - A file that is trusted or named can run every program. Only the content of
    the file is checked, not the programs, people and secrets that it names.
  - Relative paths count from the working directory, also those in your own
    configuration file: write absolute paths there.
  - An administrator of authentik decides who is a member of Sentry. The guards
    limit how much one push changes, not which people are right.
  - Windows has no such permission bits: there, files that other users can read
    or write are neither refused nor warned about. A drive without access lists
    (FAT, exFAT) lets every user read what is written to it.
  - A proxy (HTTPS_PROXY) sees the names of hosts. A proxy whose certificate
    authority this machine trusts sees everything.`
