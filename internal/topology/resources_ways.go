package topology

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// What stays when a machine goes stands in a network's own stack: addresses, interfaces, secrets, load balancers, Client VPN
// endpoints. Machines stand in the ops stack of their place (docs/adr/0060).

// waysOf plans what the ways in of a network keep in its stack.
func (pl *planner) waysOf(n *Network) {
	if slices.ContainsFunc(n.SecurityGroups, func(g *SecurityGroup) bool {
		return slices.ContainsFunc(g.Ingress, func(r Rule) bool { return r.PrefixList != "" })
	}) {
		pl.add("Custom::PathproofPrefixList", "network/"+n.Key+"/healthCheckers", props{"Name": HealthCheckers(n.Place.Region)}, naming.Network(n.Name), naming.HealthCheckers, naming.Resource)
	}
	for _, s := range n.servers {
		pl.serverStays(n, s)
	}
	for _, l := range pl.plan.LoadBalancers {
		if l.Network == n.Key && !l.Adopted() {
			pl.loadBalancer(n, l)
		}
	}
	for _, e := range pl.plan.EdgeProxies {
		if e.Network == n.Key {
			pl.edgeFront(n, e)
		}
	}
	for _, z := range pl.plan.ZonalServices {
		if z.Network == n.Key {
			pl.zonalService(n, z)
		}
	}
	for _, v := range pl.plan.ClientVPNs {
		if v.Network == n.Key {
			pl.clientVPN(v, naming.Network(n.Name), naming.ClientVPN(v.Name))
		}
	}
}

// serverStays plans an OpenVPN server's address, its secret and, routed, its interface.
func (pl *planner) serverStays(n *Network, s *OpenVPN) {
	id, ns, name := naming.Network(n.Name), naming.OpenVPN(s.Name), "openvpn/"+s.Name
	pl.export("AllocationId", "AWS::EC2::EIP", name+"/address", nil, id, ns, naming.Address)
	pl.export("", "AWS::SecretsManager::Secret", name+"/secret", nil, id, ns, naming.Secret)
	pl.add("AWS::SSM::Parameter", name+"/parameter", props{"Name": naming.OpenVPNParameter(pl.plan.Name, s.Name)}, id, ns, naming.Parameter)
	if s.Routed() {
		pl.export("", "AWS::EC2::NetworkInterface", name+"/interface", props{"SubnetId": pl.subnetRef(n, s.subnet)}, id, ns, naming.Interface)
	}
}

func (pl *planner) subnetRef(n *Network, s *Subnet) string {
	if s.ID != "" {
		return s.ID
	}
	return resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), naming.Subnet(s.Tier, s.ZoneID), naming.Resource)
}

// loadBalancer plans an own load balancer, with one group of targets.
func (pl *planner) loadBalancer(n *Network, l *LoadBalancer) {
	id, ns, name := naming.Network(n.Name), naming.LoadBalancer(l.Name), "loadBalancer/"+l.Name
	pl.balancer(name, string(l.Type), string(l.Scheme), id, ns)
	pl.exportID(naming.LogicalID(id, ns, naming.Resource), "DNSName")
	protocol := "TCP"
	if l.Type == config.ApplicationLoadBalancer {
		protocol = "HTTP"
	}
	pl.targets(n, name, protocol, "ip", l.TargetPort, id, ns)
	for _, x := range l.Listeners {
		pl.balancerPort(name, x, id, ns)
	}
}

func (pl *planner) balancer(name, kind, scheme string, path ...string) {
	r := pl.add("AWS::ElasticLoadBalancingV2::LoadBalancer", name, props{"Type": kind, "Scheme": scheme}, append(path, naming.Resource)...)
	pl.exportID(r.LogicalID, "")
}

func (pl *planner) targets(n *Network, name, protocol, kind string, port int, path ...string) *Resource {
	number := strconv.Itoa(port)
	return pl.add("AWS::ElasticLoadBalancingV2::TargetGroup", name+"/targets/"+number, props{"VpcId": pl.vpcRef(n), "Protocol": protocol, "Port": number, "TargetType": kind},
		append(slices.Clone(path), naming.PortTargets(number))...)
}

