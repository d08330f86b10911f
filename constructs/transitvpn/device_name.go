package transitvpn

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// maxDeviceName is how many characters a customer gateway's device name may have (EC2 API Reference,
// CreateCustomerGateway).
const maxDeviceName = 255

// deviceName names a device of the site. EC2 takes customer gateways of equal address, ASN and device name for one
// object: a second stack would get the first one's, and delete it when it goes. So the stack's name, which is unique in
// its account and Region, is part of the name.
func (s *Site) deviceName(gateway string) string {
	name := stackName(awscdk.Stack_Of(s)) + "-" + s.name + "-" + gateway
	if len(name) <= maxDeviceName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	suffix := "-" + hex.EncodeToString(sum[:4])
	return name[:maxDeviceName-len(suffix)] + suffix
}

// stackName is a stack's name. That of a nested stack is known only when CloudFormation has made it, so it is told by the
// stack around it.
func stackName(s awscdk.Stack) string {
	if outer := s.NestedStackParent(); outer != nil {
		return stackName(outer) + "-" + *s.Node().Id()
	}
	return *s.StackName()
}
