package topology

import "github.com/pathproof/pathproof/internal/config"

// billed counts what AWS bills by the hour or month, whatever passes through it.
func billed(p *Plan) []BilledItem {
	var nats, attachments, vpn, accelerated, large, zones, flowLogs, logs int
	for _, n := range p.Networks {
		nats += len(n.natZones())
		if n.FlowLogs != nil {
			flowLogs++
		}
	}
	for _, t := range p.TransitGateways {
		for _, s := range t.Segments {
			for _, a := range s.Attachments {
				if a.Kind != TargetSite {
					attachments++
				}
			}
		}
	}
	for _, s := range p.Sites {
		n := len(s.Connections)
		vpn += n
		attachments += n
		if s.Acceleration {
			accelerated += n
		}
		if s.Bandwidth == config.BandwidthLarge {
			large += n
		}
		if s.Logs.Activity || s.Logs.BGP && !s.Static {
			logs++
		}
	}
	for _, z := range p.HostedZones {
		if z.ID == "" {
			zones++
		}
	}
	ways := billedWays(p)
	keys, dashboards, alarms, continuous := len(p.Topics()), 0, 0, 0
	var watched watchedItems
	for _, s := range p.Sites {
		watched.add(p, s)
	}
	alarms += len(p.Accelerators)
	alarms += len(serverAlarms) * len(p.OpenVPNs)
	for _, e := range p.EdgeProxies {
		alarms += len(e.alarms())
		if e.MaxPerZone > 0 {
			alarms += 2 // target tracking makes its own
		}
	}
	keys += len(p.PKIs)
	for _, x := range p.PKIs {
		if x.ClientVPNKeyAlias != "" {
			keys++
		}
	}
	for _, v := range p.ClientVPNs {
		if v.PKI != "" {
			alarms++ // of its certificate
		}
	}
	if m := p.Measurement; m != nil {
		dashboards = 1
		if len(m.Vantages) > 0 {
			alarms++ // of what could not be measured
		}
		for _, x := range p.Paths {
			if x.At != "" && m.Every > 0 {
				continuous++
			}
			if x.HasDownAlarm() {
				alarms++
			}
			if x.HasObjectiveAlarm() {
				alarms++
			}
		}
	}
	zonal, zonalAlarms := billedZonal(p)
	ways, alarms = append(ways, zonal...), alarms+zonalAlarms
	var out []BilledItem
	for _, i := range append([]BilledItem{
		{"transit gateway attachments", attachments, "per hour and gigabyte; networks, VPN connections and both sides of peerings"},
		{"VPN connections", vpn, "per hour; pre-shared keys in Secrets Manager are billed too"},
		{"VPN connections with acceleration", accelerated, "per hour, on top"},
		{"VPN connections with large tunnels", large, "at their own hourly price"},
		{"NAT gateways with a public IPv4 address", nats, "per hour and gigabyte"},
		{"KMS keys", keys, "per month"},
		{"Route 53 hosted zones", zones, "per month"},
		{"VPCs with flow logs", flowLogs, "by volume"},
		{"sites with VPN logs", logs, "by volume"},
		{"CloudWatch alarms", alarms + watched.alarms, "per month; one that does arithmetic is billed for each metric in it, and counted so"},
		{"CloudWatch composite alarms", watched.composites, "per month"},
		{"CloudWatch dashboards", dashboards + watched.dashboards, "per month, some are free"},
		{"custom metrics of VPN logs and prefixes", watched.metrics, "per month, for the hours in which they have data"},
		{"paths measured continuously", continuous, "up to four custom metrics each per month, and the runs of the functions"},
	}, ways...) {
		if i.Count > 0 {
			out = append(out, i)
		}
	}
	return out
}

// billedWays counts what ways in cost.
func billedWays(p *Plan) []BilledItem {
	instances, more, balancers, zones, secrets := len(p.OpenVPNs), 0, len(p.EdgeProxies), 0, len(p.OpenVPNs)+len(p.PKIs)
	for _, e := range p.EdgeProxies {
		instances += e.PerZone * len(e.Zones)
		more += max(0, e.MaxPerZone-e.PerZone) * len(e.Zones)
	}
	for _, l := range p.LoadBalancers {
		if !l.Adopted() {
			balancers++
		}
	}
	for _, v := range p.ClientVPNs {
		zones += len(v.Zones)
	}
	return []BilledItem{
		{"Global Accelerators", len(p.Accelerators), "per hour, and per gigabyte in the busier direction"},
		{"instances of OpenVPN servers and edge proxies", instances, "per hour, with their volumes"},
		{"edge proxies more under load, at most", more, "per hour while they run, with their volumes; all proxies with detailed monitoring"},
		{"Elastic IPs of OpenVPN servers", len(p.OpenVPNs), "per hour"},
		{"load balancers", balancers, "per hour and capacity unit; public IPv4 addresses of those that face the Internet too"},
		{"Client VPN associations", zones, "per hour for each zone, and per hour for each connected person"},
		{"secrets of servers", secrets, "per month"},
	}
}

// billedZonal counts what zonal services cost, and the metrics of their alarms.
func billedZonal(p *Plan) (items []BilledItem, alarms int) {
	balancers, mapped, instances := 0, 0, 0
	for _, z := range p.ZonalServices {
		balancers += len(z.fronts())
		if z.CloudMap != nil {
			mapped += len(z.CloudMap.Instances)
		}
		if z.Group != nil {
			instances += z.Group.PerZone * len(z.Zones)
		}
		if z.operated() {
			alarms += len(z.Zones)
		}
		if z.Registers() {
			mapped += z.Group.PerZone * len(z.Zones)
		}
		if z.ZonalAutoshift {
			alarms++
		}
		if n := len(z.Latencies); p.HasZoneAlarms(z) {
			alarms += 2 * n * n // two for each zone, of a metric of each zone
		}
	}
	return []BilledItem{
		{"load balancers of zonal services", balancers, "per hour and capacity unit; one in each zone in mode nlb-per-az"},
		{"instances of zonal services", instances, "per hour, with their volumes"},
		{"Cloud Map instances", mapped, "per month, and each call of DiscoverInstances"},
	}, alarms
}

// watchedItems counts what watches sites.
type watchedItems struct{ alarms, composites, dashboards, metrics int }

func (w *watchedItems) add(p *Plan, s *Site) {
	if p.Alerts == nil || !p.Alerts.Sites {
		return
	}
	of, connections, each := p.Watch(s), len(s.Connections), 2+1+1+2*2 // each tunnel, any, all, and two metrics for each tunnel's traffic
	w.dashboards++
	if of.BGP {
		each += 2
		w.metrics += 2 * connections
	}
	if of.Headroom > 0 {
		each += 2
	}
	if of.Packets > 0 {
		each += 2
	}
	w.alarms += connections * each
	if of.IKE {
		w.alarms, w.metrics = w.alarms+1, w.metrics+1
	}
	if of.Prefixes {
		w.alarms, w.metrics = w.alarms+2, w.metrics+2
	}
	if of.AllDown {
		w.composites++
	}
}
