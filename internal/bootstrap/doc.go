// Package bootstrap writes what a machine does at its first boot, as #cloud-config text for EC2's user data.
//
// It is pure: values go in, text comes out. No secret is among the values, because user data is readable by whoever may
// describe an instance: a machine fetches its own keys with its role. Values that only a deployment knows may be tokens
// of CDK; they are all in one file, [EnvFile], and nowhere else.
//
// # How a machine starts
//
// cloud-init writes files and runs one command, which is therefore also the last one: cloud-init says "done" after any
// other that failed. That command starts pathproof-boot.service, which runs the steps of the role in order, at this and
// at every later boot, stops at the first that fails, says which, and tries again. A step runs under
// bash -euo pipefail, any number of times, and has every value of [EnvFile] in its environment.
//
// pathproof-health.timer looks at the machine twice a minute: the boot and every check of the role. Its verdict is in
// /run/pathproof/health ("healthy", or "unhealthy: " and why), and in CloudWatch as the metric Healthy.
package bootstrap
