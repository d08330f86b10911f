// Command probe-lambda is the gate and its vantages: one program, which knows by its function's handler what it is. A
// vantage runs in a subnet, probes what it is asked to and calls nothing of AWS. The gate runs outside any VPC, asks the
// vantages, judges, and answers CloudFormation, CodePipeline, a schedule or the command line. docs/GATE.md describes both.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
)

func main() {
	log := lambdax.NewLogger(os.Stdout)
	switch handler := os.Getenv("_HANDLER"); handler {
	case gate.HandlerVantage:
		lambda.Start(newVantage(os.Getenv, log).handle)
	case gate.HandlerGate:
		lambda.Start(newGateFunction(os.Getenv, readDocument, os.Stdout, log).handle)
	default:
		log.Error("unknown handler", "got", handler, "want", []string{gate.HandlerVantage, gate.HandlerGate})
		os.Exit(1)
	}
}

// readDocument reads the gate's document from where Lambda unpacks the function's asset.
func readDocument() ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(os.Getenv("LAMBDA_TASK_ROOT"), gate.ConfigFile))
	if err != nil {
		return nil, fmt.Errorf("the gate's document is missing from the function's asset: %w", err)
	}
	return b, nil
}