func (pl *planner) balancerPort(name string, x BalancerListener, path ...string) {
	number := strconv.Itoa(x.Port)
	pl.add("AWS::ElasticLoadBalancingV2::Listener", name+"/listener/"+number, props{"LoadBalancerArn": pl.ref(append(slices.Clone(path), naming.Resource)...), "Port": number},
		append(slices.Clone(path), naming.PortListener(number))...)
}

// edgeFront plans what stands in front of edge proxies.
func (pl *planner) edgeFront(n *Network, e *EdgeProxy) {
	id, ns, name := naming.Network(n.Name), naming.EdgeProxy(e.Name), "edgeProxy/"+e.Name
	kind, protocol := "network", "TCP"
	if e.Entry == config.EntryALB {
		kind, protocol = "application", "HTTP"
	}
	pl.balancer(name+"/entry", kind, string(config.SchemeInternetFacing), id, ns)
	for _, port := range e.Nginx.list() {
		group := pl.targets(n, name, protocol, "instance", port, id, ns)
		pl.exportID(group.LogicalID, "")
	}
	for _, x := range e.Listeners {
		pl.balancerPort(name, x, id, ns)
	}
	for _, g := range n.SecurityGroups {
		if g.Of == e.Ref().String() {
			for _, r := range g.Egress {
				pl.groupEgress(n, g, r, id)
			}
		}
	}
	if e.DNS != nil {
		pl.add("AWS::Route53::RecordSet", name+"/record", props{"HostedZoneId": e.DNS.Zone, "Name": e.DNS.Name, "Type": "A", "SetIdentifier": e.Place.Region}, id, ns, naming.Record(e.DNS.Name))
	}
}

// groupEgress plans a rule from one group of a network to another, which cannot stand in the group: the other names this one.
func (pl *planner) groupEgress(n *Network, g *SecurityGroup, r Rule, id string) {
	if r.Group == "" {
		return
	}
	port := strconv.Itoa(r.From)
	pl.add("AWS::EC2::SecurityGroupEgress", "network/"+n.Key+"/securityGroup/"+g.Of+"/to/"+port, props{"GroupId": attribute(pl.ref(id, groupID(g)), "GroupId"),
		"DestinationSecurityGroupId": attribute(pl.ref(id, naming.RoleSecurityGroup(r.Group)), "GroupId"), "IpProtocol": r.Protocol, "FromPort": port, "ToPort": port},
		id, groupID(g)+"-"+naming.PortTargets(port))
}

// clientVPN plans a Client VPN endpoint with all that hangs on it, in the stack of its network or, at a transit gateway, of its
// place.
func (pl *planner) clientVPN(v *ClientVPN, path ...string) {
	name, in := v.Ref().String(), func(ids ...string) []string { return append(slices.Clone(path), ids...) }
	endpoint := pl.ref(in(naming.Resource)...)
	p := props{"ClientCidrBlock": v.Pool.String(), "TransportProtocol": string(v.Transport),
		"AuthenticationOptions": compact(v.authentication(pl.clientVPNProof(v, endpoint, in))), "TagSpecifications": clientVPNTags(v.Name)}
	if v.gateway != nil {
		p["TransitGatewayConfiguration"] = compact(struct {
			AvailabilityZoneIds []string
			TransitGatewayId    string
		}{v.Zones, pl.gatewayRef(v.gateway)})
	}
	pl.add("AWS::EC2::ClientVpnEndpoint", name, p, in(naming.Resource)...)
	for i, z := range v.Zones {
		slot := props{"ClientVpnEndpointId": endpoint}
		if v.network != nil {
			slot["SubnetId"] = pl.subnetRef(v.network, v.subnets[i])
		} else {
			slot["AvailabilityZoneId"] = z
		}
		pl.add("AWS::EC2::ClientVpnTargetNetworkAssociation", name+"/association/"+z, slot, in(naming.ClientVPNAssociation(z))...)
	}
	for _, r := range v.Rules {
		pl.add("AWS::EC2::ClientVpnAuthorizationRule", name+"/authorization/"+r.Destination.String(), props{"ClientVpnEndpointId": endpoint, "TargetNetworkCidr": r.Destination.String(),
			"AuthorizeAllGroups": "true", "Description": r.Description},
			in(naming.Authorization(r.Destination))...)
	}
	for _, r := range v.Routes {
		pl.clientRoute(v, r, endpoint, in)
	}
	if v.gateway != nil {
		pl.clientAttachment(v, endpoint, in)
	}
}

