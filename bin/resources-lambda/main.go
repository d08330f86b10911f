// Command resources-lambda is the Lambda function behind every custom resource of pathproof: facts of a VPN connection, transit
// gateway associations, the acceptance of transit gateway peerings, DNS over VPC peerings, facts of a Client VPN
// endpoint, ids of images and prefix lists of Amazon's, certificates of VPN servers and Client VPN endpoints and their lists of revoked
// certificates, which a schedule renews. As a second function with a role
// of its own, told by its handler, it checks what sites announce by BGP. The AWS SDK's service/ec2, which takes a minute to
// compile, is the reason that this is one program.
package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

func main() {
	log := lambdax.NewLogger(os.Stdout)
	if os.Getenv("_HANDLER") == vpnwatch.HandlerPrefixes {
		clouds := lambdax.Lazy(connect)
		c := &checker{metrics: os.Stdout, log: log, now: time.Now, connect: func(ctx context.Context) (routesAPI, error) {
			c, err := clouds(ctx)
			if err != nil {
				return nil, err
			}
			return c.routes(), nil
		}}
		lambda.Start(c.handle)
		return
	}
	h := &handler{
		connect: lambdax.Lazy(connect),
		answers: &lambdax.Responder{Client: &http.Client{}, Log: log},
		pace:    production,
		log:     log,
	}
	lambda.Start(h.handle)
}
