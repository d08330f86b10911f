package cfntest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// el is an XML element around content that is XML already.
func el(name string, content ...string) string {
	return "<" + name + ">" + strings.Join(content, "") + "</" + name + ">"
}

// leaf is an XML element with a text; nothing if that is empty.
func leaf(name, value string) string {
	if value == "" {
		return ""
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(value)) // a builder does not fail
	return el(name, b.String())
}

// members is a list as the Query protocol writes it.
func members(name string, items []string) string {
	var b strings.Builder
	for _, item := range items {
		b.WriteString(el("member", item))
	}
	return el(name, b.String())
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// result answers a call of the Query protocol.
func (q *request) result(w http.ResponseWriter, content ...string) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, el(q.Operation+"Response", el(q.Operation+"Result", content...), el("ResponseMetadata", leaf("RequestId", "00000000-0000-4000-8000-000000000000"))))
}

// refuse answers with an error in the way of the service's protocol.
func (q *request) refuse(w http.ResponseWriter, status int, code, message string) {
	if status == 0 {
		status = http.StatusBadRequest
	}
	switch q.Service {
	case "ssm", "cloudtrail", "secretsmanager":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
	case "s3":
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, el("Error", leaf("Code", code), leaf("Message", message)))
	case "ec2":
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, el("Response", el("Errors", el("Error", leaf("Code", code), leaf("Message", message))), leaf("RequestID", "00000000-0000-4000-8000-000000000000")))
	default:
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, el("ErrorResponse", el("Error", leaf("Type", "Sender"), leaf("Code", code), leaf("Message", message)), leaf("RequestId", "00000000-0000-4000-8000-000000000000")))
	}
}

// invalid is CloudFormation's answer to almost everything that is wrong.
func (q *request) invalid(w http.ResponseWriter, format string, args ...any) {
	q.refuse(w, http.StatusBadRequest, "ValidationError", fmt.Sprintf(format, args...))
}