// clientVPNProof plans what a PKI gives an endpoint, and returns the ARN of the certificate whose authority issued people's, empty if SAML is
// all that they need.
func (pl *planner) clientVPNProof(v *ClientVPN, endpoint string, in func(...string) []string) string {
	if v.PKI == "" {
		if v.SAML != "" {
			return ""
		}
		return v.Certificate
	}
	name := v.Ref().String()
	certificate := pl.add("Custom::PathproofClientVpnCertificate", name+"/certificate", props{"Network": pl.plan.Name, "Endpoint": v.Name, "At": v.At()}, in(naming.Certificate, naming.Resource)...)
	pl.exportID(certificate.LogicalID, "CertificateArn")
	list := pl.add("Custom::PathproofClientVpnList", name+"/revocationList", props{"ClientVpnEndpointId": endpoint}, in(naming.RevocationList, naming.Resource)...)
	if p := pl.plan.PKI(v.PKI); p != nil && v.network != nil { // at a transit gateway it is of the same stack
		certificate.use(pl.objects(p, p.Home))
		list.use(pl.objects(p, p.Home))
	}
	pl.add("AWS::Events::Rule", name+"/certificate/renewal", nil, in(naming.Certificate, naming.Schedule)...).use(certificate.Uses...)
	pl.add("AWS::Events::Rule", name+"/revocationList/renewal", nil, in(naming.RevocationList, naming.Schedule)...).use(list.Uses...)
	pl.add("AWS::SSM::Parameter", name+"/parameter", props{"Name": naming.ClientVPNParameter(pl.plan.Name, v.Name)}, in(naming.Parameter)...)
	return attribute(pl.ref(in(naming.Certificate, naming.Resource)...), "CertificateArn")
}

// authentication says how people prove who they are, as CloudFormation does. authority is the ARN of a certificate of whoever issues theirs.
func (v *ClientVPN) authentication(authority string) any {
	var out []map[string]any
	if authority != "" {
		out = append(out, map[string]any{"Type": "certificate-authentication", "MutualAuthentication": map[string]string{"ClientRootCertificateChainArn": authority}})
	}
	if v.SAML != "" {
		out = append(out, map[string]any{"Type": "federated-authentication", "FederatedAuthentication": map[string]string{"SAMLProviderArn": v.SAML}})
	}
	return out
}

// clientVPNTags are the endpoint's tags, which it takes in a property of its own that cannot change.
func clientVPNTags(name string) string {
	return compact([]map[string]any{{"ResourceType": "client-vpn-endpoint", "Tags": []map[string]string{{"Key": "Name", "Value": name}}}})
}

func (pl *planner) clientRoute(v *ClientVPN, r ClientRoute, endpoint string, in func(...string) []string) {
	name, slot, id := v.Ref().String()+"/route/"+r.Destination.String(), props{"ClientVpnEndpointId": endpoint, "DestinationCidrBlock": r.Destination.String()}, naming.Route(r.Destination)
	if i := slices.Index(v.Subnets, r.Subnet); i >= 0 {
		slot["TargetVpcSubnetId"] = pl.subnetRef(v.network, v.subnets[i])
		name, id = name+"/"+r.Subnet, r.Subnet+"-"+id
	}
	pl.add("AWS::EC2::ClientVpnRoute", name, slot, in(id)...)
}

// clientAttachment plans what ties the attachment that AWS makes to route tables, like that of a VPN connection.
func (pl *planner) clientAttachment(v *ClientVPN, endpoint string, in func(...string) []string) {
	t := v.gateway
	pl.add("Custom::PathproofClientVpnFacts", v.Ref().String()+"/facts", props{"ClientVpnEndpointId": endpoint, "TransitGatewayId": pl.gatewayRef(t)}, in(naming.VPNFacts, naming.Resource)...)
	if s, a := t.Segment(TargetClientVPN, v.Name); s != nil {
		attachment := attribute(pl.ref(in(naming.VPNFacts, naming.Resource)...), "TransitGatewayAttachmentId")
		pl.associate(t, s, a, v.Ref().String()+"/attachment", attachment, pl.stack.Name, naming.TransitGateway(t.Name), naming.Attachment(string(TargetClientVPN), v.Name))
	}
}

