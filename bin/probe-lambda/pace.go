package main

import "time"

// pace holds every duration of the gate, so that tests can choose others.
type pace struct {
	// margin is what is left of an invocation's time for storing and answering; never more than a quarter of it.
	margin time.Duration

	backoff, backoffCap time.Duration // between tries to invoke a function

	// settle is how long an error may last that Lambda or IAM gives only because news travel: a permission just given is
	// not there, a function just made is not known.
	settle time.Duration

	// start is what an invocation may take beyond measuring: a cold start, and the way there and back.
	start time.Duration

	status time.Duration // for asking CloudFormation for a stack's state
	store  time.Duration // for reading or storing a report
}

var production = pace{
	margin:  20 * time.Second,
	backoff: time.Second, backoffCap: 10 * time.Second,
	settle: time.Minute,
	start:  30 * time.Second,
	status: 10 * time.Second,
	store:  10 * time.Second,
}
