package awsdata

import "testing"

func TestIsRegionCode(t *testing.T) {
	for _, code := range append(Regions(), "eusc-de-east-1", "us-gov-west-1", "us-iso-east-1", "cn-northwest-1") {
		if !IsRegionCode(code) {
			t.Errorf("%s is no Region code", code)
		}
	}
	for _, other := range []string{"", "Tokyo", "ap-northeast", "apne2-az1", "ap-northeast-2a", "europe-west-1", "us-west-2 "} {
		if IsRegionCode(other) {
			t.Errorf("%q is a Region code", other)
		}
	}
}
