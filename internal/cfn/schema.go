package cfn

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed schemas.json
var schemasJSON []byte

// schema is one type of the extract.
type schema struct {
	CreateOnly  []string `json:"createOnly"`
	Conditional []string `json:"conditionalCreateOnly"`
	Replacement string   `json:"replacementStrategy"`
	// Refused are the properties whose change CloudFormation answers with an error.
	Refused []string `json:"-"`
	// Watched is the sorted union of all of these and of what the type's slot and attributes are made of.
	Watched []string `json:"-"`
}

type extract struct {
	Extracted string             `json:"extracted"`
	Source    string             `json:"source"`
	Types     map[string]*schema `json:"types"`
}

// schemas decodes the extract once and adds what this package knows besides.
var schemas = sync.OnceValue(func() *extract {
	x := &extract{}
	if err := json.Unmarshal(schemasJSON, x); err != nil {
		panic("internal/cfn/schemas.json: " + err.Error() + "; run make schemas")
	}
	for typ, c := range customTypes {
		x.Types[typ] = &schema{CreateOnly: slices.Clone(c.replacedBy), Refused: []string{serviceToken}}
	}
	for _, c := range corrections {
		if s := x.Types[c.typ]; s != nil {
			c.apply(s)
		}
	}
	for typ, s := range x.Types {
		s.Watched = slices.Concat(s.CreateOnly, s.Conditional, s.Refused, slotProperties(typ), customTypes[typ].follows())
		for _, l := range []*[]string{&s.CreateOnly, &s.Conditional, &s.Watched} {
			slices.Sort(*l)
			*l = slices.Compact(*l)
		}
	}
	return x
})

// of is the schema of a type; an unknown one has no properties that replace.
func of(typ string) *schema {
	if s := schemas().Types[typ]; s != nil {
		return s
	}
	if strings.HasPrefix(typ, "Custom::") {
		return &foreignCustom
	}
	return &schema{}
}

// foreignCustom is a custom resource of somebody else: its function decides when a new physical id replaces it.
var foreignCustom = schema{Refused: []string{serviceToken}, Watched: []string{serviceToken}}

// Known reports whether the package has the schema of a type. Compare takes an unknown type for one that never replaces.
func Known(typ string) bool { return schemas().Types[typ] != nil }

// CreateOnly lists the properties of a type whose change always replaces the resource, sorted.
func CreateOnly(typ string) []string { return slices.Clone(of(typ).CreateOnly) }

// MaybeCreateOnly lists the properties of a type whose change replaces the resource under conditions, sorted.
func MaybeCreateOnly(typ string) []string { return slices.Clone(of(typ).Conditional) }

// Watched lists the properties that Resource.Properties keeps for a type, sorted: those that replace the resource, and
// those that its slot is made of.
func Watched(typ string) []string { return slices.Clone(of(typ).Watched) }

// DeletesFirst reports whether a replacement of this type deletes the old resource before it creates the new one, as the
// schema's replacementStrategy tells CloudFormation to. All others are created first, and the old one is deleted when the
// rest of the stack is done.
func DeletesFirst(typ string) bool { return of(typ).Replacement == "delete_then_create" }

// Extracted tells the date of the schema extract, as 2006-01-02, and where it is from.
func Extracted() (date, source string) { return schemas().Extracted, schemas().Source }
