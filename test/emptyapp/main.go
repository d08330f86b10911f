// Command emptyapp is a Go CDK app with one empty stack: what every Go CDK program costs. The benchmark compares with it.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	_ "github.com/pathproof/pathproof/internal/cdkenv"
	"github.com/pathproof/pathproof/internal/cdkx"
)

func main() {
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(os.Args[1])})
	awscdk.NewStack(app, jsii.String("Empty"), nil)
	app.Synth(nil)
	cdkx.Close()
}
