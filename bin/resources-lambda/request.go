package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// What CloudFormation asks for.
const (
	requestCreate = "Create"
	requestUpdate = "Update"
	requestDelete = "Delete"
)

// request is CloudFormation's event. The properties stay raw until their type is known, so that bad properties are an
// answer to CloudFormation and not an event that cannot be read.
type request struct {
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
func (r request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("requestType", r.RequestType),
		slog.String("requestId", r.RequestID),
		slog.String("resourceType", r.ResourceType),
		slog.String("logicalResourceId", r.LogicalResourceID),
		slog.String("physicalResourceId", r.PhysicalResourceID),
		slog.String("stackId", r.StackID),
	)
}

// decodeRequest reads an event. An error means that nobody can be answered.
func decodeRequest(event json.RawMessage) (request, error) {
	var r request
	if err := json.Unmarshal(event, &r); err != nil {
		return request{}, fmt.Errorf("not a CloudFormation custom resource request: %w; only CloudFormation may invoke this function", err)
	}
	if r.ResponseURL == "" {
		return request{}, fmt.Errorf("ResponseURL: missing; only CloudFormation may invoke this function")
	}
	return r, nil
}
