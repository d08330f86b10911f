package latencyprobe

import (
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdafn"
	"github.com/pathproof/pathproof/internal/naming"
)

const (
	// gateMemory: the gate waits most of the time, and compares paths by resampling at the end, which is CPU.
	gateMemory = 1024
	// answerMargin is how much longer than the function CloudFormation waits.
	answerMargin = time.Minute
)

// GateProps configures a Gate.
type GateProps struct {
	// FunctionName is the function's name, at most 64 characters, by which the command line and pipelines find it. A change
	// replaces the function. Required.
	FunctionName string
	// Code is the folder with the compiled function, a file named bootstrap for Linux on arm64. Required.
	Code string
	// Config is what the gate measures. Required.
	Config *Config
	// BucketName is the name of the bucket for reports, in any stack; see NewReportBucket. Required.
	BucketName *string
	// TopicArn is the SNS topic of the alarms. CloudWatch publishes to topics of its own Region only.
	// Default: the alarms tell nobody.
	TopicArn *string
	// Every is how often everything is measured, in whole minutes.
	// Default: after deployments and on demand only.
	Every time.Duration
	// DashboardName is the dashboard's name, which is unique in an account.
	// Default: pathproof- and the network's name.
	DashboardName string
	// Beside puts paths into one graph of the dashboard each, above the rows of single paths: those of the zones of one service, for example.
	// Default: none.
	Beside []BesideProps
	// DependsOn is what has to be there before anything is measured: vantages and targets of this stack.
	// Default: nothing.
	DependsOn []constructs.IDependable
}

// BesideProps are paths that a graph shows beside each other.
type BesideProps struct {
	// Title is the graph's. Required.
	Title string
	// Paths are their names in Config, each measured by a vantage; 2 or more. Required.
	Paths []string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p GateProps) Validate() error {
	var f cdkx.Fields
	requireName(&f, p.FunctionName)
	lambdafn.RequireCode(&f, p.Code)
	if config := requireConfig(&f, p.Config); config != nil {
		p.checkBeside(&f, config)
	}
	f.RequireText("bucketName", p.BucketName)
	if p.Every < 0 || p.Every%time.Minute != 0 || p.Every > 24*time.Hour {
		f.Addf("every", "not in whole minutes up to a day, got %s; EventBridge counts minutes", p.Every)
	}
	return f.Err()
}

func (p GateProps) checkBeside(f *cdkx.Fields, c *Config) {
	for i, b := range p.Beside {
		at := fmt.Sprintf("beside[%d]", i)
		if b.Title == "" {
			f.Addf(at+".title", "missing; say what is shown")
		}
		if len(b.Paths) < 2 {
			f.Addf(at+".paths", "want 2 or more, got %d; a single path has a row of its own", len(b.Paths))
		}
		for _, name := range b.Paths {
			if path := c.Path(name); path == nil || !path.MeasuredHere() {
				f.Addf(at+".paths", "not a path that the gate measures, got %q; give one with a vantage", name)
			}
		}
	}
}

// Gate is the function that has paths measured and judges them, with everything that calls it and shows its verdicts.
type Gate struct {
	constructs.Construct
	function awslambda.CfnFunction
	run      awscdk.CfnResource
	config   *Config
	props    GateProps
}

// NewGate defines a gate in scope. It panics if props are invalid; call Validate first.
func NewGate(scope constructs.Construct, id string, props *GateProps) *Gate {
	p := *orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	g := &Gate{props: p}
	constructs.NewConstruct_Override(g, scope, &id)
	var document []byte
	g.config, document, _ = resolved(p.Config)
	if p.DashboardName == "" {
		g.props.DashboardName = naming.DashboardName(g.config.Network)
	}
	g.defineFunction(document)
	g.defineRun(document)
	g.defineSchedule()
	g.defineAlarms()
	g.defineDashboard()
	return g
}

