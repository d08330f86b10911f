// Command resources-lambda is the one Lambda function behind every custom resource of pathproof: facts of a VPN
// connection, transit gateway associations, the acceptance of transit gateway peerings, DNS over VPC peerings, and the
// certificates of VPN servers, which a schedule renews.
// It is the only program that imports service/ec2 of the AWS SDK, which takes a minute to compile.
package main

import (
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pathproof/pathproof/internal/lambdax"
)

func main() {
	log := lambdax.NewLogger(os.Stdout)
	h := &handler{
		connect: lambdax.Lazy(connect),
		answers: &lambdax.Responder{Client: &http.Client{}, Log: log},
		pace:    production,
		log:     log,
	}
	lambda.Start(h.handle)
}
