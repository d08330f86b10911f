// Package latencyprobe measures paths of a network from inside it, and judges what it measured. A [Vantage] is a Lambda
// function in one subnet, with the security groups of the workloads there. The [Gate] is a Lambda function outside any VPC: it
// asks the vantages, in whichever Regions they are, after each deployment (a custom resource), on a schedule, for
// CodePipeline and for whoever invokes it, stores a report, writes metrics and answers. Alarms and a dashboard show them.
//
//	vantage := latencyprobe.NewVantage(stack, "Vantage", &latencyprobe.VantageProps{FunctionName: "shop-vantage-app", Key: "app",
//		Code: ".build/probe", ZoneID: "apne2-az1", SubnetId: subnet, SecurityGroupIds: []*string{group}, Config: config})
//	bucket := latencyprobe.NewReportBucket(stack, "Reports", &latencyprobe.ReportBucketProps{})
//	latencyprobe.NewGate(stack, "Gate", &latencyprobe.GateProps{FunctionName: "shop-gate", Code: ".build/probe", Config: config,
//		BucketName: bucket.BucketName(), TopicArn: topic, DependsOn: []constructs.IDependable{vantage}})
//
// A [TargetInstance] answers probes where nothing else does yet. It is the pathproof command on a small instance:
//
//	latencyprobe.NewTarget(stack, "Target", &latencyprobe.TargetProps{Program: ".build/arm64/pathproof", ImageID: "ami-0123456789abcdef0",
//		ZoneID: "apne2-az1", SubnetId: subnet, PrivateIP: netip.MustParseAddr("172.29.0.110"), SecurityGroupIds: []*string{group}})
//
// Both functions are one program, bin/probe-lambda. Function names are fixed: the gate calls vantages of other Regions by
// name, so no value passes between Regions.
//
// The custom resource does not fail a deployment unless Config.Policy.OnDeploy says so and a path that lies wholly in the
// gate's own stack failed. It measures again when its configuration, or Config.Watched, changes.
//
// Lambda keeps network interfaces in the vantages' subnets, one for each pair of subnet and security groups, and gives them
// back up to 20 minutes after the function is gone; CloudFormation waits for that.
//
// Billed by AWS each month: an alarm for each path that a vantage measures and another one for each of them with an objective, one
// for the network, one dashboard, and invocations, which cost cents while only deployments measure. With Every, each path adds up to
// four custom metrics (one of its times, FailurePercent, SloPass, and ReadyWait where it waits), the gate five more, and
// runs: about 20 s of every vantage and of the gate for each with the default of 100 probes, 90 s where a path is dead. Storage of reports
// and logs is a few megabytes.
//
// A target is billed as one instance (t4g.nano unless you say otherwise, with CPU credits beyond its baseline, should it ever use
// them), its volume as large as the image says, and the data that crosses zones and Regions. Neither gateway endpoints for S3 nor
// wait conditions cost anything.
package latencyprobe
