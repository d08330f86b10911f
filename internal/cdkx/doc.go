// Package cdkx is the thin layer between this module and AWS CDK: what every construct and the app need and CDK for Go
// does not offer. Nothing here decides anything about a network.
package cdkx
