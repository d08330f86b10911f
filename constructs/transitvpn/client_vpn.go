package transitvpn

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// ClientVpnAttachmentProps says how a Client VPN endpoint, which AWS attaches by itself, takes part in routing.
type ClientVpnAttachmentProps struct {
	// Name is the name of the endpoint; it stands in construct ids. Required.
	Name string
	// TransitGatewayAttachmentId is the id of the attachment that AWS made. Required.
	TransitGatewayAttachmentId *string
	// Segment is the segment that the attachment belongs to. Required.
	Segment string
	// PropagateTo are the segments that learn the pool of the endpoint.
	// Default: none.
	PropagateTo []string
}

// Validate reports every problem in p. It needs no Node.js.
func (p ClientVpnAttachmentProps) Validate() error {
	var f cdkx.Fields
	validateName(&f, "name", p.Name)
	if p.TransitGatewayAttachmentId == nil {
		f.Addf("transitGatewayAttachmentId", "missing; give the id, for example from customresource.ClientVpnFacts")
	}
	validateSegments(&f, p.Segment, p.PropagateTo)
	return f.Err()
}

// AttachClientVpn puts a Client VPN's attachment into its segment and lets it propagate. It panics if props are invalid or name a
// segment that does not exist.
func (t *TransitGateway) AttachClientVpn(props *ClientVpnAttachmentProps) *Attachment {
	id := naming.Attachment("clientVpn", props.Name)
	cdkx.MustBeValid(t, id, props.Validate())
	a := &Attachment{id: props.TransitGatewayAttachmentId}
	constructs.NewConstruct_Override(a, t, &id)
	t.route(a, props.Segment, props.PropagateTo, "")
	return a
}
