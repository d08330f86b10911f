package cloudmap_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/discover/cloudmap"
)

// fake is Cloud Map with one service: filters, at most 1,000 instances in random order, revisions.
type fake struct {
	mu        sync.Mutex
	instances []types.HttpInstanceSummary
	revision  int64
	err       error // of every call
	revErr    error
	inputs    []*servicediscovery.DiscoverInstancesInput
	revisions int
}

func (f *fake) register(id string, attributes map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision++
	f.instances = append(f.instances, types.HttpInstanceSummary{InstanceId: &id, Attributes: attributes, HealthStatus: types.HealthStatusHealthy})
}

func (f *fake) DiscoverInstances(_ context.Context, in *servicediscovery.DiscoverInstancesInput, _ ...func(*servicediscovery.Options)) (*servicediscovery.DiscoverInstancesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inputs = append(f.inputs, in)
	if f.err != nil {
		return nil, f.err
	}
	var found []types.HttpInstanceSummary
	for _, i := range f.instances {
		matches := true
		for k, v := range in.QueryParameters {
			matches = matches && i.Attributes[k] == v
		}
		if matches {
			found = append(found, i)
		}
	}
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return &servicediscovery.DiscoverInstancesOutput{Instances: found[:min(len(found), int(*in.MaxResults))], InstancesRevision: aws.Int64(f.revision)}, nil
}

func (f *fake) DiscoverInstancesRevision(context.Context, *servicediscovery.DiscoverInstancesRevisionInput, ...func(*servicediscovery.Options)) (*servicediscovery.DiscoverInstancesRevisionOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revisions++
	if f.revErr != nil {
		return nil, f.revErr
	}
	return &servicediscovery.DiscoverInstancesRevisionOutput{InstancesRevision: aws.Int64(f.revision)}, nil
}

