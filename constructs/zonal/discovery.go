package zonal

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// ZoneAttribute is the attribute of instances in Cloud Map with the AZ ID. AWS's own AVAILABILITY_ZONE, which ECS writes, holds the name of
// the zone, which is another place in another account.
const ZoneAttribute = "AVAILABILITY_ZONE_ID"

// defineDiscovery defines an HTTP namespace with the service and its instances. A private DNS namespace would make a hosted zone of
// its own, and a VPC resolves one private zone of a domain.
func (s *Service) defineDiscovery(c *CloudMapProps) {
	namespace := awsservicediscovery.NewCfnHttpNamespace(s.node, jsii.String(naming.DiscoveryNamespace), &awsservicediscovery.CfnHttpNamespaceProps{
		Name: &c.Namespace, Tags: cdkx.Name(s.props.Name)})
	s.discovery = awsservicediscovery.NewCfnService(s.node, jsii.String(naming.DiscoveryService), &awsservicediscovery.CfnServiceProps{
		Name: &c.Service, NamespaceId: namespace.Ref(), Tags: cdkx.Name(s.props.Name)})
	for _, i := range s.props.instances() {
		awsservicediscovery.NewCfnInstance(s.node, jsii.String(naming.DiscoveryInstance(i.ID)), &awsservicediscovery.CfnInstanceProps{
			ServiceId: s.discovery.Ref(), InstanceId: jsii.String(i.ID), InstanceAttributes: map[string]*string{
				"AWS_INSTANCE_IPV4": jsii.String(i.Address.String()), "AWS_INSTANCE_PORT": jsii.String(strconv.Itoa(i.Port)), ZoneAttribute: jsii.String(i.ZoneID)}})
	}
}

// instances are what Cloud Map tells: the fixed address of each zone on the first listener's port or, in mode direct, what is given.
func (p ServiceProps) instances() []InstanceProps {
	if !p.Mode.fixed() {
		return p.CloudMap.Instances
	}
	var out []InstanceProps
	for _, z := range p.Zones {
		out = append(out, InstanceProps{ID: z.ZoneID, ZoneID: z.ZoneID, Address: z.Address, Port: p.Listeners[0].Port})
	}
	return out
}
