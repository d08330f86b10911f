package cfn

// slotRule tells what a type's slot is made of, and why only one resource may hold it.
type slotRule struct {
	kind string
	why  string
	// The key is made of all of need, the first of oneOf that is there, and all of also, within a place.
	need, oneOf, also []string
	within            place
	// keys, if given, makes the keys of what reads names.
	keys  func(map[string]string) []string
	reads []string
	block string // the property with the block that must not overlap
	// more makes further keys of what is in the stack.
	more func(*Stack, *Resource) []string
	// See Slot.
	takesOver, loses bool
	holds            string // the property
}

// place is where a name is unique.
type place int

const (
	anywhere place = iota // in the key already, or in all of AWS
	anAccount
	aRegion // of an account
)

var slotRules = map[string]slotRule{
	"AWS::EC2::Route": {kind: "route", why: "a route table has one route to a destination (RouteAlreadyExists)",
		need: []string{"RouteTableId"}, oneOf: []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}},
	"AWS::EC2::TransitGatewayRoute": {kind: "transit gateway route", why: "a transit gateway route table has one static route to a destination",
		need: []string{"TransitGatewayRouteTableId", "DestinationCidrBlock"}},
	"AWS::EC2::VPNConnectionRoute": {kind: "VPN route", why: "a connection has one static route to a destination",
		need: []string{"VpnConnectionId", "DestinationCidrBlock"}},
	"AWS::EC2::ClientVpnRoute": {kind: "Client VPN route", why: "an endpoint has one route to a destination through a subnet",
		need: []string{"ClientVpnEndpointId", "DestinationCidrBlock", "TargetVpcSubnetId"}},

	"AWS::EC2::Subnet": {kind: "subnet block", why: "subnets of a VPC do not overlap (InvalidSubnet.Conflict)",
		need: []string{"VpcId"}, block: "CidrBlock"},
	"AWS::EC2::VPCCidrBlock": {kind: "VPC block", why: "blocks of a VPC do not overlap",
		need: []string{"VpcId"}, block: "CidrBlock"},
	"AWS::EC2::SubnetRouteTableAssociation": {kind: "route table of", why: "a subnet has one explicit route table (Resource.AlreadyAssociated)",
		need: []string{"SubnetId"}},
	"AWS::EC2::VPCGatewayAttachment": {kind: "gateway of", why: "a VPC has one Internet gateway and one virtual private gateway",
		keys: gatewayKeys, reads: []string{"InternetGatewayId", "VpcId", "VpnGatewayId"}},
	"AWS::EC2::VPCEndpoint": {kind: "endpoint", why: "a route table has one gateway endpoint, a VPC one private DNS name, of a service",
		keys: endpointKeys, reads: []string{"PrivateDnsEnabled", "RouteTableIds", "ServiceName", "VpcEndpointType", "VpcId"}},
	"AWS::EC2::EIPAssociation": {kind: "Elastic IP", why: "an address is associated once; a second association is answered with AlreadyExists (aws/aws-cdk#26423)",
		oneOf: []string{"AllocationId", "EIP"}},
	"AWS::EC2::NatGateway": {kind: "Elastic IP", why: "an address is associated once (Resource.AlreadyAssociated)",
		oneOf: []string{"AllocationId"}},
	"AWS::EC2::Instance": {kind: "private address", why: "an address of a subnet has one interface",
		keys: interfaceKeys, reads: []string{"NetworkInterfaces", "PrivateIpAddress", "SubnetId"}},
	"AWS::EC2::NetworkInterface": {kind: "private address", why: "an address of a subnet has one interface",
		need: []string{"SubnetId", "PrivateIpAddress"}},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {kind: "private address", why: "an address of a subnet has one interface",
		keys: mappingKeys, reads: []string{"SubnetMappings"}},

	"AWS::EC2::TransitGatewayAttachment":    vpcAttachment,
	"AWS::EC2::TransitGatewayVpcAttachment": vpcAttachment,
	"AWS::EC2::TransitGatewayRouteTableAssociation": {kind: "association of", why: "an attachment is associated with one route table (Resource.AlreadyAssociated)",
		need: []string{"TransitGatewayAttachmentId"}},
	"Custom::PathproofTgwAssociation": {kind: "association of", why: "as above; this one moves it by itself, but deleting the earlier one ends an association with the same table",
		need: []string{"TransitGatewayAttachmentId"}, takesOver: true, loses: true, holds: "TransitGatewayRouteTableId"},
	"AWS::EC2::TransitGatewayRouteTablePropagation": {kind: "propagation", why: "an attachment propagates into a route table once",
		need: []string{"TransitGatewayAttachmentId", "TransitGatewayRouteTableId"}},
	"AWS::EC2::VPCPeeringConnection": {kind: "peering between", why: "two VPCs are peered once",
		keys:  func(p map[string]string) []string { return unordered(p["VpcId"], p["PeerVpcId"]) },
		reads: []string{"PeerVpcId", "VpcId"}},
	"AWS::EC2::TransitGatewayPeeringAttachment": {kind: "peering between", why: "two transit gateways are peered once",
		keys:  func(p map[string]string) []string { return unordered(p["TransitGatewayId"], p["PeerTransitGatewayId"]) },
		reads: []string{"PeerTransitGatewayId", "TransitGatewayId"}},
	"Custom::PathproofVpcPeeringDns": {kind: "DNS option of", why: "each side of a peering has one; deleting the earlier resource turns it off",
		need: []string{"VpcPeeringConnectionId", "Side"}, takesOver: true, loses: true},
	"AWS::EC2::CustomerGateway": {kind: "customer gateway", why: "EC2 answers an identical request with the existing customer gateway (CreateCustomerGateway), " +
		"and deleting the earlier resource deletes it or fails",
		need: []string{"IpAddress"}, also: []string{"BgpAsn", "BgpAsnExtended", "CertificateArn", "DeviceName", "Type"}, within: aRegion, takesOver: true, loses: true},

	"AWS::Route53::HostedZone": {kind: "private zone", why: "a VPC has one private zone of a domain (ConflictingDomainExists)",
		keys: zoneKeys, reads: []string{"Name", "VPCs"}},
	"AWS::Route53::RecordSet": {kind: "record", why: "a zone has one record set of a name, type and identifier",
		need: []string{"Name", "Type"}, oneOf: []string{"HostedZoneId", "HostedZoneName"}, also: []string{"SetIdentifier"}},
	"AWS::ServiceDiscovery::Instance": {kind: "instance", why: "a service has one instance of an id: registering another one changes it, and deregistering the earlier one takes it out",
		need: []string{"InstanceId", "ServiceId"}, takesOver: true, loses: true},
	"AWS::ARCZonalShift::ZonalAutoshiftConfiguration": {kind: "autoshift of", why: "a load balancer has one configuration of zonal autoshift (ConflictException)",
		need: []string{"ResourceIdentifier"}},
	"AWS::GlobalAccelerator::EndpointGroup": {kind: "endpoint group", why: "a listener has one endpoint group in a Region (EndpointGroupAlreadyExists)",
		need: []string{"ListenerArn", "EndpointGroupRegion"}},
	"AWS::ElasticLoadBalancingV2::Listener": {kind: "listener", why: "a load balancer has one listener on a port (DuplicateListener)",
		need: []string{"LoadBalancerArn", "Port"}},
	"AWS::ElasticLoadBalancingV2::ListenerRule": {kind: "listener rule", why: "a listener has one rule of a priority (PriorityInUse)",
		need: []string{"ListenerArn", "Priority"}},
	"AWS::EC2::SecurityGroupIngress": {kind: "ingress rule", why: "a group has a rule once (InvalidPermission.Duplicate)",
		need: []string{"GroupId", "IpProtocol"}, oneOf: []string{"CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId"}, also: []string{"FromPort", "ToPort"}},
	"AWS::EC2::SecurityGroupEgress": {kind: "egress rule", why: "a group has a rule once (InvalidPermission.Duplicate)",
		need: []string{"GroupId", "IpProtocol"}, oneOf: []string{"CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId"}, also: []string{"FromPort", "ToPort"}},

	// Resources with a fixed physical name. Without one, CloudFormation makes a new name for each.
	"AWS::AutoScaling::AutoScalingGroup":         named("group name", "AutoScalingGroupName", aRegion),
	"AWS::Chatbot::SlackChannelConfiguration":    named("configuration name", "ConfigurationName", anAccount),
	"AWS::CloudWatch::Alarm":                     named("alarm name", "AlarmName", aRegion),
	"AWS::CloudWatch::CompositeAlarm":            named("alarm name", "AlarmName", aRegion),
	"AWS::CloudWatch::Dashboard":                 named("dashboard name", "DashboardName", anAccount),
	"AWS::CodeBuild::Project":                    named("project name", "Name", aRegion),
	"AWS::CodePipeline::Pipeline":                named("pipeline name", "Name", aRegion),
	"AWS::EC2::LaunchTemplate":                   named("launch template name", "LaunchTemplateName", aRegion),
	"AWS::EC2::SecurityGroup":                    {kind: "security group name", why: fixedName, need: []string{"GroupName", "VpcId"}},
	"AWS::ElasticLoadBalancingV2::TargetGroup":   named("target group name", "Name", aRegion),
	"AWS::Events::Rule":                          {kind: "rule name", why: fixedName, need: []string{"Name"}, also: []string{"EventBusName"}, within: aRegion},
	"AWS::IAM::InstanceProfile":                  named("instance profile name", "InstanceProfileName", anAccount),
	"AWS::IAM::ManagedPolicy":                    named("policy name", "ManagedPolicyName", anAccount),
	"AWS::IAM::Role":                             named("role name", "RoleName", anAccount),
	"AWS::KMS::Alias":                            named("alias", "AliasName", aRegion),
	"AWS::Lambda::Function":                      named("function name", "FunctionName", aRegion),
	"AWS::Logs::LogGroup":                        named("log group name", "LogGroupName", aRegion),
	"AWS::S3::Bucket":                            named("bucket name", "BucketName", anywhere),
	"AWS::SNS::Topic":                            named("topic name", "TopicName", aRegion),
	"AWS::SQS::Queue":                            named("queue name", "QueueName", aRegion),
	"AWS::SSM::Parameter":                        named("parameter name", "Name", aRegion),
	"AWS::SecretsManager::Secret":                named("secret name", "Name", aRegion),
	"AWS::ServiceDiscovery::PrivateDnsNamespace": {kind: "private zone", why: "it makes a private hosted zone in its VPC (ConflictingDomainExists)", keys: namespaceKeys, reads: []string{"Name", "Vpc"}},
	"AWS::ServiceDiscovery::HttpNamespace":       named("namespace name", "Name", aRegion),
	"AWS::ServiceDiscovery::Service":             {kind: "service name", why: fixedName, need: []string{"Name", "NamespaceId"}},
}