func source(t *testing.T, config cloudmap.Config) discover.Source {
	t.Helper()
	config.Namespace, config.Service = "app", "foo"
	s, err := cloudmap.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(t *testing.T, s discover.Source) discover.Answer {
	t.Helper()
	answer, err := s.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func at(ip, port string, more ...string) map[string]string {
	attributes := map[string]string{"AWS_INSTANCE_IPV4": ip, "AWS_INSTANCE_PORT": port}
	for i := 0; i < len(more); i += 2 {
		attributes[more[i]] = more[i+1]
	}
	return attributes
}

func TestDiscover_ReadsAttributes(t *testing.T) {
	names := map[string]string{"ap-northeast-2b": "apne2-az2"}
	for _, tt := range []struct {
		name       string
		attributes map[string]string
		config     cloudmap.Config
		want       string // zone=address
		doubt      string
	}{
		{"pathproof's", at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az1"), cloudmap.Config{}, "apne2-az1=10.0.1.9:80", ""},
		{"ID before name", at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az1", "AVAILABILITY_ZONE", "ap-northeast-2b"), cloudmap.Config{ZoneIDs: names}, "apne2-az1=10.0.1.9:80", ""},
		{"ECS's, with a table", at("10.0.1.9", "80", "AVAILABILITY_ZONE", "ap-northeast-2b"), cloudmap.Config{ZoneIDs: names}, "apne2-az2=10.0.1.9:80", ""},
		{"ECS's, without a table", at("10.0.1.9", "80", "AVAILABILITY_ZONE", "ap-northeast-2b"), cloudmap.Config{}, "=10.0.1.9:80",
			`the zone of 1 of 1 instances is not known, such as i-1: ZoneIDs lacks its AVAILABILITY_ZONE, got "ap-northeast-2b"`},
		{"an ID where ECS writes a name", at("10.0.1.9", "80", "AVAILABILITY_ZONE", "apne2-az3"), cloudmap.Config{}, "apne2-az3=10.0.1.9:80", ""},
		{"a name where an ID belongs", at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "ap-northeast-2a"), cloudmap.Config{}, "=10.0.1.9:80", "names mean different zones"},
		{"no zone", at("10.0.1.9", "80"), cloudmap.Config{}, "=10.0.1.9:80", "neither AVAILABILITY_ZONE_ID nor AVAILABILITY_ZONE"},
		{"IPv6 only", map[string]string{"AWS_INSTANCE_IPV6": "fd00::9", "AWS_INSTANCE_PORT": "80", "AVAILABILITY_ZONE_ID": "apne2-az1"}, cloudmap.Config{}, "apne2-az1=[fd00::9]:80", ""},
		{"both families", at("10.0.1.9", "80", "AWS_INSTANCE_IPV6", "fd00::9", "AVAILABILITY_ZONE_ID", "apne2-az1"), cloudmap.Config{}, "apne2-az1=10.0.1.9:80", ""},
		{"both families, IPv6 wanted", at("10.0.1.9", "80", "AWS_INSTANCE_IPV6", "fd00::9", "AVAILABILITY_ZONE_ID", "apne2-az1"), cloudmap.Config{IPv6: true}, "apne2-az1=[fd00::9]:80", ""},
		{"a name", map[string]string{"AWS_INSTANCE_CNAME": "x.internal", "AVAILABILITY_ZONE_ID": "apne2-az1"}, cloudmap.Config{Port: 443}, "apne2-az1=x.internal:443", ""},
		{"no port", map[string]string{"AWS_INSTANCE_IPV4": "10.0.1.9"}, cloudmap.Config{}, "", "1 of 1 instances cannot be called, such as i-1: it has no AWS_INSTANCE_PORT"},
		{"a bad port", at("10.0.1.9", "http"), cloudmap.Config{Port: 80}, "", `AWS_INSTANCE_PORT is not a port, got "http"`},
		{"a bad address", at("10.0.1", "80"), cloudmap.Config{}, "", `not an IP address, got "10.0.1"`},
		{"an alias of a load balancer", map[string]string{"AWS_ALIAS_DNS_NAME": "x.elb.amazonaws.com"}, cloudmap.Config{Port: 80}, "", "it has none of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := &fake{}
			api.register("i-1", tt.attributes)
			tt.config.Client = api
			answer := ask(t, source(t, tt.config))
			got := ""
			for _, e := range answer.Endpoints {
				got += e.Zone + "=" + e.Addr
				if e.ID != "i-1" {
					t.Errorf("ID %q", e.ID)
				}
			}
			if doubts := strings.Join(answer.Doubts, "\n"); got != tt.want || tt.doubt == "" && doubts != "" || !strings.Contains(doubts, tt.doubt) {
				t.Errorf("%s, doubts %q; want %s and %q", got, doubts, tt.want, tt.doubt)
			}
		})
	}
}

func TestDiscover_AsksWhatItIsTold(t *testing.T) {
	api := &fake{}
	api.register("i-1", at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az1", "version", "2"))
	config := cloudmap.Config{Client: api, OwnerAccount: "111122223333", Match: map[string]string{"version": "2"}, Prefer: map[string]string{"canary": "no"}}
	ask(t, source(t, config))
	in := api.inputs[0]
	if *in.NamespaceName != "app" || *in.ServiceName != "foo" || *in.OwnerAccount != "111122223333" || *in.MaxResults != 1000 ||
		in.HealthStatus != types.HealthStatusFilterHealthyOrElseAll || !maps.Equal(in.QueryParameters, config.Match) || !maps.Equal(in.OptionalParameters, config.Prefer) {
		t.Errorf("asked %+v", in)
	}
}

func TestDiscover_SaysWhenAllAreUnhealthy(t *testing.T) {
	api := &fake{}
	for i := range 2 {
		api.register(fmt.Sprint("i-", i), at("10.0.1.9", fmt.Sprint(80+i), "AVAILABILITY_ZONE_ID", "apne2-az1"))
		api.instances[i].HealthStatus = types.HealthStatusUnhealthy
	}
	if answer := ask(t, source(t, cloudmap.Config{Client: api})); len(answer.Endpoints) != 2 || len(answer.Doubts) != 1 || answer.Doubts[0] != "all 2 instances are unhealthy" {
		t.Errorf("%+v", answer)
	}
}

// large registers n instances in three zones, a third of them as ECS would.
func large(n int) *fake {
	api := &fake{}
	for i := range n {
		attributes := at(fmt.Sprintf("10.%d.%d.%d", i%3, i/3/250, i/3%250), "80", "AVAILABILITY_ZONE_ID", fmt.Sprintf("apne2-az%d", i%3+1))
		if i%3 == 2 {
			delete(attributes, "AVAILABILITY_ZONE_ID")
			attributes["AVAILABILITY_ZONE"] = "ap-northeast-2c"
		}
		api.register(fmt.Sprint("i-", i), attributes)
	}
	return api
}

func TestDiscover_AsksZoneByZoneFor1000InstancesOrMore(t *testing.T) {
	names := map[string]string{"ap-northeast-2c": "apne2-az3"}
	zones := []string{"apne2-az1", "apne2-az2"}
	whole := cloudmap.Config{Client: large(2700), Zones: zones, ZoneIDs: names}
	s := source(t, whole)
	first := ask(t, s)
	if len(first.Endpoints) != 2700 || len(first.Doubts) != 0 || len(first.Zones()) != 3 {
		t.Errorf("got %d of 2,700 in %v, doubts %v", len(first.Endpoints), first.Zones(), first.Doubts)
	}
	if !ask(t, s).Equal(first) {
		t.Error("a second answer differs although nothing changed")
	}
	if few := large(999); len(ask(t, source(t, cloudmap.Config{Client: few, Zones: zones, ZoneIDs: names})).Endpoints) != 999 || len(few.inputs) != 1 {
		t.Errorf("999 instances took %d calls; want 1", len(few.inputs))
	}
	part := ask(t, source(t, cloudmap.Config{Client: large(2700), ZoneIDs: nil}))
	if len(part.Endpoints) != 1000 || !strings.Contains(strings.Join(part.Doubts, ""), "may be a random part; give Zones") {
		t.Errorf("without Zones: %d, doubts %v", len(part.Endpoints), part.Doubts)
	}
	huge := ask(t, source(t, cloudmap.Config{Client: large(3300), Zones: zones, ZoneIDs: names}))
	if len(huge.Endpoints) != 3000 || len(huge.Doubts) != 3 || !strings.Contains(huge.Doubts[0], "1000 instances with AVAILABILITY_ZONE_ID=apne2-az1") {
		t.Errorf("1,100 in each zone: %d, doubts %v", len(huge.Endpoints), huge.Doubts)
	}
}

func TestDiscover_FailsWithWhatIsWrong(t *testing.T) {
	api := &fake{err: &types.NamespaceNotFound{Message: aws.String("no such namespace")}}
	_, err := source(t, cloudmap.Config{Client: api}).Discover(t.Context())
	var missing *types.NamespaceNotFound
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "service foo of the Cloud Map namespace app: ") {
		t.Errorf("%v", err)
	}
}

func TestDiscover_AsksForInstancesOnlyWhenTheRevisionChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &fake{}
		api.register("i-1", at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az1"))
		s := source(t, cloudmap.Config{Client: api, Revision: true})
		for range 11 {
			ask(t, s)
			time.Sleep(5 * time.Second)
		}
		if len(api.inputs) != 1 || api.revisions != 10 {
			t.Errorf("11 questions in 55 s: %d for instances, %d for the revision; want 1, 10", len(api.inputs), api.revisions)
		}
		api.register("i-2", at("10.0.2.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az2"))
		if got := ask(t, s); len(got.Endpoints) != 2 {
			t.Errorf("a new instance is not seen: %v", got)
		}
		time.Sleep(time.Minute)
		was := len(api.inputs)
		if ask(t, s); len(api.inputs) != was+1 {
			t.Error("instances of a minute ago, whose health may have changed, are not asked for")
		}
		api.revErr = errors.New("throttled")
		was = len(api.inputs)
		if ask(t, s); len(api.inputs) != was+1 {
			t.Error("a revision that cannot be had is taken as unchanged")
		}
	})
}

func TestNew_SaysEverythingThatIsWrong(t *testing.T) {
	_, err := cloudmap.New(cloudmap.Config{
		Health: "FINE", Port: -1, FullEvery: -1, Zones: []string{"ap-northeast-2a"}, ZoneIDs: map[string]string{"apne2-az1": "ap-northeast-2a"},
		Match: map[string]string{"AVAILABILITY_ZONE_ID": "apne2-az1"},
	})
	for _, want := range []string{"needs a client", "the namespace is empty", "the service is empty", `got "FINE"`, "got -1; give one from 1", "FullEvery is negative",
		`a zone name where an Availability Zone ID is needed`, `not a zone name, got "apne2-az1"`, "Match and Zones both choose zones"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q: %v", want, err)
		}
	}
	if _, err := cloudmap.New(cloudmap.Config{Client: &fake{}, Namespace: "a", Service: "b", FullEvery: 1}); err == nil || !strings.Contains(err.Error(), "FullEvery without Revision") {
		t.Error(err)
	}
}
