package topology

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// Build resolves a configuration and judges it. It always returns a plan, and every problem found; with a problem of
// severity error the plan is incomplete and must not be synthesized. Severities are already tuned by the file's
// checks section; positions are not filled in.
func Build(f *config.File) (*Plan, problem.List) {
	b := &builder{f: f, adopted: map[string]string{}, met: map[[2]string]bool{}, plan: &Plan{Format: PlanFormat, Name: string(f.Name), Protect: f.Protect, Tags: f.Tags}}
	b.name()
	b.accounts()
	b.regions()
	b.networks()
	b.pkis()
	b.openVPNs()
	b.transitGateways()
	b.clientVPNs()
	b.sites()
	b.peerings()
	b.hosts()
	b.loadBalancers()
	b.edgeProxies()
	b.zonalServices()
	b.accelerators()
	b.segments()
	b.vpcRoutes()
	b.pools()
	b.overlaps()
	b.hostedZones()
	b.zonalCallers()
	b.hairpins()
	b.securityGroups()
	b.clientVPNAccess()
	b.edgeRoutes()
	b.alerts()
	b.paths()
	b.measurement()
	b.prefixChecks()
	b.stacks()
	b.quotas()
	b.userData()
	b.plan.Billed = billed(b.plan)
	b.found.Tune(f.Checks)
	return b.plan, b.found
}

// builder holds what the steps of Build share. Each step reads the configuration and the plan so far, and adds to
// the plan; a step never fails, it adds problems and leaves out what it cannot resolve.
type builder struct {
	f     *config.File
	plan  *Plan
	found problem.List
	// met are the pairs of overlapping blocks that were reported.
	met map[[2]string]bool
	// adopted holds where the id of each adopted resource stands.
	adopted map[string]string
}

func (b *builder) addf(code problem.Code, path, format string, args ...any) {
	b.found.Addf(code, path, format, args...)
}

// unknown reports a name that is declared nowhere.
func unknown[K ~string, V any](b *builder, path, what string, got K, declared map[K]V) {
	b.addf(problem.UnknownName, path, "no such %s, got %q; %s", what, string(got), problem.OneOf(string(got), asStrings(sortedKeys(declared))))
}

// name bounds the network's name: it stands in every stack name.
func (b *builder) name() {
	if n := len(b.f.Name); n > 32 {
		b.addf(problem.BadName, "name", "too long, got %d characters; use at most 32", n)
	}
}

// accounts checks that two aliases are two accounts.
func (b *builder) accounts() {
	first := map[config.AccountID]config.Name{}
	for _, alias := range sortedKeys(b.f.Accounts) {
		id := b.f.Accounts[alias]
		if other, dup := first[id]; dup {
			b.addf(problem.Conflict, "accounts["+string(alias)+"]", "two aliases for one account, got %s and %s for %s; use one", other, alias, id)
			continue
		}
		first[id] = alias
	}
}

func (b *builder) regions() {
	first := map[string]config.Name{}
	for _, alias := range sortedKeys(b.f.Regions) {
		r := b.f.Regions[alias]
		path := fmt.Sprintf("regions[%s]", alias)
		if slices.Contains([]config.Name{"site", "host", "client", "peering", "internet", "openvpn", "accelerator"}, alias) {
			b.addf(problem.BadName, path, "a Region alias that has another meaning in references, got %q; use another alias", alias)
		}
		if !awsdata.KnownRegion(r.Region) {
			b.addf(problem.UnknownRegion, path+".region", "unknown AWS Region, got %q; %s", r.Region, regionAdvice(r.Region))
		}
		place, ok := b.place(path, r.Region, r.Account)
		if !ok {
			continue
		}
		key := place.Account + "/" + place.Region
		if other, dup := first[key]; dup {
			b.addf(problem.DuplicateRegion, path+".region", "a second name for a Region, got %q for %s, which is %q already; use one alias", alias, r.Region, other)
			continue
		}
		first[key] = alias
		b.plan.Regions = append(b.plan.Regions, Region{string(alias), place})
	}
}

// regionAdvice names the closest Region: all of them would fill the screen.
func regionAdvice(got string) string {
	if closest := problem.Closest(got, awsdata.Regions()); closest != "" {
		return fmt.Sprintf("did you mean %s?", closest)
	}
	return "use a Region code like ap-northeast-2"
}

// place resolves a Region code and an account alias.
func (b *builder) place(path, region string, account config.Name) (Place, bool) {
	if account == "" {
		return Place{Region: region}, true
	}
	id, ok := b.f.Accounts[account]
	if !ok {
		b.addf(problem.UnknownAccount, path+".account", "no such account, got %q; %s", account, problem.OneOf(string(account), asStrings(sortedKeys(b.f.Accounts))))
		return Place{}, false
	}
	return Place{Account: string(account), AccountID: string(id), Region: region}, true
}

// region returns a declared Region, or reports the unknown alias.
func (b *builder) region(path string, alias config.Name) *Region {
	for i := range b.plan.Regions {
		if b.plan.Regions[i].Alias == string(alias) {
			return &b.plan.Regions[i]
		}
	}
	if _, declared := b.f.Regions[alias]; !declared {
		unknown(b, path, "Region alias", alias, b.f.Regions)
	}
	return nil // a declared Region with problems of its own was reported there
}

// masked reports host bits and returns the prefix without them.
func (b *builder) masked(path string, p config.Prefix) netip.Prefix {
	if !p.IsValid() {
		return p.Prefix
	}
	if m := p.Masked(); m != p.Prefix {
		b.addf(problem.HostBits, path, "host bits are set, got %q; did you mean %q?", p, m)
		return m
	}
	return p.Prefix
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func asStrings[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

func comparePrefix(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}
