// Package diagram draws a plan: as SVG, laid out by itself, or as a Mermaid flowchart. The same plan gives the same text.
//
// The SVG has sites and transit gateway peerings on the left, a band for each Region, and VPC peerings on the right. A
// transit gateway stands at the left of its Region's band with a compartment for each segment, and the networks of a
// segment hang on lines beside it: what belongs where is shown by place, so that a hundred networks need no more
// crossings than three. Text stands in boxes that were measured for it, and lines run only where no box can be:
// in the gaps between rows, and in the two channels beside the Regions.
package diagram
