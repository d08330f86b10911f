package gate

// Permission is something that a function's role has to allow. A test holds the program to these lists.
type Permission struct {
	Actions []string
	On      string // what the resource is; "*" where IAM knows none
	When    string // empty: always
	Why     string
}

// GatePermissions is everything that the gate calls, the logs of its runtime included. It can change nothing but its own
// reports and the state of a pipeline's own job.
func GatePermissions() []Permission {
	return []Permission{
		{Actions: []string{"lambda:InvokeFunction"}, On: "the functions of Config.Vantages, without a version", Why: "they measure"},
		{Actions: []string{"s3:PutObject"}, On: "BUCKET/" + ReportPrefix + "*", When: "there is a bucket", Why: "stores reports"},
		{Actions: []string{"s3:GetObject"}, On: "BUCKET/" + ReportPrefix + "*", When: "there is a bucket", Why: "answers an event that comes twice from what is stored"},
		{Actions: []string{"kms:GenerateDataKey", "kms:Decrypt"}, On: "the bucket's key", When: "the bucket has a key of the customer's", Why: "S3 asks for it in the caller's name"},
		{Actions: []string{"cloudformation:DescribeStacks"}, On: "the gate's own stack, arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/*", When: "it is a custom resource", Why: "knows a rollback"},
		{Actions: []string{"codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"}, On: "*", When: "a pipeline invokes it", Why: "answers the pipeline; IAM has no resource for jobs"},
		{Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, On: "its log group", Why: "logs and metrics"},
	}
}

// VantagePermissions is what a vantage's role needs. Its program calls nothing of AWS; the Lambda service makes its network
// interface with the function's role.
func VantagePermissions() []Permission {
	return []Permission{
		{Actions: []string{
			"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
			"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
		}, On: "*", Why: "the managed policy AWSLambdaVPCAccessExecutionRole; deny it to the function's own code by the condition lambda:SourceFunctionArn"},
		{Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, On: "its log group", Why: "logs; they leave without the VPC"},
	}
}
