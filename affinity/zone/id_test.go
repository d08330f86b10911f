package zone

import (
	"strings"
	"testing"
)

func TestCheck_AcceptsIDsOfEveryKind(t *testing.T) {
	for _, id := range []string{"apne2-az1", "use1-az6", "usge1-az3", "euw2-az4", "usw2-lax1-az1", "use1-wl1-bos-wlz1", "mxc1-az10"} {
		if err := Check(id); err != nil || !IsID(id) || IsName(id) {
			t.Errorf("Check(%q) = %v, IsID %v, IsName %v", id, err, IsID(id), IsName(id))
		}
	}
}

func TestCheck_SaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "is empty",
		"ap-northeast-2a":   `a zone name where an Availability Zone ID is needed, got "ap-northeast-2a"`,
		"us-gov-west-1b":    "--zone-names us-gov-west-1b",
		"us-west-2-lax-1a":  "names mean different zones in different accounts",
		"US-EAST-1A":        "--zone-names us-east-1a",
		"APNE2-AZ1":         "lower case, got \"APNE2-AZ1\"; give apne2-az1",
		"apne2-az":          "not an Availability Zone ID",
		"az1":               "not an Availability Zone ID",
		"apne2-az1 ":        "not an Availability Zone ID",
		"apne2-az1\n":       "not an Availability Zone ID",
		"ap-northeast-2":    "not an Availability Zone ID",
		"apne2-az1.foo.com": "not an Availability Zone ID",
	} {
		if err := Check(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check(%q) = %v; want it to say %q", in, err, want)
		}
		if IsID(in) {
			t.Errorf("IsID(%q)", in)
		}
	}
}
