// Package textgrid aligns tables of text without spaces at the ends of lines, which text/tabwriter leaves there.
package textgrid

import (
	"strings"
	"unicode/utf8"
)

// Write writes rows of cells in columns, each as wide as its widest cell, with two spaces between. The last cell of a row is as long as it is
// and widens nothing.
func Write(b *strings.Builder, grid [][]string) {
	var widths []int
	for _, row := range grid {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(row)-1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for _, row := range grid {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", max(widths[i]-utf8.RuneCountInString(cell), 0)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
