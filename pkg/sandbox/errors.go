package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// reply is an answer before it is written. A nil body is written as none, a
// string as it is, anything else as JSON.
type reply struct {
	status      int
	header      http.Header
	contentType string // application/json if empty
	body        any
}

// html is the content type that Django gives what it is not told the type of.
const html = "text/html; charset=utf-8"

// refusal is an answer in the place of a result.
type refusal struct{ reply }

func (r *refusal) Error() string { return "refused with status " + strconv.Itoa(r.status) }

// errInternal stands for an exception that Sentry does not handle: it answers
// 500 and, for a write, rolls back.
var errInternal = errors.New("unhandled exception")

const (
	urnError = "urn:ietf:params:scim:api:messages:2.0:Error"
	urnList  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

	msgForbidden    = "You do not have permission to perform this action."
	msgNotFound     = "The requested resource does not exist"
	msgBlank        = "This field may not be blank."
	msgNull         = "This field may not be null."
	msgRequired     = "This field is required."
	msgNotString    = "Not a valid string."
	msgBadEmail     = "Enter a valid email address."
	msgInvalidRole  = "Invalid organization role."
	msgUserExists   = "User already exists in the database."
	msgOnlyOwner    = "You cannot remove the only remaining owner of the organization."
	msgPartnership  = "This member is managed by an active partnership and cannot be modified until the end of the partnership."
	msgSlugConflict = "A team with this slug already exists."
)

func tooLong(limit int) string {
	return fmt.Sprintf("Ensure this field has no more than %d characters.", limit)
}

// refuse answers with any body.
func refuse(status int, body any) error {
	return &refusal{reply{status: status, body: body}}
}

// plain is an error body as Django REST framework makes it.
func plain(status int, detail string) error {
	return refuse(status, map[string]string{"detail": detail})
}

// scimError is the body of core/endpoints/scim/utils.py SCIMApiError.
type scimError struct {
	Schemas  []string `json:"schemas"`
	Status   string   `json:"status,omitempty"`
	ScimType string   `json:"scimType,omitempty"`
	Detail   string   `json:"detail,omitempty"`
}

func (d dialect) error(status int, scimType, detail string) error {
	body := scimError{Schemas: []string{urnError}, ScimType: scimType, Detail: detail}
	if d.errorStatus {
		body.Status = strconv.Itoa(status)
	}
	return refuse(status, body)
}

func (d dialect) scim(status int, detail string) error { return d.error(status, "", detail) }

// invalidFilter has no detail, unlike all others.
func (d dialect) invalidFilter() error { return d.error(http.StatusBadRequest, "invalidFilter", "") }

func (d dialect) userExists() error {
	if d.errorStatus {
		return d.error(http.StatusConflict, "uniqueness", msgUserExists)
	}
	return d.scim(http.StatusConflict, msgUserExists)
}

// invalid is a 400 whose detail is the JSON text of field errors.
func (d dialect) invalid(problems fields) error {
	text, err := json.Marshal(problems)
	if err != nil {
		return errInternal
	}
	return d.scim(http.StatusBadRequest, string(text))
}

func methodNotAllowed(method string) string {
	return fmt.Sprintf("Method %q not allowed.", method)
}

func internalError() reply {
	return reply{status: http.StatusInternalServerError, body: struct {
		Detail  string  `json:"detail"`
		ErrorID *string `json:"errorId"`
	}{Detail: "Internal Error"}}
}
