// Package lambdax is what pathproof's Lambda functions have in common: requests of CloudFormation's custom resources and
// their answers, waits that know their deadline, and the log.
package lambdax
