package zone

import (
	"fmt"
	"regexp"
	"strings"
)

// IDs are matched by their form and not against a list, because AWS opens new zones:
// use1-az1, usw2-lax1-az1 (a Local Zone), use1-wl1-bos-wlz1 (Wavelength).
var idForm = regexp.MustCompile(`^[a-z]+[0-9]+(-[a-z]+[0-9]*)*-(az|wlz)[0-9]+$`)

// Names are a Region and a letter: ap-northeast-2a, us-gov-west-1b, us-west-2-lax-1a.
var nameForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+(-[a-z0-9]+)*[a-z]$`)

// Check returns an error unless id has the form of an Availability Zone ID, such as apne2-az1. It says so when id is a zone's name.
func Check(id string) error {
	lower := strings.ToLower(id)
	switch {
	case idForm.MatchString(id):
		return nil
	case id == "":
		return fmt.Errorf("an Availability Zone ID is empty, got %q; give one such as apne2-az1", id)
	case nameForm.MatchString(lower):
		return fmt.Errorf("a zone name where an Availability Zone ID is needed, got %q; names mean different zones in different accounts: "+
			"give the zone's ID, such as apne2-az1, which `aws ec2 describe-availability-zones --zone-names %s` prints", id, lower)
	case idForm.MatchString(lower):
		return fmt.Errorf("an Availability Zone ID is written in lower case, got %q; give %s", id, lower)
	default:
		return fmt.Errorf("not an Availability Zone ID, got %q; give one such as apne2-az1", id)
	}
}

// IsID says whether s has the form of an Availability Zone ID.
func IsID(s string) bool { return idForm.MatchString(s) }

// IsName says whether s has the form of an Availability Zone's name, such as ap-northeast-2a.
func IsName(s string) bool { return nameForm.MatchString(s) && !idForm.MatchString(s) }