var vpcAttachment = slotRule{kind: "transit gateway attachment", why: "a VPC is attached to a transit gateway once (DuplicateTransitGatewayAttachment), and the routes of a " +
	"VPC whose block is that of another one attached already are not propagated (Amazon VPC Transit Gateways, VPC attachments)",
	need: []string{"TransitGatewayId", "VpcId"}, more: attachedBlock}

// attachedBlock is the block of the attached VPC, if that is in the same stack.
func attachedBlock(s *Stack, r *Resource) []string {
	for _, x := range s.Resources {
		if x.Type == "AWS::EC2::VPC" && r.Properties["VpcId"] == Ref(s.Name, x.LogicalID) && x.Properties["CidrBlock"] != "" {
			return []string{r.Properties["TransitGatewayId"] + " of block " + x.Properties["CidrBlock"]}
		}
	}
	return nil
}

const fixedName = "CloudFormation cannot create a second resource of a fixed name (AlreadyExists)"

func named(kind, property string, within place) slotRule {
	return slotRule{kind: kind, why: fixedName, need: []string{property}, within: within}
}

func gatewayKeys(p map[string]string) []string {
	switch {
	case p["VpcId"] == "":
		return nil
	case p["InternetGatewayId"] != "":
		return []string{p["VpcId"] + " to the Internet"}
	case p["VpnGatewayId"] != "":
		return []string{p["VpcId"] + " to VPN"}
	}
	return nil
}

