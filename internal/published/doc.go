// Package published holds the figures of the 2019 article "Reducing Seoul-Tokyo latency, a failure story" and works out
// what they can and cannot support. The article compares paths by the average of 100 probes each, one path after the
// other, and names a winner. It publishes minimum, maximum and average, so the samples are gone; but inequalities bound
// the spread that any samples with these figures can have, and with it what could ever be told apart.
package published
