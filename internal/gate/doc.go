// Package gate holds what the gate, its vantages and their callers say to each other. The gate is one Lambda function
// outside any VPC; a vantage is one Lambda function in one subnet. The gate asks the vantages to measure ([VantageRequest],
// [VantageResponse]), judges what they found ([Report]) and answers whoever asked: CloudFormation, CodePipeline, a schedule
// or the command line ([Event]).
//
// Everything the gate knows is one document, [Config]. It is written at synth into the folder of the function's asset, as
// the file [ConfigFile], because a network's paths soon exceed the 4 KB that a function's environment may have, and because
// a file of the asset needs no call, no permission and no second deployment. The few values that only a deployment knows
// are placeholders in it, ${Name}, and the environment variable [EnvValues] resolves them.
//
// The package is pure: no AWS SDK, no CDK, no configuration file, no plan.
package gate
