package cloudmap_test

import (
	"context"
	"fmt"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/discover/cloudmap"
)

// Endpoints that Amazon ECS registered say their zone by name. The fake stands in for servicediscovery.NewFromConfig(awsConfig).
func Example() {
	client := &fake{}
	client.register("task-1", at("10.0.1.20", "8080", "AVAILABILITY_ZONE", "ap-northeast-2a"))
	client.register("task-2", at("10.0.2.20", "8080", "AVAILABILITY_ZONE", "ap-northeast-2b"))

	source, err := cloudmap.New(cloudmap.Config{
		Client: client, Namespace: "app", Service: "foo",
		ZoneIDs: map[string]string{"ap-northeast-2a": "apne2-az1", "ap-northeast-2b": "apne2-az2"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cache, err := discover.NewCache(discover.CacheConfig{Source: source})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cache.Close()

	answer, err := cache.Discover(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range answer.Endpoints {
		fmt.Println(e.Zone, e.Addr, e.ID)
	}
	// Output:
	// apne2-az1 10.0.1.20:8080 task-1
	// apne2-az2 10.0.2.20:8080 task-2
}
