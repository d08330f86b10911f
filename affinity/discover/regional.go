package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Resolver is the part of net.Resolver that sources need.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// RegionalTrust says what the absence of a zone's addresses from the Regional name means.
type RegionalTrust int

const (
	// RegionalAuto believes an absence where the answer can be taken as complete: it has fewer than 8 addresses, and it has
	// addresses of two zones or more, or an earlier one had. A name that gives one zone at a time evacuates nobody, nor does one in
	// which zones were missing and there again three times in ten minutes.
	RegionalAuto RegionalTrust = iota
	// RegionalComplete also believes an answer with the addresses of a single zone. Say it of a name that always has every address
	// that is not shifted away; of a service in two zones it lets a client that starts during a shift see it.
	RegionalComplete
	// RegionalIgnored never takes a zone as evacuated. Say it of a name with weighted, latency, failover or geolocation routing,
	// and of a load balancer that answers with the caller's zone only (client routing policy).
	RegionalIgnored
)

// multivalueLimit is the number of records that Route 53 answers with at most, chosen at random where there are more:
// docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html, MultiValueAnswer.
const multivalueLimit = 8

// looks bounds how often a new absence is looked at before it is believed. A name that rotates shows another part each time.
const looks = 3

// RegionalConfig says how [NewRegional] finds evacuated zones.
type RegionalConfig struct {
	// Source gives the endpoints; their hosts are compared as IP addresses. Required.
	Source Source
	// Name is the service's Regional name, such as foo.internal. Required. It is looked up as it is, without search domains.
	Name string
	// Network is ip4, ip6 or ip. Default: ip4.
	Network string
	// Resolver looks names up. Default: net.DefaultResolver.
	Resolver Resolver
	// Trust says what an absence means. Default: RegionalAuto.
	Trust RegionalTrust
}

// NewRegional adds to a source's answers which zones are evacuated: zonal shift takes a zone's address out of the service's Regional
// name and leaves names with fixed addresses alone. An empty answer evacuates nobody; a failed look-up changes nothing about which
// zones are evacuated.
func NewRegional(config RegionalConfig) (Source, error) {
	var problems []error
	if config.Source == nil {
		problems = append(problems, errors.New("a Regional name needs endpoints to judge, got no source; set Source"))
	}
	problems = append(problems, checkName(config.Name), checkNetwork(config.Network))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &regional{source: config.Source, watch: newWatch(config.Name, config.Network, config.Resolver, config.Trust)}, nil
}

type regional struct {
	source Source
	watch  *watch
}

func (r *regional) Discover(ctx context.Context) (Answer, error) {
	answer, err := r.source.Discover(ctx)
	if err != nil {
		return Answer{}, err
	}
	found, doubts := r.watch.evacuated(ctx, answer.Endpoints, r.watch.look(ctx))
	answer.Evacuated = append(slices.Clone(answer.Evacuated), found...)
	answer.Doubts = append(slices.Clone(answer.Doubts), doubts...)
	return answer.Normalize(), nil
}

// watch looks at one Regional name and remembers what is needed to judge the next look.
type watch struct {
	name, network string
	resolver      Resolver
	trust         RegionalTrust

	mu      sync.Mutex
	last    []string    // evacuated according to the last look that could be judged
	several bool        // one answer had addresses of several zones
	seen    []string    // missing at that look, believed or not
	returns []time.Time // when zones that had been missing were there again, of the last tenMinutes
	moves   moves
}

func newWatch(name, network string, resolver Resolver, trust RegionalTrust) *watch {
	w := &watch{name: absolute(name), network: network, resolver: resolver, trust: trust}
	if w.network == "" {
		w.network = "ip4"
	}
	if w.resolver == nil {
		w.resolver = net.DefaultResolver
	}
	return w
}

// sight is what one look-up of a name showed. An answer without addresses is no error.
type sight struct {
	addrs []netip.Addr
	err   error
}

func (w *watch) look(ctx context.Context) sight {
	if w.trust == RegionalIgnored {
		return sight{}
	}
	return look(ctx, w.resolver, w.network, w.name)
}

func look(ctx context.Context, r Resolver, network, name string) sight {
	addrs, err := r.LookupNetIP(ctx, network, name)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return sight{} // the name exists not, or has no address
	}
	if err != nil {
		return sight{err: err}
	}
	unmapped := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		unmapped[i] = a.Unmap()
	}
	return sight{addrs: unmapped}
}

// evacuated returns the zones that the Regional name leaves out, and what could not be told.
func (w *watch) evacuated(ctx context.Context, endpoints []Endpoint, seen sight) (zones, doubts []string) {
	if w.trust == RegionalIgnored {
		return nil, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if seen.err != nil {
		return w.last, []string{fmt.Sprintf("%s could not be looked up, got %v; what was evacuated before stays so", w.name, seen.err)}
	}
	now := time.Now()
	w.moves.note(endpoints, seen.addrs, now)
	endpoints = w.moves.recent(endpoints)
	verdict := judge(endpoints, seen.addrs, w.trust, w.several)
	// A new absence is believed only when looking again, at once, does not show the zone.
	for range looks - 1 {
		if !slices.ContainsFunc(verdict.missing, w.isNew) {
			break
		}
		again := w.look(ctx)
		if again.err != nil {
			break
		}
		seen.addrs = append(slices.Clone(seen.addrs), again.addrs...)
		verdict = judge(endpoints, distinct(seen.addrs), w.trust, w.several)
	}
	if w.moves.unsettled(now) && slices.ContainsFunc(verdict.missing, w.isNew) {
		verdict.missing = slices.DeleteFunc(slices.Clone(verdict.missing), w.isNew)
		verdict.doubt = "shows addresses that no zone's name has, which may be new ones; no further zone is taken as evacuated"
	}
	w.several = w.several || verdict.several
	if w.restless(verdict.missing) && len(verdict.missing) > 0 {
		verdict.missing, verdict.doubt = nil, "shows other zones every few minutes, as no shift does; no zone is taken as evacuated"
	}
	w.last = verdict.missing
	if verdict.doubt != "" {
		doubts = []string{w.name + " " + verdict.doubt}
	}
	return verdict.missing, doubts
}

// isNew says that a zone was not evacuated by the last look.
func (w *watch) isNew(zone string) bool { return !slices.Contains(w.last, zone) }

// A name that loses and shows zones again and again does not say what is shifted away: a load balancer with partial client routing gives
// now the caller's zone, now all. A shift lasts longer.
const (
	tenMinutes  = 10 * time.Minute
	mostReturns = 3
)

// restless notes which zones are missing and says whether they come and go too often to mean anything.
func (w *watch) restless(missing []string) bool {
	now := time.Now()
	if slices.ContainsFunc(w.seen, func(z string) bool { return !slices.Contains(missing, z) }) {
		w.returns = append(w.returns, now)
	}
	w.seen = missing
	w.returns = slices.DeleteFunc(w.returns, func(at time.Time) bool { return now.Sub(at) > tenMinutes })
	return len(w.returns) >= mostReturns && w.trust != RegionalComplete
}

func distinct(addrs []netip.Addr) []netip.Addr {
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs)
}
