package awsdata

import "regexp"

var regionCode = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

// IsRegionCode reports whether s has the form of a Region's code, such as ap-northeast-2, us-gov-west-1 or eusc-de-east-1.
// The Region may be newer than Regions knows.
func IsRegionCode(s string) bool { return regionCode.MatchString(s) }
