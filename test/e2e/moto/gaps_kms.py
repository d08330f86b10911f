"""KMS signs what a message's digest is, if it is told that the message is one; moto would make a digest of the digest."""
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey, RSAPrivateKey

from gaps import patch

_asked = threading.local()


@patch(KmsResponse)
def sign(original, self):
    _asked.digest = self._get_param("MessageType") == "DIGEST"
    try:
        return original(self)
    finally:
        _asked.digest = False


def digested(name):
    """The digest of an algorithm such as ECDSA_SHA_256, made already or still to be made."""
    algorithm = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[name.rsplit("_", 1)[-1]]()
    return utils.Prehashed(algorithm) if getattr(_asked, "digest", False) else algorithm


def signer(cls):
    """Signs with the digest as it was asked for, in place of a class's own method."""
    def register(f):
        cls.sign = f
        return f
    return register


@signer(ECDSAPrivateKey)
def _ecdsa(self, message, signing_algorithm):
    return self.private_key.sign(message, ec.ECDSA(digested(signing_algorithm)))


@signer(RSAPrivateKey)
def _rsa(self, message, signing_algorithm):
    algorithm = digested(signing_algorithm)
    plain = getattr(algorithm, "_algorithm", algorithm)
    pad = padding.PKCS1v15() if "PKCS1" in signing_algorithm else padding.PSS(mgf=padding.MGF1(plain), salt_length=plain.digest_size)
    return self.private_key.sign(message, pad, algorithm)
