package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
	"github.com/pathproof/pathproof/internal/topology"
)

// clientVPNs are the endpoints of AWS Client VPN in a Region.
type clientVPNs interface {
	Remote(ctx context.Context, endpoint string) (pki.Remote, error)
	Bring(ctx context.Context, p *registry.PKI, endpoint string) (given bool, err error)
	End(ctx context.Context, endpoint, user string) (int, error)
}

// notDeployed is the error of a parameter that is not there.
type notDeployed struct{ parameter, region string }

func (e *notDeployed) Error() string {
	return fmt.Sprintf("parameter %s in %s: not there; deploy the network first, or use credentials of its account", e.parameter, e.region)
}

// clientVPNsOf are the endpoints whose people have certificates of a PKI.
func clientVPNsOf(p *topology.Plan, pkiName string) []*topology.ClientVPN {
	var list []*topology.ClientVPN
	for _, v := range p.ClientVPNs {
		if v.PKI == pkiName {
			list = append(list, v)
		}
	}
	return list
}

func clientVPNEntrance(p *topology.Plan, v *topology.ClientVPN) entrance {
	protocol := pki.UDP
	if v.Transport == "tcp" {
		protocol = pki.TCP
	}
	return entrance{ref: v.Ref().String(), serverName: naming.ClientVPNCertificate(p.Name, v.Name, v.At()), clientVPN: v,
		ways: []way{{direct, v.Place.Region, naming.ClientVPNParameter(p.Name, v.Name), v.Port, protocol}}}
}

// clientVPNProfile asks the endpoint under which name, port and protocol it is, and returns the profile of a user for it.
func (a *pkiAccess) clientVPNProfile(ctx context.Context, user string, plan *topology.Plan, e entrance) (string, time.Time, error) {
	w := e.ways[0]
	id, err := a.address(ctx, w.region, w.parameter)
	if err != nil {
		return "", time.Time{}, err
	}
	there, err := a.clientVPN(w.region).Remote(ctx, id)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("%s: %w", e.ref, err)
	}
	return a.users.GetClientVPN(ctx, user, pki.ClientVPNProfile{Comment: fmt.Sprintf("%s at %s, %s", user, plan.Name, e.ref),
		Host: there.Host, Port: there.Port, Protocol: there.Protocol, ServerName: e.serverName, SAML: e.clientVPN.SAML != ""})
}

// putOut gives every endpoint the list in which a user is, and ends the user's connections. One that fails stops no other.
func (a *pkiAccess) putOut(ctx context.Context, plan *topology.Plan, p *topology.PKI, user string, out io.Writer) error {
	var errs []error
	for _, v := range clientVPNsOf(plan, p.Name) {
		said, err := a.putOutOf(ctx, plan, v, user)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w; until it has the list, %s gets in there: its schedule brings it within a day, or run this again", v.Ref(), err, user))
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", v.Ref(), said)
	}
	return errors.Join(errs...)
}

func (a *pkiAccess) putOutOf(ctx context.Context, plan *topology.Plan, v *topology.ClientVPN, user string) (string, error) {
	id, err := a.address(ctx, v.Place.Region, naming.ClientVPNParameter(plan.Name, v.Name))
	var missing *notDeployed
	if errors.As(err, &missing) {
		return "not deployed", nil
	}
	if err != nil {
		return "", err
	}
	at := a.clientVPN(v.Place.Region)
	given, err := at.Bring(ctx, a.users.PKI, id)
	if err != nil {
		return "", err
	}
	ended, err := at.End(ctx, id, user)
	if err != nil { // nobody new gets in; what is up was reset with the list
		return fmt.Sprintf("has the list; connections were not looked at: %v", err), nil
	}
	said := "had the list already"
	if given {
		said = "has the list now"
	}
	return fmt.Sprintf("%s, %d of %s's connections ended", said, ended, user), nil
}
