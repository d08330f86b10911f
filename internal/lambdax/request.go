package lambdax

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// What CloudFormation asks for.
const (
	RequestCreate = "Create"
	RequestUpdate = "Update"
	RequestDelete = "Delete"
)

// Request is CloudFormation's event. The properties stay raw until their type is known, so that bad properties are an
// answer to CloudFormation and not an event that cannot be read.
type Request struct {
	RequestType        string
	RequestID          string `json:"RequestId"`
	ResponseURL        string
	ResourceType       string
	PhysicalResourceID string `json:"PhysicalResourceId"`
	LogicalResourceID  string `json:"LogicalResourceId"`
	StackID            string `json:"StackId"`
	ResourceProperties json.RawMessage
}

// LogValue keeps the response URL, which is a credential, and the properties out of every log line.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("requestType", r.RequestType),
		slog.String("requestId", r.RequestID),
		slog.String("resourceType", r.ResourceType),
		slog.String("logicalResourceId", r.LogicalResourceID),
		slog.String("physicalResourceId", r.PhysicalResourceID),
		slog.String("stackId", r.StackID),
	)
}

// DecodeRequest reads an event. An error without a ResponseURL means that nobody can be answered.
func DecodeRequest(event json.RawMessage) (Request, error) {
	var r Request
	if err := json.Unmarshal(event, &r); err != nil {
		return r, fmt.Errorf("not a CloudFormation custom resource request: %w; only CloudFormation may invoke this function", err)
	}
	if r.ResponseURL == "" {
		return r, fmt.Errorf("ResponseURL: missing; only CloudFormation may invoke this function")
	}
	return r, nil
}
