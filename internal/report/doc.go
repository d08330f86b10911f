// Package report turns what a probe run measured into a judged report, and writes it.
//
// [Judge] fills in what a [probe.Result] leaves open: percentiles with intervals, losses, comparisons, objectives, the
// verdict and the exit status. [Write] renders a judged result; everything it shows is in the result, so that a document
// read by [Read] looks like the run that made it. [Merge] puts the results of several vantages into one.
//
// No format ever holds an infinite number or one that is none: what is not known, or infinite because probes were lost,
// is said in words or left out.
package report
