// Package probe measures network paths: what a round trip takes, what gets lost and why, and whether the figures can be
// trusted.
//
// A [Plan] names paths, each with a [Prober]: [TCP], [TCPEcho], [UDPEcho], [HTTP], [DNSProbe] or [ICMP]. [Run] probes
// them interleaved, by a schedule that waits for nobody, and returns a [Result] with every [Sample]. Statistics and
// judgement are made of the samples elsewhere. [Server] is the target for echo probes.
//
// What it takes care of:
//
//   - The kernel's clock measures wherever the kernel tells; each sample says whose clock it was.
//   - A SYN that had to be sent again is no latency, a failure of this machine is no loss, and a redirect is no success.
//   - Slots are never skipped. How late each was is recorded, and whether this machine was fit to measure is judged.
//   - Source ports tell parallel ways apart, as far as the target saw them as we sent them.
package probe
