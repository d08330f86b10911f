// Command webhook-lambda is the Lambda function that posts what an SNS topic for alarms receives to an HTTPS address, in Slack's
// form. The address is a secret: it is read from AWS Secrets Manager when a message is to be sent, and stands nowhere else.
package main

import (
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/webhook"
)

func main() {
	log := lambdax.NewLogger(os.Stdout)
	h := &handler{
		secret: os.Getenv(webhook.EnvSecret),
		read:   reader(os.Getenv(webhook.EnvRegion)),
		poster: &webhook.Poster{Client: webhook.NewClient(http.DefaultTransport), Log: log},
		log:    log,
	}
	lambda.Start(h.handle)
}
