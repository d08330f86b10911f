// Package cloudmap finds a service's endpoints in AWS Cloud Map.
//
// It is a package of its own so that only programs that ask Cloud Map link AWS's SDK.
package cloudmap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/zone"
)

// Attributes of instances that say their zone.
const (
	// AttributeZoneID is the zone's ID. Pathproof's constructs write it.
	AttributeZoneID = "AVAILABILITY_ZONE_ID"
	// AttributeZoneName is the zone's name. Amazon ECS writes it.
	AttributeZoneName = "AVAILABILITY_ZONE"
)

// mostInstances is what DiscoverInstances returns at most, in random order and without a next page.
const mostInstances = 1000

// API is the part of Cloud Map that discovery needs; *servicediscovery.Client has it. The calls need the permissions
// servicediscovery:DiscoverInstances and, with Config.Revision, servicediscovery:DiscoverInstancesRevision, and reach AWS at
// data-servicediscovery.<region>.amazonaws.com.
type API interface {
	DiscoverInstances(context.Context, *servicediscovery.DiscoverInstancesInput, ...func(*servicediscovery.Options)) (*servicediscovery.DiscoverInstancesOutput, error)
	DiscoverInstancesRevision(context.Context, *servicediscovery.DiscoverInstancesRevisionInput, ...func(*servicediscovery.Options)) (*servicediscovery.DiscoverInstancesRevisionOutput, error)
}

// Config says what is asked. Client, Namespace and Service are required.
type Config struct {
	// Client asks Cloud Map.
	Client API
	// Namespace is the namespace's HTTP name, and Service the service's name in it.
	Namespace, Service string
	// OwnerAccount is the account of a namespace that another account shares. Default: the caller's own.
	OwnerAccount string
	// Match are attributes that an instance must have (QueryParameters). Default: none.
	Match map[string]string
	// Prefer are attributes that count only if some instance has them all (OptionalParameters). It is Cloud Map that decides:
	// whoever prefers the own zone here has no other zone to fail over to. Default: none.
	Prefer map[string]string
	// Health is which instances are asked for. Default: HEALTHY_OR_ELSE_ALL, as what is left when all are unhealthy is better than
	// nothing. Services without health check return all.
	Health types.HealthStatusFilter
	// ZoneIDs are the IDs of zones by name, for instances that ECS registered: it writes names. The table holds for one account.
	// Default: instances whose zone is known by name only have none.
	ZoneIDs map[string]string
	// Zones are the IDs of the zones that the service may be in. A service with 1,000 instances or more is asked for zone by zone,
	// in these zones and in those of ZoneIDs, because Cloud Map returns 1,000 at most. Default: such a service's answer is a random part.
	Zones []string
	// Port is for instances without AWS_INSTANCE_PORT. Default: they are left out.
	Port int
	// IPv6 takes AWS_INSTANCE_IPV6 where an instance has both. Default: AWS_INSTANCE_IPV4.
	IPv6 bool
	// Revision asks first whether instances came or went, which is cheaper, and for instances only then or after FullEvery. Cloud Map
	// does not count a change of health as a revision: it is noticed after FullEvery. Default: instances are asked for each time.
	Revision bool
	// FullEvery bounds the age of instances with Revision. Default: 60 s.
	FullEvery time.Duration
}

func (c Config) check() error {
	var problems []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	add(c.Client == nil, "discovery in Cloud Map needs a client, got none; give a *servicediscovery.Client")
	add(c.Namespace == "", "the namespace is empty, got %q; give its HTTP name", c.Namespace)
	add(c.Service == "", "the service is empty, got %q; give its name in the namespace", c.Service)
	add(c.Health != "" && !slices.Contains(c.Health.Values(), c.Health), "not a health status, got %q; give one of %v", c.Health, c.Health.Values())
	add(c.Port < 0 || c.Port > 65535, "not a port, got %d; give one from 1 to 65535", c.Port)
	add(c.FullEvery < 0, "FullEvery is negative, got %v; leave it out for the default", c.FullEvery)
	add(c.FullEvery > 0 && !c.Revision, "FullEvery without Revision changes nothing, got %v; set Revision or leave it out", c.FullEvery)
	for _, id := range c.Zones {
		problems = append(problems, zone.Check(id))
	}
	for _, name := range slices.Sorted(maps.Keys(c.ZoneIDs)) {
		problems = append(problems, zone.Check(c.ZoneIDs[name]))
		add(!zone.IsName(name), "not a zone name, got %q; ZoneIDs is from names, such as ap-northeast-2a, to IDs", name)
	}
	for _, key := range []string{AttributeZoneID, AttributeZoneName} {
		_, matched := c.Match[key]
		add(matched && len(c.Zones) > 0, "Match and Zones both choose zones, got %s=%q; leave one out", key, c.Match[key])
	}
	return errors.Join(problems...)
}

