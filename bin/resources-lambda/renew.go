package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// renewal is the event of a schedule: the custom resources that are looked at again. Applying one that is as it should be
// changes nothing; a certificate or a list near its end is made anew.
type renewal struct {
	Pathproof string
	Resources []lambdax.Request
}

// renew is what Pathproof is then.
const renew = "renew"

// renewable are the types that a schedule may name.
var renewable = map[string]bool{"Custom::PathproofPki": true, "Custom::PathproofServerCertificate": true,
	"Custom::PathproofClientVpnCertificate": true, "Custom::PathproofClientVpnList": true}

// decodeRenewal returns nil for an event that is not a schedule's.
func decodeRenewal(event json.RawMessage) *renewal {
	n := &renewal{}
	if json.Unmarshal(event, n) != nil || n.Pathproof != renew {
		return nil
	}
	return n
}

// renew applies every resource, whatever becomes of the others. Its error makes Lambda try again, and its alarm go off.
func (h *handler) renew(ctx context.Context, n *renewal) error {
	log := h.log.With("event", renew)
	var errs []error
	for i, req := range n.Resources {
		started := time.Now()
		err := h.renewOne(ctx, req, len(n.Resources)-i, log)
		if err != nil {
			log.Error("renewal failed", "resourceType", req.ResourceType, "error", err.Error(), "seconds", time.Since(started).Seconds())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// renewOne applies one resource, in its share of the time: left is how many there are yet.
func (h *handler) renewOne(ctx context.Context, req lambdax.Request, left int, log *slog.Logger) (err error) {
	r := &run{pace: h.pace, log: log}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v; report it", p)
		}
	}()
	if !renewable[req.ResourceType] {
		return fmt.Errorf("ResourceType: not one that is renewed, got %q; deploy the function and the schedule from the same version", req.ResourceType)
	}
	req.RequestType = lambdax.RequestUpdate
	res, err := parse(req)
	if err != nil {
		return err
	}
	budget, _ := h.pace.budget(ctx)
	ctx, cancel := context.WithTimeout(ctx, budget/time.Duration(left))
	defer cancel()
	if r.cloud, err = h.connect(ctx); err != nil {
		return fmt.Errorf("set up the AWS SDK: %w", err)
	}
	_, err = res.apply(ctx, r)
	return err
}
