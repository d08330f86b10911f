package change

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// ways adds what a plan says about how people get in: one fact for each field, so that no change of one is left out.
func (f *facts) ways(p *topology.Plan) {
	for _, x := range p.PKIs {
		f.fields(ways, "pki/"+x.Name, *x)
	}
	for _, x := range p.OpenVPNs {
		f.fields(ways, "openvpn/"+x.Name, *x)
	}
	for _, x := range p.ClientVPNs {
		f.fields(ways, "clientVpn/"+x.Name, *x)
	}
	for _, x := range p.LoadBalancers {
		f.fields(ways, "loadBalancer/"+x.Name, *x)
	}
	for _, x := range p.EdgeProxies {
		f.fields(ways, "edgeProxy/"+x.Name, *x)
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
	for _, x := range z.Zones {
		says := []string{"in " + x.Subnet}
		if x.Address.IsValid() {
			says = append(says, x.Address.String())
		}
		if x.Name != "" {
			says = append(says, "as "+x.Name)
		}
		if len(x.Targets) > 0 {
			says = append(says, "to "+strings.Join(x.Targets, " "))
		}
		f.add(services, z.Name+" "+x.ZoneID, "%s", strings.Join(says, ", "))
	}
	if c := z.CloudMap; c != nil {
		f.add(services, z.Name+" cloudMap", "service %s of namespace %s", c.Service, c.Namespace)
		for _, i := range c.Instances {
			f.add(services, z.Name+" cloudMap "+i.ID, "%s:%d in %s", i.IP, i.Port, i.ZoneID)
		}
	}
	for _, x := range z.Latencies {
		f.add(measurements, "zone "+x.ZoneID+" of "+z.Ref().String(), "beside the others, by path %s", x.Path)
	}
	f.fields(services, z.Name, z, "zones", "cloudMap", "latencies")
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

// fields adds one fact for each field of what has a name, as the written plan has it, but for those with facts of their own.
func (f *facts) fields(s section, name string, of any, but ...string) {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && key != "name" && !slices.Contains(but, key) {
			f.add(s, name+" "+key, "%s", value(v.Field(i).Interface()))
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
