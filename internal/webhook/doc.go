// Package webhook turns what an SNS topic for alarms receives into messages in Slack's form and posts them to an address that is
// a secret. It knows nothing of AWS's APIs: bin/webhook-lambda is the function around it.
package webhook

import "time"

// Environment variables of the function.
const (
	EnvSecret = "PATHPROOF_WEBHOOK_SECRET" // name or ARN of the secret that holds the address
	EnvRegion = "PATHPROOF_WEBHOOK_REGION" // where it is
)

// FunctionTimeout is the function's time limit. Posting gives up before it, so that the function says why.
const FunctionTimeout = 30 * time.Second
