package zonal

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/propstest"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func service() ServiceProps {
	return ServiceProps{Name: "foo", VpcId: new("vpc-1"), SecurityGroupIds: []*string{new("sg-1")}, Listeners: []ListenerProps{{Port: 8080}},
		Zones:    []ZoneProps{{ZoneID: "apne2-az1", SubnetId: new("subnet-1"), Address: addr("172.16.0.10")}, {ZoneID: "apne2-az2", SubnetId: new("subnet-2"), Address: addr("172.16.16.10")}},
		CloudMap: &CloudMapProps{Namespace: "foo.internal"}}
}

// direct has no load balancer.
func direct(p *ServiceProps) {
	*p = ServiceProps{Name: "foo", Mode: Direct, Zones: []ZoneProps{{ZoneID: "apne2-az1"}},
		CloudMap: &CloudMapProps{Namespace: "foo.internal", Instances: []InstanceProps{{"a", "apne2-az1", addr("172.16.0.20"), 8080}}}}
}

// routed has client routing.
func routed(p *ServiceProps) {
	p.Mode, p.CloudMap = ClientRouting, nil
	for i := range p.Zones {
		p.Zones[i].Address = netip.Addr{}
	}
}

func TestServiceProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*ServiceProps)
		want string
	}{
		{"good", func(*ServiceProps) {}, ""},
		{"a load balancer each", func(p *ServiceProps) { p.Mode = NLBPerAZ }, ""},
		{"client routing", routed, ""},
		{"direct", direct, ""},
		{"targets", func(p *ServiceProps) {
			p.Zones[0].TargetIPs, p.Zones[1].TargetIPs = []netip.Addr{addr("172.16.0.20")}, []netip.Addr{addr("172.16.16.20")}
		}, ""},
		{"TLS", func(p *ServiceProps) {
			p.Listeners[0].TLS, p.CertificateArn = true, "arn:aws:acm:ap-northeast-2:111122223333:certificate/1"
		}, ""},
		{"name", func(p *ServiceProps) { p.Name = "Foo" }, `name: not a name, got "Foo"`},
		{"mode", func(p *ServiceProps) { p.Mode = "zonal" }, `mode: unknown value, got "zonal"`},
		{"no zone", func(p *ServiceProps) { p.Zones = nil }, "zones: missing"},
		{"zone name", func(p *ServiceProps) { p.Zones[0].ZoneID = "ap-northeast-2a" }, `zones[0].zoneId: not an AZ ID, got "ap-northeast-2a"; write it like apne2-az1`},
		{"zone twice", func(p *ServiceProps) { p.Zones[1].ZoneID = "apne2-az1" }, `zones[1].zoneId: stands twice, got "apne2-az1"`},
		{"no subnet", func(p *ServiceProps) { p.Zones[1].SubnetId = nil }, "zones[1].subnetId: missing"},
		{"no address", func(p *ServiceProps) { p.Zones[0].Address = netip.Addr{} }, "zones[0].address: want an IPv4 address of the subnet, got invalid IP"},
		{"one address", func(p *ServiceProps) { p.Zones[1].Address = p.Zones[0].Address }, "zones[1].address: that of apne2-az1 too, got 172.16.0.10"},
		{"address without", func(p *ServiceProps) { routed(p); p.Zones[0].Address = addr("172.16.0.10") }, "zones[0].address: there is no fixed address in mode client-routing, got 172.16.0.10"},
		{"a zone without a target", func(p *ServiceProps) { p.Zones[0].TargetIPs = []netip.Addr{addr("172.16.0.20")} }, "zones[1]: no target, got apne2-az2 without any"},
		{"targets of two kinds", func(p *ServiceProps) {
			p.Zones[0].TargetIPs, p.Zones[1].TargetInstanceIDs = []netip.Addr{addr("172.16.0.20")}, []string{"i-0123456789abcdef0"}
		}, "targets[0].instanceIds: beside addresses, got 1 and 1"},
		{"instance", func(p *ServiceProps) {
			p.Zones = p.Zones[:1]
			p.Zones[0].TargetInstanceIDs = []string{"web-1"}
		}, `targets[0].instanceIds: not the id of an instance, got "web-1"`},
		{"no group", func(p *ServiceProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
		{"no port", func(p *ServiceProps) { p.Listeners = nil; p.CloudMap = nil }, "listeners: missing"},
		{"certificate", func(p *ServiceProps) { p.Listeners[0].TLS = true }, "certificateArn: missing; TLS on port 8080 needs one"},
		{"two parameters", func(p *ServiceProps) {
			p.TargetsParameter, p.Listeners = "/x", []ListenerProps{{Port: 1}, {Port: 2}}
		}, "targetsParameter: it says one target group, got ports [1 2]"},
		{"long namespace", func(p *ServiceProps) { p.CloudMap.Namespace = strings.Repeat("a", 60) + strings.Repeat(".a", 90) }, ""},
		{"longer namespace", func(p *ServiceProps) { p.CloudMap.Namespace = strings.Repeat("a", 1025) }, `cloudMap.namespace: not a name for Cloud Map, got "aaa`},
		{"long service", func(p *ServiceProps) { p.CloudMap.Service = strings.Repeat("a", 128) }, `cloudMap.service: not a name for Cloud Map, got "aaa`},
		{"namespace", func(p *ServiceProps) { p.CloudMap.Namespace = "foo internal" }, `cloudMap.namespace: not a name for Cloud Map, got "foo internal"`},
		{"Cloud Map without addresses", func(p *ServiceProps) { routed(p); p.CloudMap = &CloudMapProps{Namespace: "x"} }, "cloudMap: there is no fixed address to tell in mode client-routing"},
		{"instances beside addresses", func(p *ServiceProps) {
			p.CloudMap.Instances = []InstanceProps{{"a", "apne2-az1", addr("172.16.0.20"), 1}}
		}, "cloudMap.instances: the zones' fixed addresses are told in mode per-az, got 1 more"},
		{"instance elsewhere", func(p *ServiceProps) { direct(p); p.CloudMap.Instances[0].ZoneID = "apne2-az3" }, `cloudMap.instances[0].zoneId: not a zone of the service, got "apne2-az3"`},
		{"instance's port", func(p *ServiceProps) { direct(p); p.CloudMap.Instances[0].Port = 0 }, "cloudMap.instances[0].port: out of range, got 0"},
		{"instance's id", func(p *ServiceProps) { direct(p); p.CloudMap.Instances[0].ID = "" }, `cloudMap.instances[0].id: not an id for Cloud Map, got ""`},
		{"instance's address", func(p *ServiceProps) { direct(p); p.CloudMap.Instances[0].Address = netip.IPv6Loopback() }, "cloudMap.instances[0].address: not an IPv4 address, got ::1"},
		{"instance twice", func(p *ServiceProps) {
			direct(p)
			p.CloudMap.Instances = append(p.CloudMap.Instances, p.CloudMap.Instances[0])
		}, `cloudMap.instances[1].id: stands twice, got "a"`},
		{"a port without a load balancer", func(p *ServiceProps) { direct(p); p.Listeners = []ListenerProps{{Port: 1}} }, "listeners: of a load balancer, and there is none in mode direct"},
		{"nothing at all", func(p *ServiceProps) { direct(p); p.CloudMap = nil }, "cloudMap: missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := service()
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

// All problems are told in one run, those of the load balancer too.
func TestServiceProps_ValidateReportsAll(t *testing.T) {
	p := service()
	p.Name, p.SecurityGroupIds, p.CloudMap.Namespace, p.Listeners = "", nil, "", append(p.Listeners, ListenerProps{Port: 70000})
	err := p.Validate()
	for _, want := range []string{"name: ", "cloudMap.namespace: ", "securityGroupIds: ", "listeners[1].port: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s too", err, want)
		}
	}
}

func TestNamesProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*NamesProps)
		want string
	}{
		{"good", func(*NamesProps) {}, ""},
		{"one each", func(p *NamesProps) {
			p.Aliases = []AliasProps{{"apne2-az1", new("a"), new("Z1")}, {"apne2-az2", new("b"), new("Z1")}}
		}, ""},
		{"addresses", func(p *NamesProps) { p.Aliases, p.RegionalIPs = nil, []netip.Addr{addr("172.16.0.20")} }, ""},
		{"a number at the end", func(p *NamesProps) { p.Domain = "foo.2" }, ""}, // any domain that the file may have
		{"domain", func(p *NamesProps) { p.Domain = "Foo" }, `domain: not a DNS name, got "Foo"`},
		{"nobody", func(p *NamesProps) { p.Vpcs = nil }, "vpcs: missing"},
		{"Region", func(p *NamesProps) { p.Vpcs[0].Region = "seoul" }, `vpcs[0].region: not a Region, got "seoul"`},
		{"nowhere", func(p *NamesProps) { p.Aliases = nil }, "aliases: want one of aliases and regionalIPs, got 0 and 0"},
		{"both", func(p *NamesProps) { p.RegionalIPs = []netip.Addr{addr("172.16.0.20")} }, "aliases: want one of aliases and regionalIPs, got 1 and 1"},
		{"zone", func(p *NamesProps) { p.Zones[0].ZoneID = "a" }, `zones[0].zoneId: not an AZ ID, got "a"`},
		{"zone without", func(p *NamesProps) { p.Zones[0].Addresses = nil }, "zones[0].addresses: missing"},
		{"aliases without zones", func(p *NamesProps) { p.Aliases = append(p.Aliases, AliasProps{"apne2-az2", new("b"), new("Z1")}) }, `aliases[0].zoneId: not an AZ ID, got ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NamesProps{Domain: "foo.internal", Vpcs: []VpcProps{{new("vpc-1"), "ap-northeast-2"}}, Zones: []ZoneName{{"apne2-az1", []netip.Addr{addr("172.16.0.10")}}},
				Aliases: []AliasProps{{"", new("a"), new("Z1")}}}
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

func TestOperationsProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*OperationsProps)
		want string
	}{
		{"good", func(*OperationsProps) {}, ""},
		{"name", func(p *OperationsProps) { p.Name = "a b" }, `name: not a name, got "a b"`},
		{"zone", func(p *OperationsProps) { p.Zones[0].ZoneID = "x" }, `zones[0].zoneId: not an AZ ID, got "x"`},
		{"metrics", func(p *OperationsProps) { p.Zones[0].TargetGroupFullName = nil }, "zones[0].targetGroupFullName: missing"},
		{"autoshift", func(p *OperationsProps) { p.Autoshift.LoadBalancerArn = nil }, "autoshift.loadBalancerArn: missing"},
		{"image", func(p *OperationsProps) { p.Members.ImageId = new("x") }, `members.imageId: want the id of an image`},
		{"none", func(p *OperationsProps) { p.Members.PerZone = 0 }, "members.perZone: out of range, got 0"},
		{"log", func(p *OperationsProps) { p.Members.LogGroupName = "" }, `members.logGroupName: not a name of a log group, got ""`},
		{"nowhere", func(p *OperationsProps) { p.Members.Zones = nil }, "members.zones: missing"},
		{"nobody leads there", func(p *OperationsProps) { p.Members.Zones[0].TargetGroupArns = nil }, "members.zones[0].targetGroupArns: missing"},
		{"nobody tells", func(p *OperationsProps) { p.Members.Signals = true }, "members.signals: the user data tells nobody"},
		{"discovery", func(p *OperationsProps) { p.Members.Discovery = &DiscoveryProps{ServiceArn: new("arn")} }, "members.discovery.serviceId: missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := OperationsProps{Name: "foo", Zones: []ZoneHealth{{"apne2-az1", nil, new("net/foo/1"), new("targetgroup/foo/1")}},
				Autoshift: &AutoshiftProps{new("arn"), new("net/foo/1"), new("targetgroup/foo/1")},
				Members: &MembersProps{Zones: []MemberZone{{"apne2-az1", new("subnet-1"), []*string{new("arn")}}}, PerZone: 1, SecurityGroupIds: []*string{new("sg-1")},
					ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\n", LogGroupName: "/pathproof/shop/zonal/foo"}}
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

// latencyAlarms compare two zones that are measured on a schedule.
func latencyAlarms(every time.Duration) LatencyAlarmsProps {
	target := &latencyprobe.Target{Kind: "tcp", Host: "172.16.0.10", Port: 8080}
	config := &latencyprobe.Config{Schema: latencyprobe.ConfigSchema, Network: "shop", Watched: "x",
		Vantages: []latencyprobe.Point{{Key: "v", Function: "shop-vantage-v", Region: "ap-northeast-2", AZID: "apne2-az1"}},
		Paths: []latencyprobe.Path{{Name: "one", Vantage: "v", Measured: gate.ByVantage, Target: target}, {Name: "two", Vantage: "v", Measured: gate.ByVantage, Target: target},
			{Name: "other", Measured: gate.ByNobody, Note: "declared, not measured"}}}
	return LatencyAlarmsProps{Service: "foo", Config: config, Every: every, Zones: []ZonePath{{"apne2-az1", "one"}, {"apne2-az2", "two"}}}
}

// Each period holds a run whatever the schedule, or some bad ones in a row would never be seen. CloudWatch looks back a day, and seven with
// periods of an hour or more.
func TestLatencyAlarmsProps_PeriodHoldsARun(t *testing.T) {
	for every := time.Minute; every <= 24*time.Hour; every += time.Minute {
		period := latencyAlarms(every).withDefaults().period()
		back := 24 * time.Hour
		if period >= time.Hour {
			back *= 7
		}
		if period < every || period > 24*time.Hour || period%time.Minute != 0 || slowInRow*period > back {
			t.Fatalf("measured every %s: periods of %s", every, period)
		}
	}
}

func TestLatencyAlarmsProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*LatencyAlarmsProps)
		want string
	}{
		{"good", func(*LatencyAlarmsProps) {}, ""},
		{"service", func(p *LatencyAlarmsProps) { p.Service = "" }, `service: not a name, got ""`},
		{"alone", func(p *LatencyAlarmsProps) { p.Zones = p.Zones[:1] }, "zones: want 2 to 10, got 1"},
		{"no schedule", func(p *LatencyAlarmsProps) { p.Every = 0 }, "every: want a minute or more, got 0s"},
		{"no gate", func(p *LatencyAlarmsProps) { p.Config = nil }, "config: missing; give what the gate measures"},
		{"not measured", func(p *LatencyAlarmsProps) { p.Zones[1].Path = "other" }, `zones[1].path: not a path that the gate measures, got "other"`},
		{"twice", func(p *LatencyAlarmsProps) { p.Zones[1].ZoneID = "apne2-az1" }, `zones[1].zoneId: stands twice, got "apne2-az1"`},
		{"always", func(p *LatencyAlarmsProps) { p.SlowFactor = 1 }, "slowFactor: a zone that is like the others would stand out, or none could, got 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := latencyAlarms(5 * time.Minute)
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}
