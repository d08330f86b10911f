package accelerated

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/propstest"
)

func address(id string) EndpointProps { return EndpointProps{EndpointId: &id, Kind: Address} }

func good() AcceleratorProps {
	return AcceleratorProps{Name: "shop", Listeners: []ListenerProps{
		{Name: "seoul", Protocol: TCP, Ports: []PortRange{{1194, 1194}, {7007, 7007}},
			Groups: []EndpointGroupProps{{Region: "ap-northeast-2", HealthPort: 7006, Endpoints: []EndpointProps{address("eipalloc-0123456789abcdef0")}}}},
		{Name: "tokyo", Protocol: TCP, Ports: []PortRange{{1195, 1195}},
			Groups: []EndpointGroupProps{{Region: "ap-northeast-1", Endpoints: []EndpointProps{address("${Token[A.1]}")}}}}}}
}

func TestAcceleratorProps_Validate(t *testing.T) {
	group := func(p *AcceleratorProps) *EndpointGroupProps { return &p.Listeners[0].Groups[0] }
	endpoint := func(p *AcceleratorProps) *EndpointProps { return &group(p).Endpoints[0] }
	const first, firstGroup = "listeners[seoul TCP]", "listeners[seoul TCP].groups[ap-northeast-2]"
	for _, c := range []struct {
		name string
		edit func(*AcceleratorProps)
		want string
	}{
		{"good", func(*AcceleratorProps) {}, ""},
		{"one port by TCP and UDP", func(p *AcceleratorProps) { p.Listeners[1].Protocol, p.Listeners[1].Ports = UDP, p.Listeners[0].Ports }, ""},
		{"nothing by weight and dial", func(p *AcceleratorProps) { endpoint(p).Weight, group(p).Dial = new(0), new(0) }, ""},
		{"name", func(p *AcceleratorProps) { p.Name = "-shop" }, `name: not one that Global Accelerator takes, got "-shop"`},
		{"long name", func(p *AcceleratorProps) { p.Name = strings.Repeat("x", 65) }, "name: not one"},
		{"no listener", func(p *AcceleratorProps) { p.Listeners = nil }, "listeners: want 1 to 10, got 0"},
		{"listener twice", func(p *AcceleratorProps) { p.Listeners[1].Name = "seoul" }, first + ": a listener stands twice"},
		{"protocol", func(p *AcceleratorProps) { p.Listeners[1].Protocol = "ICMP" }, `listeners[tokyo ICMP].protocol: unknown value, got "ICMP"`},
		{"no port", func(p *AcceleratorProps) { p.Listeners[0].Ports = nil }, first + ".ports: want 1 to 10, got 0"},
		{"backwards", func(p *AcceleratorProps) { p.Listeners[0].Ports[0] = PortRange{9, 8} }, first + ".ports: not a range, got 9-8"},
		{"clash", func(p *AcceleratorProps) { p.Listeners[1].Ports[0] = PortRange{1000, 1194} }, "listeners[tokyo TCP].ports: ports of listeners[seoul TCP].ports too, got 1000-1194 and 1194-1194"},
		{"nowhere", func(p *AcceleratorProps) { p.Listeners[0].Groups = nil }, first + ".groups: missing"},
		{"two Regions", func(p *AcceleratorProps) {
			p.Listeners[0].Groups = append(p.Listeners[0].Groups, p.Listeners[1].Groups...)
		},
			first + ".interchangeable: clients are sent to the nearest of 2 Regions"},
		{"two Regions on purpose", func(p *AcceleratorProps) {
			p.Listeners[0].Groups, p.Listeners[0].Interchangeable = append(p.Listeners[0].Groups, p.Listeners[1].Groups...), true
		}, ""},
		{"Region twice", func(p *AcceleratorProps) {
			p.Listeners[0].Groups, p.Listeners[0].Interchangeable = append(p.Listeners[0].Groups, p.Listeners[0].Groups...), true
		}, firstGroup + ": a Region stands twice"},
		{"Region", func(p *AcceleratorProps) { group(p).Region = "seoul" }, `listeners[seoul TCP].groups[seoul].region: not a Region, got "seoul"`},
		{"dial", func(p *AcceleratorProps) { group(p).Dial = new(101) }, firstGroup + ".dial: out of range, got 101"},
		{"health", func(p *AcceleratorProps) { group(p).Health = "UDP" }, firstGroup + `.health: unknown value, got "UDP"`},
		{"path for TCP", func(p *AcceleratorProps) { group(p).HealthPath = "/x" }, firstGroup + `.healthPath: a check by TCP asks for no path`},
		{"path without slash", func(p *AcceleratorProps) { group(p).Health, group(p).HealthPath = HealthHTTP, "x" }, firstGroup + `.healthPath: not a path, got "x"`},
		{"health port", func(p *AcceleratorProps) { group(p).HealthPort = 65536 }, firstGroup + ".healthPort: out of range, got 65536"},
		{"interval", func(p *AcceleratorProps) { group(p).IntervalSeconds = 20 }, firstGroup + ".intervalSeconds: not one that Global Accelerator offers, got 20"},
		{"threshold", func(p *AcceleratorProps) { group(p).Threshold = 11 }, firstGroup + ".threshold: out of range, got 11"},
		{"no endpoint", func(p *AcceleratorProps) { group(p).Endpoints = nil }, firstGroup + ".endpoints: want 1 to 10, got 0"},
		{"endpoint twice", func(p *AcceleratorProps) { group(p).Endpoints = append(group(p).Endpoints, *endpoint(p)) }, firstGroup + ".endpoints[1]: an endpoint stands twice"},
		{"kind", func(p *AcceleratorProps) { endpoint(p).Kind = "eip" }, firstGroup + `.endpoints[0].kind: unknown value, got "eip"`},
		{"no id", func(p *AcceleratorProps) { endpoint(p).EndpointId = nil }, firstGroup + ".endpoints[0].endpointId: missing"},
		{"id of another kind", func(p *AcceleratorProps) { endpoint(p).EndpointId = new("i-0123456789abcdef0") },
			firstGroup + `.endpoints[0].endpointId: not one of kind address, got "i-0123456789abcdef0"`},
		{"weight", func(p *AcceleratorProps) { endpoint(p).Weight = new(256) }, firstGroup + ".endpoints[0].weight: out of range, got 256"},
		{"own address at an Elastic IP", func(p *AcceleratorProps) { endpoint(p).PreserveClientIP = true }, firstGroup + ".endpoints[0].preserveClientIp: an Elastic IP never sees"},
		{"no own address at an instance", func(p *AcceleratorProps) { *endpoint(p) = EndpointProps{EndpointId: new("i-1"), Kind: Instance} },
			firstGroup + ".endpoints[0].preserveClientIp: an instance always sees"},
		{"override", func(p *AcceleratorProps) { group(p).PortOverrides = []PortOverride{{1194, 443}} }, ""},
		{"override of another's port", func(p *AcceleratorProps) { group(p).PortOverrides = []PortOverride{{1195, 443}} }, firstGroup + ".portOverrides: not a port of the listener, got 1195"},
		{"override to a listener's port", func(p *AcceleratorProps) { group(p).PortOverrides = []PortOverride{{1194, 1195}} }, firstGroup + ".portOverrides: a port of listener tokyo, got 1195"},
		{"override twice", func(p *AcceleratorProps) { group(p).PortOverrides = []PortOverride{{1194, 443}, {1194, 444}} }, firstGroup + ".portOverrides: a port is overridden twice, got 1194"},
		{"logs for less than a day", func(p *AcceleratorProps) { p.FlowLogs = &FlowLogsProps{ExpireDays: -1} }, "flowLogs.expireDays: out of range, got -1"},
		{"prefix with a slash", func(p *AcceleratorProps) { p.FlowLogs = &FlowLogsProps{Prefix: "/x"} }, `flowLogs.prefix: not a prefix, got "/x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

func TestAlarmsProps_Validate(t *testing.T) {
	propstest.Only(t, AlarmsProps{Name: "shop", AcceleratorArn: new("${Token[A.1]}")}.Validate(), "")
	propstest.Only(t, AlarmsProps{AcceleratorArn: new("arn")}.Validate(), "name: missing")
	propstest.Only(t, AlarmsProps{Name: "shop"}.Validate(), "acceleratorArn: missing")
}

// The check asks where traffic goes, not the listener's port, on which nothing may answer.
func TestEndpointGroup_IsCheckedWhereItsFirstPortLeads(t *testing.T) {
	l := ListenerProps{Ports: []PortRange{{443, 444}}}
	for _, c := range []struct {
		g    EndpointGroupProps
		want int
	}{
		{EndpointGroupProps{}, 443},
		{EndpointGroupProps{HealthPort: 7280, PortOverrides: []PortOverride{{443, 7007}}}, 7280},
		{EndpointGroupProps{PortOverrides: []PortOverride{{444, 7008}, {443, 7007}}}, 7007},
	} {
		if got := c.g.healthPort(l); got != c.want {
			t.Errorf("%+v: got %d, want %d", c.g, got, c.want)
		}
	}
}