func (g *Gate) defineFunction(document []byte) {
	dir, err := assemble(g.props.Code, document)
	defer os.RemoveAll(dir)
	must(*g.Node().Path(), err)
	timeout := g.config.GateTimeout()
	f := &lambdafn.Function{Name: g.props.FunctionName, Description: fmt.Sprintf("Has the paths of %s measured and judges them", g.config.Network),
		Handler: gate.HandlerGate, Code: dir, Memory: gateMemory, Timeout: seconds(timeout),
		Environment: map[string]*string{gate.EnvBucket: g.props.BucketName}, Statements: g.statements(),
		Nag: "Reports have names of their own below one prefix, the ARN of a stack ends in an id that CloudFormation chooses, and IAM knows no " +
			"resource for the jobs of CodePipeline."}
	g.function = f.Define(g)
	// A request that Lambda could not start in time is answered already, by CloudFormation's own timeout.
	awslambda.NewCfnEventInvokeConfig(g, jsii.String("Invoke"), &awslambda.CfnEventInvokeConfigProps{FunctionName: g.function.Ref(),
		Qualifier: jsii.String("$LATEST"), MaximumEventAgeInSeconds: jsii.Number(seconds(timeout) + answerMargin.Seconds())})
}

// statements allow the gate what gate.GatePermissions lists: to ask exactly its vantages, to store reports, to know whether
// its own stack is going back, and to answer a pipeline's job.
func (g *Gate) statements() []any {
	stack := awscdk.Stack_Of(g)
	var functions []any
	for _, v := range g.config.Vantages {
		account := v.Account
		if account == "" {
			account = "${AWS::AccountId}"
		}
		functions = append(functions, lambdafn.Sub("arn:${AWS::Partition}:lambda:"+v.Region+":"+account+":function:"+v.Function))
	}
	reports := map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", g.props.BucketName, "/" + gate.ReportPrefix + "*"}}}
	list := []any{
		lambdafn.Allow([]string{"s3:PutObject", "s3:GetObject"}, reports),
		lambdafn.Allow([]string{"cloudformation:DescribeStacks"}, map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":cloudformation:",
			stack.Region(), ":", stack.Account(), ":stack/", stack.StackName(), "/*"}}}),
		lambdafn.Allow([]string{"codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"}, "*"),
	}
	if len(functions) > 0 {
		list = append(list, lambdafn.Allow([]string{"lambda:InvokeFunction"}, functions...))
	}
	return list
}

// defineRun has everything measured when something of it changes.
func (g *Gate) defineRun(document []byte) {
	timeout := seconds(g.config.GateTimeout()) + answerMargin.Seconds()
	g.run = awscdk.NewCfnResource(g, jsii.String(naming.Run), &awscdk.CfnResourceProps{Type: jsii.String(gate.ResourceType),
		Properties: &map[string]any{"ServiceToken": g.function.AttrArn(), "ServiceTimeout": timeout, gate.RunKeyProperty: gate.RunKey(document)}})
	if len(g.props.DependsOn) > 0 {
		g.run.Node().AddDependency(g.props.DependsOn...)
	}
}

func (g *Gate) defineSchedule() {
	if g.props.Every == 0 {
		return
	}
	rule := awsevents.NewCfnRule(g, jsii.String(naming.Schedule), &awsevents.CfnRuleProps{
		Description:        jsii.String("Measures the paths of " + g.config.Network),
		ScheduleExpression: jsii.String(cdkx.Rate(g.props.Every)), State: jsii.String("ENABLED"),
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Gate"), Arn: g.function.AttrArn()}}})
	awslambda.NewCfnPermission(g, jsii.String("ScheduleMayInvoke"), &awslambda.CfnPermissionProps{Action: jsii.String("lambda:InvokeFunction"),
		FunctionName: g.function.Ref(), Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn()})
	rule.Node().AddDependency(g.run) // the first run of a stack is that of its deployment
}

// Function returns the Lambda function.
func (g *Gate) Function() awslambda.CfnFunction { return g.function }

// Run returns the custom resource that measures, to depend on or to read: Fn::GetAtt gives Verdict, Summary, RunId, RunKey,
// Report and Paths.
func (g *Gate) Run() awscdk.CfnResource { return g.run }
