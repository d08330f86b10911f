package naming

import (
	"crypto/sha256"
	"encoding/hex"
)

// maxDeviceName is how many characters a customer gateway's device name may have (EC2 API Reference,
// CreateCustomerGateway).
const maxDeviceName = 255

// DeviceName names a device of a site. EC2 takes customer gateways of equal address, ASN and device name for one object: a
// second stack would get the first one's, and delete it when it goes. So the stack's name, which is unique in its account
// and Region, is part of the name.
func DeviceName(stack, site, gateway string) string {
	name := stack + "-" + site + "-" + gateway
	if len(name) <= maxDeviceName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	suffix := "-" + hex.EncodeToString(sum[:4])
	return name[:maxDeviceName-len(suffix)] + suffix
}
