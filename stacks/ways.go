package stacks

import (
	"fmt"
	"net/netip"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/constructs/clientvpn"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/edgeproxy"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/openvpn"
	"github.com/pathproof/pathproof/constructs/pki"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/constructs/zonal"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// ways holds what the stacks of networks define of ways in, for the stacks that come later.
type ways struct {
	stores      map[string]*pki.Store                 // at home, by PKI
	objects     map[string]map[topology.Place]*string // by PKI: buckets of the home and of other places
	addresses   map[string]*openvpn.Address           // by server
	balancers   map[string]*balancer.LoadBalancer     // own ones
	fronts      map[string]*edgeproxy.Front           // by edge proxy
	issued      map[string]issued                     // by Client VPN with certificates of a PKI
	services    map[string]*zonal.Service             // by zonal service
	authorities map[string]*customresource.Pki        // by PKI, in its home's ops stack
}

// issued is the certificate of an endpoint, and the stack that has it.
type issued struct {
	stack *stack
	arn   *string
}

func newWays() ways {
	return ways{map[string]*pki.Store{}, map[string]map[topology.Place]*string{}, map[string]*openvpn.Address{}, map[string]*balancer.LoadBalancer{}, map[string]*edgeproxy.Front{},
		map[string]issued{}, map[string]*zonal.Service{}, map[string]*customresource.Pki{}}
}

// pkis defines what PKIs keep in a place: everything at home, elsewhere a copy of what servers read.
func (b *builder) pkis(st *stack) {
	at := st.plan.Place
	for _, p := range b.plan.PKIs {
		if b.ways.objects[p.Name] == nil {
			b.ways.objects[p.Name] = map[topology.Place]*string{}
		}
		objects := b.ways.objects[p.Name]
		if p.Home == at {
			s := pki.NewStore(st.Stack, naming.PKI(p.Name), &pki.StoreProps{Name: p.Name, KeyAlias: p.KeyAlias, SecretName: p.TLSCryptSecret, ClientVPNKeyAlias: p.ClientVPNKeyAlias})
			b.ways.stores[p.Name], objects[at] = s, s.BucketName()
			st.export(s.BucketName())
			st.export(s.TLSCryptSecretArn())
			continue
		}
		for _, other := range p.Replicas {
			if other == at {
				objects[at] = pki.NewReplica(st.Stack, naming.PKI(p.Name), nil).BucketName()
				st.export(objects[at])
			}
		}
	}
}

// waysOf defines what ways in keep in the stack of a network.
func (b *builder) waysOf(st *stack, p *topology.Network) {
	n := b.networks[p.Key]
	for _, s := range b.plan.OpenVPNs {
		if s.Network == p.Key {
			b.address(st, p, n, s)
		}
	}
	for _, l := range b.plan.LoadBalancers {
		if l.Network == p.Key && !l.Adopted() {
			b.balancer(st, n, l)
		}
	}
	for _, e := range b.plan.EdgeProxies {
		if e.Network == p.Key {
			b.front(st, n, e)
		}
	}
	for _, z := range b.plan.ZonalServices {
		if z.Network == p.Key {
			b.zonalService(st, p, n, z)
		}
	}
	for _, v := range b.plan.ClientVPNs {
		if v.Network == p.Key {
			props := b.clientVPN(st, v)
			props.VpcId, props.SecurityGroupIds = n.VpcId(), []*string{n.SecurityGroupId(v.Ref().String())}
			for i, zone := range v.Zones {
				props.Associations = append(props.Associations, clientvpn.Association{ZoneID: zone, SubnetId: subnetID(p, n, v.Subnets[i]), Subnet: v.Subnets[i]})
			}
			b.endpoint(st, v, clientvpn.NewEndpoint(n, naming.ClientVPN(v.Name), props))
		}
	}
}

// subnetID finds a planned subnet by its construct id.
func subnetID(p *topology.Network, n *network.Network, id string) *string {
	for _, s := range p.Subnets {
		if naming.Subnet(s.Tier, s.ZoneID) == id {
			return n.SubnetId(s.Tier, s.ZoneID)
		}
	}
	panic(fmt.Errorf("network %s: no subnet %s", p.Key, id)) // a mistake of the planner
}

// address defines what stays of a server, and the routes to its people.
func (b *builder) address(st *stack, p *topology.Network, n *network.Network, s *topology.OpenVPN) {
	props := &openvpn.AddressProps{Name: s.Name, ParameterName: naming.OpenVPNParameter(b.plan.Name, s.Name)}
	if s.Routed() {
		props.Interface = &openvpn.InterfaceProps{SubnetId: subnetID(p, n, s.Subnet), SecurityGroupIds: []*string{n.SecurityGroupId(s.Ref().String())}}
	}
	a := openvpn.NewAddress(n, naming.OpenVPN(s.Name), props)
	b.ways.addresses[s.Name] = a
	st.export(a.AllocationId())
	st.export(a.SecretArn())
	if !s.Routed() {
		return
	}
	st.export(a.NetworkInterfaceId())
	for _, t := range p.RouteTables {
		for _, r := range t.Routes {
			if r.Target == (topology.Target{Kind: topology.TargetOpenVPN, Name: s.Name}) {
				n.AddRoute(t.Tier, t.ZoneID, r.Destination, network.RouteTarget{NetworkInterfaceId: a.NetworkInterfaceId()})
			}
		}
	}
}

func (b *builder) balancer(st *stack, n *network.Network, l *topology.LoadBalancer) {
	var addresses []netip.Addr
	for _, host := range l.Targets {
		addresses = append(addresses, b.plan.Host(host).IP)
	}
	props := &balancer.LoadBalancerProps{Name: l.Name, Kind: balancer.Kind(l.Type), Public: l.Scheme == config.SchemeInternetFacing, VpcId: n.VpcId(),
		SubnetIds: b.subnetIDs(n, b.plan.Network(l.Network), l.Subnets), SecurityGroupIds: []*string{n.SecurityGroupId(l.Ref().String())}, CertificateArn: l.Certificate,
		Targets: []balancer.TargetGroupProps{{Port: l.TargetPort, Addresses: addresses, HealthPath: l.HealthPath}}}
	for _, x := range l.Listeners {
		props.Listeners = append(props.Listeners, balancer.ListenerProps{Port: x.Port, Protocol: protocols[x.Protocol], TargetPort: l.TargetPort})
	}
	defined := balancer.NewLoadBalancer(n, naming.LoadBalancer(l.Name), props)
	if props.Public { // refused in a VPC without an Internet gateway, which no property of it names
		n.WaitForInternet(defined)
	}
	b.ways.balancers[l.Name] = defined
	st.export(defined.LoadBalancerArn())
	st.export(defined.DnsName())
}

var protocols = map[string]balancer.Protocol{"http": balancer.HTTP, "https": balancer.HTTPS, "tcp": balancer.TCP, "tls": balancer.TLS}

func (b *builder) subnetIDs(n *network.Network, p *topology.Network, ids []string) []*string {
	var out []*string
	for _, id := range ids {
		out = append(out, subnetID(p, n, id))
	}
	return out
}

func (b *builder) front(st *stack, n *network.Network, e *topology.EdgeProxy) {
	props := &edgeproxy.FrontProps{Name: e.Name, VpcId: n.VpcId(), SubnetIds: b.subnetIDs(n, b.plan.Network(e.Network), e.Subnets),
		SecurityGroupIds: []*string{n.SecurityGroupId(e.Ref().String())}, CertificateArn: e.Certificate}
	if e.Entry == config.EntryALB {
		props.Kind = balancer.Application
	}
	for _, x := range e.Listeners {
		if x.Protocol == "https" {
			props.HTTPS = x.Port
		} else {
			props.HTTP = x.Port
		}
	}
	if e.DNS != nil {
		props.Record = &edgeproxy.RecordProps{HostedZoneId: e.DNS.Zone, Name: e.DNS.Name, Region: e.Place.Region}
	}
	f := edgeproxy.NewFront(n, naming.EdgeProxy(e.Name), props)
	n.WaitForInternet(f.LoadBalancer()) // as a public load balancer
	b.ways.fronts[e.Name] = f
	st.export(f.LoadBalancer().LoadBalancerArn())
	for _, arn := range f.TargetGroupArns() {
		st.export(arn)
	}
}

// clientVPN are the props of a Client VPN endpoint, but for where it stands.
func (b *builder) clientVPN(st *stack, v *topology.ClientVPN) *clientvpn.EndpointProps {
	props := &clientvpn.EndpointProps{Name: v.Name, Pool: v.Pool, SAMLProviderArn: v.SAML, Transport: clientvpn.Transport(v.Transport),
		Port: v.Port, FullTunnel: v.Tunnel == config.TunnelFull, DNSServers: v.DNS, SessionHours: v.SessionHours, LogDays: v.LogDays}
	switch {
	case v.PKI != "":
		props.Provider, props.PKI = b.resources(st), b.issuer(st, v)
	case v.SAML == "":
		props.ServerCertificateArn, props.CertificateAuthorityArn = &v.Certificate, &v.Certificate
	default:
		props.ServerCertificateArn = &v.Certificate
	}
	for _, r := range v.Rules {
		props.Authorizations = append(props.Authorizations, clientvpn.Authorization{Destination: r.Destination, Description: r.Description})
	}
	for _, r := range v.Routes {
		props.Routes = append(props.Routes, clientvpn.Route{Destination: r.Destination, Subnet: r.Subnet})
	}
	return props
}

// endpoint offers the ARN of an endpoint's certificate to the stack that watches it.
func (b *builder) endpoint(st *stack, v *topology.ClientVPN, e *clientvpn.Endpoint) *clientvpn.Endpoint {
	if arn := e.CertificateArn(); arn != nil {
		st.export(arn)
		b.ways.issued[v.Name] = issued{st, arn}
	}
	return e
}

// issuer says who issues the certificates of an endpoint and its people.
func (b *builder) issuer(st *stack, v *topology.ClientVPN) *clientvpn.PKIProps {
	p := b.plan.PKI(v.PKI)
	home := b.placeStackOf(p.Home)
	props := &clientvpn.PKIProps{Endpoint: v.Name, At: v.At(), ValidityDays: p.ServerDays, ParameterName: naming.ClientVPNParameter(b.plan.Name, v.Name),
		Authority: customresource.Authority{Network: b.plan.Name, Name: p.Name, KeyAlias: p.ClientVPNKeyAlias, Home: p.Home.Region,
			BucketName: b.value(st, home, "Pki"+p.Name, "", b.ways.objects[p.Name][p.Home])}}
	if st == home {
		props.DependsOn = append(props.DependsOn, b.ways.stores[p.Name].ClientVPNKey())
	}
	return props
}

// clientVPNs defines the endpoints at transit gateways of a place, and associates their attachments like those of VPN connections.
func (b *builder) clientVPNs(st *stack) {
	for _, v := range b.plan.ClientVPNs {
		if v.TransitGateway == "" || v.Place != st.plan.Place {
			continue
		}
		t := b.plan.TransitGateway(v.TransitGateway)
		gateway, props := b.gateways[t.Name], b.clientVPN(st, v)
		props.TransitGatewayId, props.Provider = gateway.TransitGatewayId(), b.resources(st)
		for _, zone := range v.Zones {
			props.Associations = append(props.Associations, clientvpn.Association{ZoneID: zone})
		}
		e := b.endpoint(st, v, clientvpn.NewEndpoint(st.Stack, naming.ClientVPN(v.Name), props))
		if s, a := t.Segment(topology.TargetClientVPN, v.Name); s != nil {
			gateway.AttachClientVpn(&transitvpn.ClientVpnAttachmentProps{Name: v.Name, TransitGatewayAttachmentId: e.TransitGatewayAttachmentId(), Segment: s.Name, PropagateTo: a.PropagateTo})
		}
	}
}

// authority is where a PKI is kept, as a stack reads it: its key by its alias, which is the same text everywhere.
func (b *builder) authority(st *stack, p *topology.PKI, copies bool) customresource.Authority {
	home := b.placeStackOf(p.Home)
	a := customresource.Authority{Network: b.plan.Name, Name: p.Name, KeyAlias: p.KeyAlias, Home: p.Home.Region,
		BucketName: b.value(st, home, "Pki"+p.Name, "", b.ways.objects[p.Name][p.Home])}
	if copies {
		for _, at := range p.Replicas {
			a.Replicas = append(a.Replicas, customresource.Replica{Region: at.Region, BucketName: b.value(st, b.placeStackOf(at), "Pki"+p.Name, "", b.ways.objects[p.Name][at])})
		}
	}
	return a
}
