package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pathproof/pathproof/affinity/zone"
)

// DNSConfig says where a service's zones are found by name.
type DNSConfig struct {
	// Name is the service's Regional name, such as foo.internal; a zone's name is its ID before it: apne2-az1.foo.internal.
	// Required. Names are looked up as they are, without search domains.
	Name string
	// Zones are the IDs of the zones that have names. Required.
	Zones []string
	// Port is what endpoints are called at. Required.
	Port int
	// Network is ip4, ip6 or ip. Default: ip4, because a load balancer with both kinds of addresses would count twice.
	Network string
	// Resolver looks names up. Default: net.DefaultResolver.
	Resolver Resolver
	// Regional says what it means when a zone's addresses are missing from the Regional name. Default: RegionalAuto.
	Regional RegionalTrust
}

// DNS returns a source that looks the zones' names up, and which of them the Regional name leaves out.
//
// A zone whose name has no address has no endpoint, but those that it had and that the Regional name still has: a record lost by mistake
// is no reason to leave the zone. A zone whose name cannot be looked up, while others can, keeps the addresses it
// had. Where no zone's name has an address the Regional name's addresses are the endpoints, without zone.
func DNS(config DNSConfig) (Source, error) {
	problems := []error{checkName(config.Name), checkNetwork(config.Network)}
	if len(config.Zones) == 0 {
		problems = append(problems, errors.New("discovery by DNS needs zones, got none; give the IDs that have names, such as apne2-az1"))
	}
	for i, id := range config.Zones {
		problems = append(problems, zone.Check(id))
		if slices.Contains(config.Zones[:i], id) {
			problems = append(problems, fmt.Errorf("a zone is given twice, got %q; give it once", id))
		}
	}
	if config.Port < 1 || config.Port > 65535 {
		problems = append(problems, fmt.Errorf("not a port, got %d; give one from 1 to 65535", config.Port))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	config.Zones = slices.Clone(config.Zones)
	w := newWatch(config.Name, config.Network, config.Resolver, config.Regional)
	return &dns{config: config, watch: w, known: map[string][]netip.Addr{}}, nil
}

func checkName(name string) error {
	if bare := strings.TrimSuffix(name, "."); bare == "" || strings.Contains(bare, "..") || strings.ContainsAny(bare, " /:") {
		return fmt.Errorf("not a DNS name, got %q; give the service's Regional name, such as foo.internal", name)
	}
	return nil
}

func checkNetwork(network string) error {
	if !slices.Contains([]string{"", "ip", "ip4", "ip6"}, network) {
		return fmt.Errorf("not a kind of addresses, got %q; give ip4, ip6 or ip", network)
	}
	return nil
}

// absolute keeps resolvers from trying search domains, of which Kubernetes sets several.
func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

type dns struct {
	config DNSConfig
	watch  *watch

	mu    sync.Mutex
	known map[string][]netip.Addr // by zone, from its last look-up that worked
}

func (d *dns) Discover(ctx context.Context) (Answer, error) {
	zonal, regional := d.lookAll(ctx)
	answer, err := d.merge(zonal, regional.addrs)
	if err != nil {
		return Answer{}, err
	}
	if len(answer.Endpoints) == 0 && len(regional.addrs) > 0 {
		answer.Endpoints = d.endpoints("", regional.addrs)
		answer.Doubts = append(answer.Doubts, fmt.Sprintf("no zone's name has an address; the addresses of %s are used without zones", d.watch.name))
		return answer.Normalize(), nil
	}
	zones, doubts := d.watch.evacuated(ctx, answer.Endpoints, regional)
	answer.Evacuated, answer.Doubts = zones, append(answer.Doubts, doubts...)
	return answer.Normalize(), nil
}

// lookAll looks every name up at the same time.
func (d *dns) lookAll(ctx context.Context) (zonal []sight, regional sight) {
	zonal = make([]sight, len(d.config.Zones))
	var all sync.WaitGroup
	for i, id := range d.config.Zones {
		all.Go(func() { zonal[i] = look(ctx, d.watch.resolver, d.watch.network, id+"."+d.watch.name) })
	}
	all.Go(func() { regional = d.watch.look(ctx) })
	all.Wait()
	return zonal, regional
}

// merge makes endpoints of what zones' names showed. It fails when no look-up worked, so that whoever keeps answers sees them age.
func (d *dns) merge(zonal []sight, regional []netip.Addr) (Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var answer Answer
	var failures []error
	for i, id := range d.config.Zones {
		switch seen := zonal[i]; {
		case seen.err != nil:
			failures = append(failures, seen.err)
			answer.Doubts = append(answer.Doubts, fmt.Sprintf("%s.%s could not be looked up, got %v; the zone keeps the %d addresses it had",
				id, d.watch.name, seen.err, len(d.known[id])))
		case len(seen.addrs) == 0:
			d.known[id] = slices.DeleteFunc(slices.Clone(d.known[id]), func(a netip.Addr) bool { return !slices.Contains(regional, a) })
			doubt := fmt.Sprintf("%s.%s has no address", id, d.watch.name)
			if kept := len(d.known[id]); kept > 0 {
				doubt += fmt.Sprintf("; the zone keeps %d that it had and that %s still has", kept, d.watch.name)
			}
			answer.Doubts = append(answer.Doubts, doubt)
		default:
			d.known[id] = seen.addrs
		}
		answer.Endpoints = append(answer.Endpoints, d.endpoints(id, d.known[id])...)
	}
	if len(failures) == len(d.config.Zones) {
		return Answer{}, fmt.Errorf("no zone of %s could be looked up: %w", d.watch.name, errors.Join(failures...))
	}
	return answer, nil
}

func (d *dns) endpoints(id string, addrs []netip.Addr) []Endpoint {
	endpoints := make([]Endpoint, len(addrs))
	for i, a := range addrs {
		endpoints[i] = Endpoint{Addr: net.JoinHostPort(a.String(), strconv.Itoa(d.config.Port)), Zone: id}
	}
	return endpoints
}
