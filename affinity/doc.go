// Package affinity calls a service in the caller's own Availability Zone, and survives the loss of one.
package affinity