// endpointKeys: a VPC may have two gateway endpoints to one service as long as they use different route tables.
func endpointKeys(p map[string]string) []string {
	service := p["ServiceName"]
	if service == "" {
		return nil
	}
	if t := p["VpcEndpointType"]; t != "" && t != "Gateway" {
		if t == "Interface" && p["PrivateDnsEnabled"] == "true" && p["VpcId"] != "" {
			return []string{service + " by name in " + p["VpcId"]}
		}
		return nil
	}
	var keys []string
	for _, table := range texts(p["RouteTableIds"]) {
		keys = append(keys, service+" in "+table)
	}
	return keys
}

func interfaceKeys(p map[string]string) []string {
	keys := addressKey(p["PrivateIpAddress"], p["SubnetId"])
	for _, i := range objects(p["NetworkInterfaces"]) {
		keys = append(keys, addressKey(i["PrivateIpAddress"], i["SubnetId"])...)
	}
	return keys
}

func mappingKeys(p map[string]string) []string {
	var keys []string
	for _, m := range objects(p["SubnetMappings"]) {
		keys = append(keys, addressKey(m["PrivateIPv4Address"], m["SubnetId"])...)
	}
	return keys
}

func addressKey(address, subnet string) []string {
	if address == "" || subnet == "" {
		return nil
	}
	// The order of NetworkInterface's joined key, which is of the same kind.
	return []string{subnet + " " + address}
}

// zoneKeys: any number of public zones may have one domain, so a zone without VPCs has no slot.
func zoneKeys(p map[string]string) []string {
	var keys []string
	for _, v := range objects(p["VPCs"]) {
		if p["Name"] != "" && v["VPCId"] != "" {
			keys = append(keys, domain(p["Name"])+" in "+v["VPCId"])
		}
	}
	return keys
}

func namespaceKeys(p map[string]string) []string {
	if p["Name"] == "" || p["Vpc"] == "" {
		return nil
	}
	return []string{domain(p["Name"]) + " in " + p["Vpc"]}
}
