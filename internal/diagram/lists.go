package diagram

import (
	"slices"
	"strings"
)

// Measures of the lists below the picture, in pixels.
const (
	sectionGap  = 22
	sectionHead = 24
	groupGap    = 6
	cellRoom    = 2
)

// drawSections draws the lists below the picture and returns where they end.
func (l *layout) drawSections(out *strings.Builder) int {
	at := point{margin - cardPad, l.y}
	for _, s := range l.m.sections() {
		at.y += sectionGap
		newCard([]row{rowOf(span{text: s.heading, style: styleHead})}, l.width, 0).draw(out, at)
		at.y += sectionHead
		for _, t := range s.tables {
			at.y += t.draw(out, at, l.width-2*margin+2*cardPad)
		}
	}
	return at.y
}

// draw draws a table and returns its height.
func (t table) draw(out *strings.Builder, at point, room int) int {
	top := at.y
	if t.heading == nil {
		for _, cells := range t.cells {
			at.y += drawCells(out, cells, t.columnWidths(room), at)
		}
		return at.y - top
	}
	at.y += groupGap
	at.y += drawCells(out, []row{{spans: t.heading}}, []int{room}, at)
	widths := t.equalWidths(room)
	for chunk := range slices.Chunk(t.cells, len(widths)) {
		at.y += drawCells(out, slices.Concat(chunk...), widths, at)
	}
	return at.y - top
}

// drawCells draws one line of cells and returns its height.
func drawCells(out *strings.Builder, cells []row, widths []int, at point) int {
	height := 0
	for i, cell := range cells {
		k := newCard([]row{cell}, widths[i], cellRoom)
		k.draw(out, at)
		at.x += widths[i]
		height = max(height, k.h)
	}
	out.WriteString("\n")
	return height
}

// columnWidths gives each column what its widest cell needs, at most a third of the room, and the last one the rest.
func (t table) columnWidths(room int) []int {
	widths := make([]int, len(t.cells[0]))
	for _, cells := range t.cells {
		for i, cell := range cells {
			widths[i] = max(widths[i], min(cell.naturalWidth()+2*cardPad, room/3))
		}
	}
	last := len(widths) - 1
	widths[last] = room
	for _, w := range widths[:last] {
		widths[last] -= w
	}
	return widths
}

// equalWidths is as many columns as there is room for.
func (t table) equalWidths(room int) []int {
	widest := 0
	for _, cells := range t.cells {
		widest = max(widest, cells[0].naturalWidth()+3*cardPad)
	}
	n := max(1, room/widest)
	return slices.Repeat([]int{room / n}, n)
}
