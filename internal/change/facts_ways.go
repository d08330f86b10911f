package change

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// ways adds what a plan says about how people get in: one fact for each field, so that no change of one is left out.
func (f *facts) ways(p *topology.Plan) {
	for _, x := range p.PKIs {
		f.fields("pki/"+x.Name, *x)
	}
	for _, x := range p.OpenVPNs {
		f.fields("openvpn/"+x.Name, *x)
	}
	for _, x := range p.ClientVPNs {
		f.fields("clientVpn/"+x.Name, *x)
	}
	for _, x := range p.LoadBalancers {
		f.fields("loadBalancer/"+x.Name, *x)
	}
	for _, x := range p.EdgeProxies {
		f.fields("edgeProxy/"+x.Name, *x)
	}
	for _, a := range p.Accelerators {
		f.accelerator(a)
	}
	for _, z := range p.ZonalServices {
		f.zonalService(*z)
	}
}

// zonalService has a fact for each zone, so that a zone that comes or goes is one line.
func (f *facts) zonalService(z topology.ZonalService) {
	name := z.Ref().String()
	for _, x := range z.Zones {
		f.add(ways, name+" "+x.ZoneID, "%s", value(x))
	}
	if c := z.CloudMap; c != nil {
		for _, i := range c.Instances {
			f.add(ways, name+" cloudMap "+i.ID, "%s", value(i))
		}
		z.CloudMap = &topology.CloudMap{Namespace: c.Namespace, Service: c.Service}
	}
	for _, x := range z.Latencies {
		f.add(measurements, "zone "+x.ZoneID+" of "+name, "beside the others, by path %s", x.Path)
	}
	z.Zones, z.Latencies = nil, nil
	f.fields(name, z)
}

func (f *facts) accelerator(a *topology.Accelerator) {
	name := "accelerator/" + a.Name
	f.add(ways, name, "in %s", a.Place)
	f.add(ways, name+" flowLogDays", "%d", a.FlowLogDays)
	for _, l := range a.Listeners {
		at := fmt.Sprintf("%s/%s %s", name, l.Name, l.Protocol)
		f.add(ways, at+" ports", "%s", value(l.Ports))
		f.add(ways, at+" affinity", "%s", l.Affinity)
		for _, g := range l.Groups {
			in := at + " " + g.Region
			f.add(ways, in, "dial %d %%", g.Dial)
			f.add(ways, in+" health", "%s", value(g.Health))
			f.add(ways, in+" portOverrides", "%s", value(g.PortOverrides))
			for _, e := range g.Endpoints {
				f.add(ways, in+" "+e.To.String(), "weight %d, sees clients %t%s", e.Weight, e.PreserveClientIP, adopted(e.ID))
			}
		}
	}
}

// fields adds one fact for each field of what has a name, as the written plan has it.
func (f *facts) fields(name string, of any) {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && key != "name" {
			f.add(ways, name+" "+key, "%s", value(v.Field(i).Interface()))
		}
	}
}

// value writes a value of a plan as short as JSON allows.
func value(of any) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic(fmt.Errorf("change: a value of a plan: %w", err)) // plans are written so
	}
	return strings.Trim(strings.ReplaceAll(string(text), ",", ", "), `"`)
}
