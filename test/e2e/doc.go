// Package e2e deploys whole networks with the real programs, the CDK CLI among them, against moto: a stand-in for AWS on
// this machine, with CloudFormation's own rules from the folder moto. It changes and destroys them, and reads everything
// back by AWS's APIs. docs/E2E.md tells what that proves and what not. `make e2e` runs it; `go test ./...` does not.
package e2e
