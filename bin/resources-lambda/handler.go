package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// failedPrefix marks the physical id of a resource whose Create failed before it changed anything. CloudFormation
// deletes such a resource while it rolls back, and there is nothing to delete.
const failedPrefix = "create-failed-"

// resource is one custom resource with valid properties.
type resource interface {
	// physicalID names the resource. A changed id makes CloudFormation delete the old one after the update.
	physicalID() string
	// apply brings about what the properties say, whatever is there now, and returns the attributes for Fn::GetAtt.
	apply(ctx context.Context, r *run) (map[string]string, error)
	// remove undoes apply. What is gone already is no error.
	remove(ctx context.Context, r *run) error
}

// resourceTypes reads the properties of each type that this function knows.
var resourceTypes = map[string]func(*properties) resource{
	"Custom::PathproofVpnFacts":             parseVPNFacts,
	"Custom::PathproofTgwAssociation":       parseTGWAssociation,
	"Custom::PathproofTgwPeeringAcceptance": parseTGWPeeringAcceptance,
	"Custom::PathproofVpcPeeringDns":        parseVPCPeeringDNS,
	"Custom::PathproofClientVpnFacts":       parseClientVPNFacts,
	"Custom::PathproofImage":                parseImage,
	"Custom::PathproofPrefixList":           parsePrefixList,
	"Custom::PathproofPki":                  parsePKI,
	"Custom::PathproofServerCertificate":    parseServerCertificate,
	"Custom::PathproofClientVpnCertificate": parseClientVPNCertificate,
	"Custom::PathproofClientVpnList":        parseClientVPNList,
}

// run is what one request works with.
type run struct {
	*cloud
	pace pace
	log  *slog.Logger
	// touched is set before the first call that changes something, so that a failed Create is deleted for real.
	touched atomic.Bool
}

// handler answers CloudFormation, whatever happens.
type handler struct {
	connect func(context.Context) (*cloud, error)
	answers *lambdax.Responder
	pace    pace
	log     *slog.Logger
}

// handle serves one event. Its error means that CloudFormation could not be answered; Lambda then invokes it again,
// which is safe, because every request is idempotent.
func (h *handler) handle(ctx context.Context, event json.RawMessage) error {
	if n := decodeRenewal(event); n != nil {
		return h.renew(ctx, n)
	}
	req, err := lambdax.DecodeRequest(event)
	if err != nil {
		h.log.Error("event refused", "error", err.Error())
		return nil // another try would read the same event
	}
	log := h.log.With("request", req)
	log.Info("request received")
	started := time.Now()
	out := h.answer(ctx, req, log)
	if out.Err != nil {
		log.Error("request failed", "error", out.Err.Error(), "seconds", time.Since(started).Seconds())
	} else {
		log.Info("request done", "answeredId", out.PhysicalID, "seconds", time.Since(started).Seconds())
	}
	return h.answers.Send(ctx, req, out)
}

// answer does the work and returns in time for the answer to be sent, even if the work hangs. It never panics.
func (h *handler) answer(ctx context.Context, req lambdax.Request, log *slog.Logger) (out lambdax.Outcome) {
	r := &run{pace: h.pace, log: log}
	defer r.answerPanic(req, nil, &out)
	if req.RequestType == lambdax.RequestDelete && strings.HasPrefix(req.PhysicalResourceID, failedPrefix) {
		return lambdax.Outcome{PhysicalID: req.PhysicalResourceID}
	}
	res, err := parse(req)
	if err != nil {
		return failed(req, nil, r, err)
	}
	budget, grace := h.pace.budget(ctx)
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	done := make(chan lambdax.Outcome, 1)
	go func() { done <- h.work(ctx, req, res, r) }()
	select {
	case out := <-done:
		return out
	case <-ctx.Done():
	}
	select { // work that heeds its context says best what it was waiting for
	case out := <-done:
		return out
	case <-time.After(grace):
	}
	return failed(req, res, r, errors.New("time is up and the work does not stop; look at the log of this function, then deploy again"))
}

// work turns a valid request into an outcome. It never panics.
func (h *handler) work(ctx context.Context, req lambdax.Request, res resource, r *run) (out lambdax.Outcome) {
	defer r.answerPanic(req, res, &out)
	var err error
	if r.cloud, err = h.connect(ctx); err != nil {
		return failed(req, res, r, fmt.Errorf("set up the AWS SDK: %w", err))
	}
	if req.RequestType == lambdax.RequestDelete {
		if err := res.remove(ctx, r); err != nil {
			return failed(req, res, r, err)
		}
		return lambdax.Outcome{PhysicalID: req.PhysicalResourceID}
	}
	data, err := res.apply(ctx, r)
	if err != nil {
		return failed(req, res, r, err)
	}
	return lambdax.Outcome{PhysicalID: res.physicalID(), Data: data}
}

// answerPanic, deferred, turns a panic into an outcome.
func (r *run) answerPanic(req lambdax.Request, res resource, out *lambdax.Outcome) {
	if p := recover(); p != nil {
		r.log.Error("panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
		*out = failed(req, res, r, fmt.Errorf("internal error: %v; report it with the log of this function", p))
	}
}

// parse checks everything about a request that needs no call.
func parse(req lambdax.Request) (resource, error) {
	var errs []error
	switch req.RequestType {
	case lambdax.RequestCreate, lambdax.RequestUpdate, lambdax.RequestDelete:
	default:
		errs = append(errs, fmt.Errorf("RequestType: unknown value, got %q; only CloudFormation may invoke this function", req.RequestType))
	}
	read, ok := resourceTypes[req.ResourceType]
	if !ok {
		errs = append(errs, fmt.Errorf("ResourceType: unknown value, got %q; deploy the function and the template from the same version", req.ResourceType))
		return nil, errors.Join(errs...)
	}
	p := parseProperties(req.ResourceProperties)
	res := read(p)
	return res, errors.Join(append(errs, p.errs...)...)
}

// failed is the outcome of an error. CloudFormation deletes whatever id a failed Create answers: the real one if
// something may have been changed, else the marker that makes the Delete a formality. Other requests keep their id,
// because a new one would be taken for a replacement.
func failed(req lambdax.Request, res resource, r *run, err error) lambdax.Outcome {
	out := lambdax.Outcome{PhysicalID: req.PhysicalResourceID, Err: err}
	if req.RequestType == lambdax.RequestCreate || out.PhysicalID == "" {
		out.PhysicalID = failedPrefix + req.RequestID
		if res != nil && r.touched.Load() {
			out.PhysicalID = res.physicalID()
		}
	}
	return out
}
