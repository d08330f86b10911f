package pki

import (
	"testing"

	"github.com/pathproof/pathproof/internal/propstest"
)

func TestStoreProps_Validate(t *testing.T) {
	good := StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main", SecretName: "pathproof/shop/pki/main/tls-crypt"}
	propstest.Only(t, good.Validate(), "")
	propstest.Only(t, StoreProps{KeyAlias: good.KeyAlias, SecretName: good.SecretName}.Validate(), `name: not a name, got ""`)
	propstest.Only(t, StoreProps{Name: "Main", KeyAlias: good.KeyAlias, SecretName: good.SecretName}.Validate(), `name: not a name, got "Main"`)
	propstest.Only(t, StoreProps{Name: "main", KeyAlias: "pathproof", SecretName: good.SecretName}.Validate(), `keyAlias: not an alias of a key, got "pathproof"`)
	propstest.Only(t, StoreProps{Name: "main", KeyAlias: good.KeyAlias, SecretName: "a b"}.Validate(), `secretName: not a name of a secret, got "a b"`)
	second := good
	second.ClientVPNKeyAlias = "alias/pathproof-shop-main/client-vpn"
	propstest.Only(t, second.Validate(), "")
	second.ClientVPNKeyAlias = good.KeyAlias
	propstest.Only(t, second.Validate(), `clientVpnKeyAlias: not an alias of another key, got "alias/pathproof-shop-main"`)
}
