// Package slo is the language of latency objectives and their judge. An objective is one line:
//
//	p90(connect) < 75ms and fail < 5%
//	p50(peering.connect) < 0.9 * p50(vpn.connect) @warn
//
// The grammar:
//
//	expr  = term {"and" term}
//	term  = value cmp value ["@warn"]
//	value = number unit | [number "*"] fn "(" [path "."] phase ")" | "fail" | "synloss"
//	fn    = "min" | "max" | "avg" | "jitter" | "spread" | "p" percentile
//	cmp   = "<" | "<=" | ">" | ">=" | "=="
//	unit  = "us" | "ms" | "s" | "%"
//
// A phase without a path is one of the path that the objective belongs to. Percentiles and spread are of all probes, with
// lost ones as infinite; min, max, avg and jitter are of the answered ones. fail is the share of lost probes, synloss
// that of handshakes which took a second packet. min and max speak of the run alone: no sample bounds what may come.
//
// Parse finds what is wrong with the text, Check what is wrong with it for given paths: unknown names, objectives that
// contradict each other, and those that no outcome of the planned number of probes could prove. Evaluate judges each term
// by the confidence interval of what was measured.
package slo
