// Package config reads pathproof.yaml and probe documents: the types of the files, a strict loader that reports every
// problem with its place, defaults, and the JSON Schema and reference text made from the types. It knows nothing about AWS beyond the
// form of names and ids; what a configuration means is internal/topology's subject.
package config
