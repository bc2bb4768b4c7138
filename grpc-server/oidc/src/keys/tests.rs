//! Signatures of real keys: of the example of RFC 7515 for RSA, and of keys that are made here.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use serde_json::json;

use super::*;

/// RFC 7515, appendix A.2.
const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
    T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg\
    665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const SIGNED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
    yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbd\
    s9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi\
    12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

fn keys(set: Value) -> Keys {
    Keys::from(serde_json::from_value::<KeySet>(set).expect("is a set"))
}

fn decoded(text: &str) -> Vec<u8> {
    encoding::bytes(text).expect("is base64")
}

#[test]
fn the_example_of_the_standard_is_verified_by_its_algorithm_alone() {
    let keys = keys(json!({"keys": [{"kty": "RSA", "n": MODULUS, "e": "AQAB"}]}));
    let (message, signature) = (SIGNED.as_bytes(), decoded(SIGNATURE));
    assert_eq!(keys.verify(("RS256", None), message, &signature), Ok(()));
    assert_eq!(keys.verify(("RS512", None), message, &signature), Err(TokenFault::Signature));
    assert_eq!(keys.verify(("PS256", None), message, &signature), Err(TokenFault::Signature));
    assert_eq!(keys.verify(("ES256", None), message, &signature), Err(TokenFault::Key));
    assert_eq!(keys.verify(("RS256", None), b"another", &signature), Err(TokenFault::Signature));
    for algorithm in ["none", "None", "HS256", "RS1", ""] {
        let checked = keys.verify((algorithm, None), message, &signature);
        assert_eq!(checked, Err(TokenFault::Algorithm), "{algorithm}");
    }
}

#[test]
fn curves_are_verified_with_the_key_of_the_id() {
    let random = SystemRandom::new();
    let message = b"a message";
    let mut published = Vec::new();
    let mut signed = Vec::new();
    let curves: [(&str, &str, &EcdsaSigningAlgorithm); 2] = [
        ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
    ];
    for (algorithm, curve, signing) in curves {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &random).expect("is made");
        let pair = EcdsaKeyPair::from_pkcs8(signing, pkcs8.as_ref(), &random).expect("is read");
        let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
        let (x, y) = (encoding::text(x), encoding::text(y));
        published.push(json!({"kty": "EC", "crv": curve, "kid": algorithm, "x": x, "y": y}));
        let signature = pair.sign(&random, message).expect("is signed");
        signed.push((algorithm, signature.as_ref().to_vec()));
    }
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("is made");
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("is read");
    let x = encoding::text(pair.public_key().as_ref());
    published.push(json!({"kty": "OKP", "crv": "Ed25519", "kid": "EdDSA", "x": x}));
    signed.push(("EdDSA", pair.sign(message).as_ref().to_vec()));
    let keys = keys(json!({ "keys": published }));
    for (algorithm, signature) in &signed {
        assert_eq!(keys.verify((algorithm, Some(algorithm)), message, signature), Ok(()));
        assert_eq!(keys.verify((algorithm, None), message, signature), Ok(()));
        let unknown = keys.verify((algorithm, Some("another")), message, signature);
        assert_eq!(unknown, Err(TokenFault::Key));
        let mut changed = signature.clone();
        changed[7] ^= 1;
        assert_eq!(keys.verify((algorithm, None), message, &changed), Err(TokenFault::Signature));
    }
}

#[test]
fn a_key_for_something_else_or_of_an_unknown_kind_is_left_out() {
    let rsa = |more: Value| {
        let mut key = json!({"kty": "RSA", "n": MODULUS, "e": "AQAB"});
        key.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
        keys(
            json!({ "keys": [{"kty": "EC", "crv": "secp256k1"}, {"kty": "oct", "k": "AA"}, 7, key] }),
        )
    };
    let verify = |keys: &Keys| keys.verify(("RS256", None), SIGNED.as_bytes(), &decoded(SIGNATURE));
    assert_eq!(verify(&rsa(json!({"use": "sig", "alg": "RS256"}))), Ok(()));
    assert_eq!(verify(&rsa(json!({"use": "enc"}))), Err(TokenFault::Key));
    assert_eq!(verify(&rsa(json!({"alg": "RS512"}))), Err(TokenFault::Key));
    assert_eq!(verify(&rsa(json!({"n": "AQAB"}))), Err(TokenFault::Signature), "a short key");
    assert_eq!(verify(&Keys::default()), Err(TokenFault::Key));
}