// New returns a source that asks Cloud Map. Cloud Map does not know about zonal shift: wrap the source of a load balancer's addresses
// with discover.NewRegional, so that zones which the service's Regional name leaves out get no traffic.
func New(config Config) (discover.Source, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	if config.Health == "" {
		config.Health = types.HealthStatusFilterHealthyOrElseAll
	}
	if config.FullEvery == 0 {
		config.FullEvery = time.Minute
	}
	return &source{config: config}, nil
}

type source struct {
	config Config

	mu   sync.Mutex
	last kept
}

// kept is an answer that a revision may confirm.
type kept struct {
	answer   discover.Answer
	revision *int64 // nil: none was given
	at       time.Time
}

func (s *source) Discover(ctx context.Context) (discover.Answer, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if s.config.Revision && last.revision != nil && time.Since(last.at) < s.config.FullEvery && s.revision(ctx) == *last.revision {
		return last.answer, nil
	}
	now := time.Now()
	instances, revision, doubts, err := s.instances(ctx)
	if err != nil {
		return discover.Answer{}, fmt.Errorf("service %s of the Cloud Map namespace %s: %w", s.config.Service, s.config.Namespace, err)
	}
	answer := s.config.answer(instances)
	answer.Doubts = append(doubts, answer.Doubts...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = kept{answer, revision, now}
	return answer, nil
}

// revision returns -1, which no revision is, when it cannot be had: the instances are asked for then, and say what is wrong.
func (s *source) revision(ctx context.Context) int64 {
	out, err := s.config.Client.DiscoverInstancesRevision(ctx, &servicediscovery.DiscoverInstancesRevisionInput{
		NamespaceName: &s.config.Namespace, ServiceName: &s.config.Service, OwnerAccount: s.account(),
	})
	if err != nil || out.InstancesRevision == nil {
		return -1
	}
	return *out.InstancesRevision
}

func (s *source) account() *string {
	if s.config.OwnerAccount == "" {
		return nil
	}
	return &s.config.OwnerAccount
}

// instances asks once, and again zone by zone when there may be more than one answer holds.
func (s *source) instances(ctx context.Context) ([]types.HttpInstanceSummary, *int64, []string, error) {
	out, err := s.ask(ctx, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(out.Instances) < mostInstances {
		return out.Instances, out.InstancesRevision, nil, nil
	}
	filters := s.config.zoneFilters()
	if len(filters) == 0 {
		return out.Instances, out.InstancesRevision, []string{fmt.Sprintf(
			"Cloud Map returned %d instances, which may be a random part; give Zones to have them all", len(out.Instances))}, nil
	}
	all, doubts, err := s.byZone(ctx, filters)
	return all, out.InstancesRevision, doubts, err
}

// filter is an attribute that chooses one zone.
type filter struct{ key, value string }

func (c Config) zoneFilters() []filter {
	var filters []filter
	for _, id := range c.Zones {
		filters = append(filters, filter{AttributeZoneID, id})
	}
	for _, name := range slices.Sorted(maps.Keys(c.ZoneIDs)) {
		filters = append(filters, filter{AttributeZoneName, name})
	}
	return filters
}

func (s *source) byZone(ctx context.Context, filters []filter) (all []types.HttpInstanceSummary, doubts []string, err error) {
	outs := make([]*servicediscovery.DiscoverInstancesOutput, len(filters))
	errs := make([]error, len(filters))
	var asking sync.WaitGroup
	for i, f := range filters {
		asking.Go(func() { outs[i], errs[i] = s.ask(ctx, map[string]string{f.key: f.value}) })
	}
	asking.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	for i, out := range outs {
		if len(out.Instances) >= mostInstances {
			doubts = append(doubts, fmt.Sprintf("Cloud Map returned %d instances with %s=%s, which may be a random part",
				len(out.Instances), filters[i].key, filters[i].value))
		}
		all = append(all, out.Instances...)
	}
	return all, doubts, nil
}

func (s *source) ask(ctx context.Context, more map[string]string) (*servicediscovery.DiscoverInstancesOutput, error) {
	match := maps.Clone(s.config.Match)
	if match == nil {
		match = map[string]string{}
	}
	maps.Copy(match, more)
	return s.config.Client.DiscoverInstances(ctx, &servicediscovery.DiscoverInstancesInput{
		NamespaceName: &s.config.Namespace, ServiceName: &s.config.Service, OwnerAccount: s.account(),
		HealthStatus: s.config.Health, MaxResults: aws.Int32(mostInstances),
		QueryParameters: match, OptionalParameters: s.config.Prefer,
	})
}
