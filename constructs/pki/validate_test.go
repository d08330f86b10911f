package pki

import (
	"testing"

	"github.com/pathproof/pathproof/internal/propstest"
)

func TestStoreProps_Validate(t *testing.T) {
	good := StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main"}
	propstest.Only(t, good.Validate(), "")
	propstest.Only(t, StoreProps{KeyAlias: good.KeyAlias}.Validate(), `name: not a name, got ""`)
	propstest.Only(t, StoreProps{Name: "Main", KeyAlias: good.KeyAlias}.Validate(), `name: not a name, got "Main"`)
	propstest.Only(t, StoreProps{Name: "main", KeyAlias: "pathproof"}.Validate(), `keyAlias: not an alias of a key, got "pathproof"`)
}
