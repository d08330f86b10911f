// Package stats turns the times of probes into statements that the sample size supports.
//
// A series is a slice of Latency with one element for each planned probe, in the order of sending: its place is its slot.
// Compared series of one interleaved run have the same slots. A time is integer nanoseconds, like time.Duration; nothing
// is rounded to floating point on the way from a measurement to a percentile.
//
// Percentiles are nearest ranks: the ceil(q*n)-th smallest value, always one that was measured. Probes that never came
// back rank as infinite, or losing slow packets would make a path look faster. Confidence intervals of percentiles come
// from the binomial distribution of ranks and assume no shape; where n is too small for a bound there is none, and NeedN
// says how many samples it takes. They do assume independent samples: times that hang on to their neighbors carry less
// information than their number says. Everything that the package gets from resampling keeps neighbors together.
//
// The package is pure: the same series and seed give the same results on every machine.
package stats
