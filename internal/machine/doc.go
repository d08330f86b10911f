// Package machine defines what the instances of every topology have in common: a role that Session Manager can reach, a launch
// template without a key pair, and an auto scaling group that replaces its instances when the template changes.
package machine
