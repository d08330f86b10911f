package cloudmap

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/zone"
)

// odd counts instances that something is wrong with, and keeps one as an example.
type odd struct {
	count   int
	example string
}

func (o *odd) add(id, why string) {
	if o.count++; o.count == 1 {
		o.example = id + ": " + why
	}
}

// answer makes endpoints of instances. What it cannot use it leaves out and says so.
func (c Config) answer(instances []types.HttpInstanceSummary) discover.Answer {
	var answer discover.Answer
	var unusable, homeless odd
	sick := 0
	for _, instance := range instances {
		id := aws.ToString(instance.InstanceId)
		if instance.HealthStatus == types.HealthStatusUnhealthy {
			sick++
		}
		addr, err := c.address(instance.Attributes)
		if err != nil {
			unusable.add(id, err.Error())
			continue
		}
		in, err := c.zone(instance.Attributes)
		if err != nil {
			homeless.add(id, err.Error())
		}
		answer.Endpoints = append(answer.Endpoints, discover.Endpoint{Addr: addr, Zone: in, ID: id})
	}
	if unusable.count > 0 {
		answer.Doubts = append(answer.Doubts, fmt.Sprintf("%d of %d instances cannot be called, such as %s", unusable.count, len(instances), unusable.example))
	}
	if homeless.count > 0 {
		answer.Doubts = append(answer.Doubts, fmt.Sprintf("the zone of %d of %d instances is not known, such as %s", homeless.count, len(instances), homeless.example))
	}
	if sick > 0 && sick == len(instances) {
		answer.Doubts = append(answer.Doubts, fmt.Sprintf("all %d instances are unhealthy", sick))
	}
	return answer.Normalize()
}

func (c Config) address(attributes map[string]string) (string, error) {
	host := attributes["AWS_INSTANCE_IPV4"]
	if six := attributes["AWS_INSTANCE_IPV6"]; six != "" && (c.IPv6 || host == "") {
		host = six
	}
	if host != "" {
		if _, err := netip.ParseAddr(host); err != nil {
			return "", fmt.Errorf("not an IP address, got %q", host)
		}
	} else if host = attributes["AWS_INSTANCE_CNAME"]; host == "" {
		return "", fmt.Errorf("it has none of AWS_INSTANCE_IPV4, AWS_INSTANCE_IPV6 and AWS_INSTANCE_CNAME")
	}
	port := c.Port
	if text, has := attributes["AWS_INSTANCE_PORT"]; has {
		p, err := strconv.Atoi(text)
		if err != nil || p < 1 || p > 65535 {
			return "", fmt.Errorf("AWS_INSTANCE_PORT is not a port, got %q", text)
		}
		port = p
	}
	if port == 0 {
		return "", fmt.Errorf("it has no AWS_INSTANCE_PORT, and no Port is given")
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// zone prefers the ID to the name. A wrong one is no zone: such an endpoint is called last, and not never.
func (c Config) zone(attributes map[string]string) (string, error) {
	if id, has := attributes[AttributeZoneID]; has {
		if err := zone.Check(id); err != nil {
			return "", fmt.Errorf("%s: %w", AttributeZoneID, err)
		}
		return id, nil
	}
	name, has := attributes[AttributeZoneName]
	switch id, known := c.ZoneIDs[name]; {
	case !has:
		return "", fmt.Errorf("it has neither %s nor %s", AttributeZoneID, AttributeZoneName)
	case known:
		return id, nil
	case zone.IsID(name):
		return name, nil
	default:
		return "", fmt.Errorf("ZoneIDs lacks its %s, got %q", AttributeZoneName, name)
	}
}