// pki plans what a certificate authority keeps in its home, and copies of what servers read elsewhere.
func (pl *planner) pki(at Place) {
	for _, p := range pl.plan.PKIs {
		id, name := naming.PKI(p.Name), "pki/"+p.Name
		if p.Home == at {
			pl.add("AWS::KMS::Key", name+"/key", props{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, id, naming.Key)
			pl.add("AWS::KMS::Alias", name+"/alias", props{"AliasName": p.KeyAlias}, id, naming.KeyAlias)
			if p.ClientVPNKeyAlias != "" {
				pl.add("AWS::KMS::Key", name+"/clientVpnKey", props{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, id, naming.ClientVPNKey)
				pl.add("AWS::KMS::Alias", name+"/clientVpnAlias", props{"AliasName": p.ClientVPNKeyAlias}, id, naming.ClientVPNKeyAlias)
			}
			pl.export("", "AWS::SecretsManager::Secret", name+"/tlsCrypt", props{"Name": p.TLSCryptSecret}, id, naming.Secret)
		}
		if p.Home == at || slices.Contains(p.Replicas, at) {
			pl.export("", "AWS::S3::Bucket", name+"/objects", nil, id, naming.Objects)
		}
	}
}

// objects is the bucket of a PKI in a place.
func (pl *planner) objects(p *PKI, at Place) string {
	return resourceRef(pl.plan.StackName(LayerNetwork, at), naming.PKI(p.Name), naming.Objects)
}

// authorities plans what keeps the PKIs up to date that are at home in a place: each writes all its buckets.
func (pl *planner) authorities(at Place) {
	for _, p := range pl.plan.PKIs {
		if p.Home != at {
			continue
		}
		id, name := naming.PKI(p.Name), "pki/"+p.Name
		r := pl.add("Custom::PathproofPki", name+"/authority", props{"Network": pl.plan.Name, "Pki": p.Name}, id, naming.Certificate, naming.Resource)
		r.use(resourceRef(pl.plan.StackName(LayerNetwork, at), id, naming.Secret))
		for _, other := range append([]Place{at}, p.Replicas...) {
			r.use(pl.objects(p, other))
		}
		pl.renewal(name+"/authority", r, id)
		parameter := pl.add("AWS::SSM::Parameter", name+"/parameter", props{"Name": naming.PKIParameter(pl.plan.Name, p.Name)}, id, naming.Parameter)
		for _, other := range append([]Place{at}, p.Replicas...) {
			parameter.use(pl.objects(p, other))
		}
	}
}

// renewal plans the schedule that has a certificate looked at every day.
func (pl *planner) renewal(name string, of *Resource, path ...string) {
	pl.add("AWS::Events::Rule", name+"/renewal", nil, append(slices.Clone(path), naming.Certificate, naming.Schedule)...).use(of.Uses...)
}

// machines plans the instances of a place, in its ops stack.
func (pl *planner) machines(at Place) {
	for _, s := range pl.plan.OpenVPNs {
		if s.Place != at {
			continue
		}
		id, name, in := naming.OpenVPN(s.Name), s.Ref().String(), naming.Network(s.network.Name)
		stays := func(what string) string { return resourceRef(pl.plan.NetworkStackName(s.network), in, id, what) }
		p := pl.plan.PKI(s.PKI)
		certificate := pl.add("Custom::PathproofServerCertificate", name+"/certificate", props{"Network": pl.plan.Name, "Server": s.Name}, id, naming.Certificate, naming.Resource)
		certificate.use(stays(naming.Secret))
		if p != nil { // else reported
			certificate.use(pl.objects(p, p.Home))
		}
		pl.renewal(name+"/certificate", certificate, id)
		for _, alarm := range serverAlarms {
			pl.add("AWS::CloudWatch::Alarm", name+"/alarm/"+alarm, nil, id, alarm)
		}
		template := pl.instances(name, id, s.Image)
		template.use(attribute(stays(naming.Address), "AllocationId"), stays(naming.Secret), pl.groupRef(s.network, s.Ref().String()),
			resourceRef(pl.plan.StackName(LayerNetwork, at), naming.PKI(s.PKI), naming.Objects))
		if s.Routed() {
			template.use(stays(naming.Interface))
		}
		pl.groupIn(name, id, s.network, []*Subnet{s.subnet})
	}
	for _, e := range pl.plan.EdgeProxies {
		if e.Place != at {
			continue
		}
		id, name := naming.EdgeProxy(e.Name), e.Ref().String()
		for _, alarm := range e.alarms() {
			pl.add("AWS::CloudWatch::Alarm", name+"/alarm/"+alarm, nil, id, alarm)
		}
		template := pl.instances(name, id, e.Image)
		template.use(pl.groupRef(e.network, e.Instances()))
		if l := e.origin; !l.Adopted() {
			template.use(attribute(resourceRef(pl.plan.NetworkStackName(l.network), naming.Network(l.network.Name), naming.LoadBalancer(l.Name), naming.Resource), "DNSName"))
		}
		group := pl.groupIn(name, id, e.network, e.subnets)
		if e.MaxPerZone > 0 {
			pl.add("AWS::AutoScaling::ScalingPolicy", name+"/scaling", props{"AutoScalingGroupName": pl.ref(id, naming.Group)}, id, naming.Scaling)
		}
		for _, port := range e.Nginx.list() {
			targets := resourceRef(pl.plan.NetworkStackName(e.network), naming.Network(e.network.Name), id, naming.PortTargets(strconv.Itoa(port)))
			group.use(targets)
			template.use(targets) // an instance asks whether it is called there
		}
	}
	pl.clientVPNAlarms(at)
}

// clientVPNAlarms plans what says that the certificate of an endpoint of a place was not renewed.
func (pl *planner) clientVPNAlarms(at Place) {
	for _, v := range pl.plan.ClientVPNs {
		if v.Place != at || v.PKI == "" {
			continue
		}
		id, stack, in := naming.ClientVPN(v.Name), pl.plan.StackName(LayerNetwork, at), []string(nil)
		if v.network != nil {
			stack, in = pl.plan.NetworkStackName(v.network), []string{naming.Network(v.network.Name)}
		}
		pl.add("AWS::CloudWatch::Alarm", v.Ref().String()+"/alarm/"+naming.CertificateAlarm, nil, id, naming.CertificateAlarm).
			use(attribute(resourceRef(stack, append(in, id, naming.Certificate, naming.Resource)...), "CertificateArn"))
	}
}

// groupRef is the id of a security group of a network.
func (pl *planner) groupRef(n *Network, key string) string {
	return attribute(resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), groupID(n.securityGroup(key))), "GroupId")
}

