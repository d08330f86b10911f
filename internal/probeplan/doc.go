// Package probeplan turns a probe document, or targets given as URLs, into what internal/probe measures and
// internal/report judges. It finds what is wrong with them together: targets that exclude each other, objectives that no
// outcome could prove, names that nothing has.
package probeplan
