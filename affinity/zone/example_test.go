package zone_test

import (
	"context"
	"fmt"

	"github.com/pathproof/pathproof/affinity/zone"
)

// On Fargate the task knows its zone by name only; names mean different zones in different accounts, so the table is the account's.
func ExampleDetect() {
	found, err := zone.Detect(context.Background(), zone.Config{
		IDOf: zone.Table(map[string]string{"ap-northeast-2a": "apne2-az1", "ap-northeast-2b": "apne2-az2"}),
		// Getenv stands in for the environment here; leave it out.
		Getenv: func(name string) string { return map[string]string{zone.EnvID: "apne2-az2"}[name] },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, says %s\n", found.ID, found.From)
	// Output: apne2-az2, says the environment variable PATHPROOF_ZONE_ID
}

func ExampleCheck() {
	fmt.Println(zone.Check("apne2-az1"))
	fmt.Println(zone.Check("APNE2-AZ1"))
	// Output:
	// <nil>
	// an Availability Zone ID is written in lower case, got "APNE2-AZ1"; give apne2-az1
}
