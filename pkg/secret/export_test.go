package secret

// Storing is the command that puts a secret into the keyring of a system.
func Storing(goos, service, account string) string { return storing(goos, service, account) }
