package permission

// The judges behind Of, for facts that a test cannot make without privileges.
var (
	AccessOf      = access
	IsSecretMount = isSecretMount
)
