package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxBody is the size of the largest request that is read. Self-hosted Sentry's
// nginx takes 100 MB; 16 MiB hold a team of 100,000 members.
const maxBody = 16 << 20

// readBody reads a request's JSON. Sentry ignores the content type, and takes
// no body at all for an empty object.
func readBody(r *http.Request) (any, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, plain(http.StatusBadRequest, "JSON parse error - the body broke off")
	}
	if len(data) > maxBody {
		const page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n</html>\r\n"
		return nil, &refusal{reply{status: http.StatusRequestEntityTooLarge, contentType: "text/html", body: page}}
	}
	if len(data) == 0 {
		return map[string]any{}, nil
	}
	value, problem := decodeJSON(data)
	if problem != "" {
		return nil, plain(http.StatusBadRequest, "JSON parse error - "+problem)
	}
	return value, nil
}

// decodeJSON returns a value, or what is wrong in the words of Python's parser.
func decodeJSON(data []byte) (any, string) {
	if !utf8.Valid(data) {
		return nil, "'utf-8' codec can't decode bytes: invalid continuation byte"
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, "Expecting value: " + position(data, decoder.InputOffset())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, "Extra data: " + position(data, decoder.InputOffset())
	}
	return value, ""
}

// position is a place in a document as Python's parser writes it.
func position(data []byte, offset int64) string {
	before := data[:min(offset, int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d column %d (char %d)", line, column, len(before))
}
