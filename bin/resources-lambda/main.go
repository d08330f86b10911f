// Command resources-lambda is the one Lambda function behind every custom resource of pathproof: facts of a VPN
// connection, transit gateway associations, the acceptance of transit gateway peerings, and DNS over VPC peerings.
// It is the only program that imports service/ec2 of the AWS SDK, which takes a minute to compile.
package main

import (
	"io"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	log := newLogger(os.Stdout)
	h := &handler{
		connect: connector(),
		answers: &responder{client: &http.Client{}, pace: production, log: log},
		pace:    production,
		log:     log,
	}
	lambda.Start(h.handle)
}

// newLogger writes JSON lines with the keys by which Lambda's own log filter knows time and level.
func newLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				a.Key = "timestamp"
			}
			return a
		},
	}))
}
