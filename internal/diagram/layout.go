package diagram

import (
	"github.com/pathproof/pathproof/internal/topology"
)

// Measures of the picture, in pixels.
const (
	margin      = 20
	titleHeight = 66
	bandGap     = 20   // between two Regions
	bandPad     = 14   // in a Region, around what stands in it
	bandHead    = 4    // below a Region's name
	noteHeight  = 16   // of the line above networks without a transit gateway
	cellGap     = 14   // between two networks, or two boxes outside
	busRoom     = 22   // between a gateway and its networks
	minNetwork  = 120  // width of a network's box
	maxNetwork  = 190  // longer rows are broken
	maxBox      = 236  // of any other box
	minWidth    = 760  // of the picture, for the lists below
	maxWidth    = 1640 // of the picture, unless one column of networks needs more
)

// box is a card at its place.
type box struct {
	rect
	node  string
	kind  string // class
	alias string // of the Region it stands in
	tip   string // shown under the pointer
	card  *card
}

// band is a Region's part of the picture.
type band struct {
	rect
	region topology.Region
	head   *card
	frames []rect  // around a transit gateway and its segments
	note   *placed // above the networks that are attached to none
}

// bus is the line on which a row of networks hangs.
type bus struct {
	segment *box
	y       int
	cells   []*box
	numbers []int // of the paths along it
}

// sizes are the widths of the boxes, equal for all of a kind.
type sizes struct {
	network, gateway, left, right int
	band                          int // what a Region needs at least
	columns                       int // of networks beside a gateway
}

// layout is a picture's boxes and lines. Boxes of Regions stand relative to the Regions' left side until arrange knows it.
type layout struct {
	m     *model
	size  sizes
	bands []*band
	boxes []*box
	// at is the box of a node: the first one, where its other lines start.
	at     map[string]*box
	buses  []*bus
	pipes  []*pipe
	exits  map[string]pin // of networks with peerings, by node
	left   channel
	right  channel
	y      int // where the next thing in a Region stands
	leftY  int // where the next box at the left stands
	bottom int // of the boxes at the right
	width  int
}

// newLayout arranges a plan in the number of columns that makes it about as high as wide, and no more of them than the
// same number of rows needs.
func newLayout(m *model) *layout {
	best := layoutIn(m, 1)
	longest := best.longestRow()
	for columns := 2; columns <= longest && best.y > best.width; columns++ {
		l := layoutIn(m, columns)
		if l.width > maxWidth {
			break
		}
		best = l
	}
	rows := (longest + best.size.columns - 1) / best.size.columns
	return layoutIn(m, (longest+rows-1)/rows)
}

func layoutIn(m *model, columns int) *layout {
	l := &layout{m: m, at: map[string]*box{}, exits: map[string]pin{}, y: titleHeight, leftY: titleHeight}
	l.measure(columns)
	l.arrange()
	return l
}

// measure finds the widths of boxes: what their widest row needs, within limits.
func (l *layout) measure(columns int) {
	l.size = sizes{network: minNetwork, columns: columns}
	grow := func(to *int, rows []row, most int) { *to = max(*to, min(naturalWidth(rows), most)) }
	for _, r := range l.m.plan.Regions {
		l.size.band = max(l.size.band, min(naturalWidth([]row{{spans: regionSpans(r)}})+bandPad, 2*maxBox))
	}
	for _, n := range l.m.plan.Networks {
		grow(&l.size.network, l.m.networkCard(n), maxNetwork)
	}
	for _, t := range l.m.plan.TransitGateways {
		grow(&l.size.gateway, gatewayCard(t), maxBox)
		for _, s := range t.Segments {
			grow(&l.size.gateway, l.m.segmentCard(t, s), maxBox)
		}
	}
	for _, s := range l.m.plan.Sites {
		grow(&l.size.left, l.m.siteCard(s), maxBox)
	}
	for _, j := range l.m.joints {
		to := &l.size.left
		if joinsNetworks(j.peerings[0]) {
			to = &l.size.right
		}
		grow(to, l.m.jointCard(j), maxBox)
	}
}

// longestRow is the number of columns beyond which nothing would become lower.
func (l *layout) longestRow() int {
	longest := 1
	for _, t := range l.m.plan.TransitGateways {
		for _, s := range t.Segments {
			longest = max(longest, len(networksOf(s)))
		}
	}
	for _, r := range l.m.plan.Regions {
		longest = max(longest, len(l.m.unattached(r.Alias)))
	}
	return longest
}

// arrange places everything from top to bottom, then the channels between, then what is right of them.
func (l *layout) arrange() {
	for _, r := range l.m.plan.Regions {
		l.band(r)
	}
	l.joinNetworks()
	l.left.assign()
	l.right.assign()
	x := margin
	if l.size.left > 0 {
		x += l.size.left + l.left.width()
	}
	w := l.bandWidth()
	for _, b := range l.bands {
		b.x, b.w = x, w
		for i := range b.frames {
			b.frames[i].x += x
		}
	}
	for _, b := range l.boxes {
		if b.alias != "" {
			b.x += x
		}
	}
	l.left.place(x, -1)
	l.right.place(x+w, 1)
	l.width = x + w + margin
	if l.size.right > 0 {
		l.width += l.right.width() + l.size.right
	}
	for _, b := range l.boxes {
		if b.kind == "vpcpeering" {
			b.x = l.width - margin - l.size.right
		}
	}
	l.width = max(l.width, minWidth)
	l.y = max(l.y-bandGap, l.leftY-cellGap, l.bottom)
}

// gridX is where networks beside a gateway start, relative to their Region.
func (l *layout) gridX() int {
	if l.size.gateway == 0 {
		return bandPad
	}
	return bandPad + l.size.gateway + busRoom
}

func (l *layout) bandWidth() int {
	return max(l.size.band, l.gridX()+l.size.columns*(l.size.network+cellGap)-cellGap+bandPad)
}

// add puts a box into the picture.
func (l *layout) add(b *box) *box {
	l.boxes = append(l.boxes, b)
	if l.at[b.node] == nil {
		l.at[b.node] = b
	}
	return b
}
