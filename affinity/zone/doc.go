// Package zone finds out in which Availability Zone a program runs.
//
// Zones are told apart by their IDs, such as apne2-az1. A zone's name, such as ap-northeast-2a, may mean different zones in
// different accounts and is never compared with anything; [Detect] turns a name into an ID where it is given the means to.
package zone