// instances plans what the instances of a group are made from.
func (pl *planner) instances(name, id string, image Image) *Resource {
	if image.Name != "" {
		pl.add("Custom::PathproofImage", name+"/image", props{"Name": image.Name}, id, naming.Image, naming.Resource)
	}
	return pl.add("AWS::EC2::LaunchTemplate", name+"/template", nil, id, naming.LaunchTemplate)
}

// groupIn plans an auto scaling group in subnets.
func (pl *planner) groupIn(name, id string, n *Network, subnets []*Subnet) *Resource {
	return pl.groupAt(name, id, n, subnets, id, naming.Group)
}

// groupAt is like groupIn, with a path of its own.
func (pl *planner) groupAt(name, id string, n *Network, subnets []*Subnet, path ...string) *Resource {
	template := pl.ref(id, naming.LaunchTemplate)
	var where []string
	for _, s := range subnets {
		where = append(where, pl.subnetRef(n, s))
	}
	group := pl.add("AWS::AutoScaling::AutoScalingGroup", name+"/group", props{"VPCZoneIdentifier": compact(where),
		"LaunchTemplate": compact(struct{ LaunchTemplateId, Version string }{template, attribute(template, "LatestVersionNumber")})}, path...)
	for _, ref := range where {
		if strings.HasPrefix(ref, "{") {
			group.use(ref)
		}
	}
	return group
}

// serverAlarms are those of an OpenVPN server.
var serverAlarms = []string{naming.UnhealthyAlarm, naming.CertificateAlarm, naming.ListAlarm, naming.PoolAlarm}

// alarms are those of an edge proxy: one more where nginx has a certificate, which nobody but its owner renews.
func (e *EdgeProxy) alarms() []string {
	if e.Secret == "" {
		return []string{naming.UnhealthyAlarm}
	}
	return []string{naming.UnhealthyAlarm, naming.CertificateAlarm}
}
